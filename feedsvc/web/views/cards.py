"""Entries as they stand in lists: small frozen values, so that templates only lay them out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc import markup, urls
from feedsvc.calls import rules, words
from feedsvc.calls.models import Call
from feedsvc.content.media import words as media_words
from feedsvc.content.models import Cluster, Entry, Translation
from feedsvc.content.rules import Localised
from feedsvc.content.words import MODEL_NAMES
from feedsvc.i18n import N_
from feedsvc.web.views import covers, leaves, marks, pictures, reading
from feedsvc.web.views.leaves import Badge, Leaf
from feedsvc.web.views.marks import Marks
from feedsvc.web.views.pictures import Picture
from feedsvc.web.views.reader import Reader

HOUSE_COLOUR = "#0b5d4e"  # of covers for news that belong to no cluster
EXCERPT = 170  # characters


@dataclass(frozen=True)
class Tag:
    """A cluster's name with its colour and page."""

    name: str
    colour: str
    address: str
    slug: str


@dataclass(frozen=True)
class Cap:
    """The money at the edge of a call: an amount, and what it is."""

    amount: str
    note: str


@dataclass(frozen=True)
class CallCard:
    """A call in a list. `foreign` is the language of its title when it is not the reader's.

    `found` says where the words of a search stand in it.
    """

    title: str
    address: str
    foreign: str
    meta: tuple[str, ...]
    leaf: Leaf
    badge: Badge
    when: str
    datetime: str
    distance: str
    cap: Cap | None
    example: bool
    summary: str
    found: Marks | None


@dataclass(frozen=True)
class NewsCard:
    """A news item in a list. `picture` is the address of its photo or its generated cover."""

    title: str
    address: str
    foreign: str
    at: datetime
    summary: str
    picture: str
    alt: str
    tags: tuple[Tag, ...]
    minutes: int  # to read
    found: Marks | None
    photo: Picture | None = None  # cut to the shape of a card; None for a drawn cover


def call_card(call: Call, reader: Reader, q: str = "") -> CallCard:
    """`q` are the words to mark."""
    found = reader.text(call)
    word = leaves.status(call, reader)
    shown = leaves.shown_date(call, word, reader)
    coming = word == "open" and shown is not None and shown.utc_at > reader.now
    return CallCard(
        title=found.text.title,
        address=reader.path(urls.call(found.text.slug)),
        foreign=reader.foreign(found),
        meta=tuple(_meta(call, reader)),
        leaf=leaves.leaf(call, reader),
        badge=leaves.badge(call, reader),
        when=words.moment(shown, reader.language) if shown else "",
        datetime=leaves.machine_date(shown) if shown else "",
        distance=leaves.distance(shown, reader) if shown and coming else "",
        cap=cap(call, reader),
        example=call.is_example,
        summary=summary(found),
        found=marks.marks(found.text, q),
    )


def news_card(item: Entry, reader: Reader, q: str = "") -> NewsCard:
    """`q` are the words to mark."""
    found = reader.text(item)
    return NewsCard(
        title=found.text.title,
        address=reader.path(urls.news_item(found.text.slug)),
        foreign=reader.foreign(found),
        at=item.publish_at or item.created_at,
        summary=summary(found),
        picture=picture(item, reader.media),
        alt=media_words.alt(item, found.text),
        tags=tags(item, reader),
        minutes=reading.minutes(found.text),
        found=marks.marks(found.text, q),
        photo=pictures.card(item.photo, reader.media) if item.photo else None,
    )


def tags(entry: Entry, reader: Reader) -> tuple[Tag, ...]:
    return tuple(tag(cluster, reader) for cluster in entry.clusters)


def tag(cluster: Cluster, reader: Reader) -> Tag:
    return Tag(
        name=reader.cluster(cluster).text.name,
        colour=cluster.colour,
        address=reader.path(urls.cluster(cluster.slug)),
        slug=cluster.slug,
    )


def picture(entry: Entry, media: str = urls.MEDIA) -> str:
    """The address of its photo, else of its generated cover; `media` is where photos are had."""
    if entry.photo is not None:
        return media + entry.photo.name
    colour = entry.clusters[0].colour if entry.clusters else HOUSE_COLOUR
    return covers.address(entry.uid, colour)


def summary(found: Localised[Translation]) -> str:
    """What the entry is about in a sentence or two, even if nobody wrote a summary."""
    return found.text.summary or markup.excerpt(found.text.body, EXCERPT)


def cap(call: Call, reader: Reader) -> Cap | None:
    """The most that one project can get, else what there is for all of them."""
    say, currency = reader.say, call.currency
    if call.award_max is not None:
        rate = words.cofinancing(call, reader.language)
        note = say(N_("%(rate)s of costs"), rate=rate) if rate else say(N_("at most per project"))
        return Cap(reader.language.money(call.award_max, currency), note)
    if call.total_budget is not None:
        return Cap(reader.language.money(call.total_budget, currency), say(N_("for all projects")))
    return None


def _meta(call: Call, reader: Reader) -> list[str]:
    parts = [reader.organisation(funder) for funder in call.funders[:2]]
    if call.programme and call.programme.name not in parts:
        parts.append(call.programme.name)
    if call.deadline_model != "single_stage":
        parts.append(reader.say(MODEL_NAMES[call.deadline_model]))
    if rules.invited_only(call, reader.now) and leaves.status(call, reader) in leaves.TONES:
        parts.append(reader.say(N_("invited applicants only")))
    return parts
