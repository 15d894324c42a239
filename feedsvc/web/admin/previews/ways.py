"""An entry in each of the ways in which it reaches readers, as it would be if it were public now.

It is made by what makes it for readers. Nothing is kept: the caller's session is not committed.
Pictures are had where those of drafts are; the sources have them where readers will.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from markupsafe import Markup

from feedsvc.calls import calendar, words
from feedsvc.calls import rules as call_rules
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.models import Entry
from feedsvc.feeds import atom, jsonfeed, rss
from feedsvc.feeds import entries as feed_entries
from feedsvc.feeds.entries import View
from feedsvc.feeds.model import FeedEntry
from feedsvc.i18n import N_
from feedsvc.reminders import compose, occasions, rules
from feedsvc.reminders.compose import Draft
from feedsvc.reminders.digests import compose as digest
from feedsvc.reminders.models import Occasion
from feedsvc.subscriptions.queries import Followed
from feedsvc.web import context, share_card
from feedsvc.web.views import cards, pictures, share_cards
from feedsvc.web.views.reader import Reader

MEDIA = "/admin/media/files/"  # where the pictures and documents of drafts are had
OVER = ("cancelled", "suspended", "closed", "archived")
SAMPLE_DAYS = 7  # the reminder that is shown is the one of a week before


@dataclass(frozen=True)
class FeedItem:
    """As a feed reader shows it, and as each format has it."""

    item: FeedEntry
    content: Markup
    sources: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shared:
    """A link as networks show it; `site` is the name of where it leads."""

    title: str
    summary: str
    image: str
    site: str


@dataclass(frozen=True)
class Event:
    """An event of a calendar."""

    name: str
    when: str
    url: str


def feed_item(entry: Entry, reader: Reader) -> FeedItem:
    view = View(site=reader.site, language=reader.language.code, now=reader.now)
    item = feed_entries.entry_of(entry, view)
    seen = feed_entries.entry_of(entry, replace(view, media=MEDIA))
    formats = (("Atom", atom), ("RSS", rss), ("JSON Feed", jsonfeed))
    sources = [(name, renderer.fragment(item).data.decode()) for name, renderer in formats]
    return FeedItem(item, Markup(seen.content), sources)  # noqa: S704 cleaned by `markup.html`


def card(entry: Entry, reader: Reader) -> Shared:
    """The photo, or else the picture that is drawn, with the words that networks set beside it."""
    found = reader.text(entry)
    if entry.photo is not None:
        image = pictures.shared(entry.photo, MEDIA)
    else:
        drawn = share_card.draw(share_cards.card_of(entry, reader))
        image = f"data:image/png;base64,{base64.b64encode(drawn).decode()}"
    return Shared(
        found.text.title, cards.summary(found), image, urlsplit(reader.absolute("/")).netloc
    )


def is_over(call: Call, reader: Reader) -> bool:
    """Whether it is cancelled or closed: nobody is written to of it any more."""
    return call_rules.status(call, reader.now) in OVER


def is_reminded(call: Call, reader: Reader) -> bool:
    """Whether it has a date ahead."""
    return _next(call, reader.now) is not None


def mail(entry: Entry, reader: Reader) -> Draft | None:
    """The mail about it: the reminder of a call, or what the digest of news and calls says of it."""
    if not isinstance(entry, Call):
        return _digest(entry, reader)
    return None if is_over(entry, reader) else reminder(entry, reader) or _digest(entry, reader)


def reminder(call: Call, reader: Reader) -> Draft | None:
    """The mail a week before its next date; None for a call of which nobody is reminded."""
    date = _next(call, reader.now)
    if date is None:
        return None
    deadline = occasions.deadline_of(date)
    at = max(reader.now, rules.told_at(deadline, SAMPLE_DAYS - 1) - timedelta(hours=24))
    occasion = Occasion(call=call, key_date=date, deadline_at=date.utc_at, days=SAMPLE_DAYS)
    title = reader.text(call).text.title
    because = Followed(
        uid="", title=title, path="", is_entry=True, offsets=(SAMPLE_DAYS,), confirmed=True
    )
    return compose.draft(
        [occasion], [because], code=reader.language.code, reader_zone=str(reader.zone),
        settings=context.settings(), at=at,
    )  # fmt: skip


def without_marks(text: str, reader: Reader) -> str:
    """With the site's address where each reader has links of their own."""
    home = reader.absolute("/")
    for mark in (
        compose.MANAGE, compose.STOP_ALL, compose.stop_mark(0), compose.mute_mark(0),
    ):  # fmt: skip
        text = text.replace(mark, home)
    return text


def events(call: Call, reader: Reader) -> Sequence[Event]:
    title = reader.text(call).text.title
    return [
        Event(
            f"{words.key_date_name(date, reader.language)}: {title}",
            words.moment(date, reader.language),
            compose.url(call, reader.language, context.settings()),
        )
        for date in call.key_dates
        if calendar.in_calendar(date)
    ]


def calendar_source(call: Call, reader: Reader) -> str:
    """The file that calendars fetch."""
    settings, language = context.settings(), reader.language
    title, url = reader.text(call).text.title, compose.url(call, language, settings)
    found = [
        calendar.date_event(call, date, title=title, url=url, language=language)
        for date in call.key_dates
        if calendar.in_calendar(date)
    ]
    return calendar.calendar_bytes(settings.site_name, found, language=language.code).decode()


def _digest(entry: Entry, reader: Reader) -> Draft:
    """As who has the week's news and calls gets it, if nothing else happened."""
    is_call = isinstance(entry, Call)
    followed = Followed(
        uid="", title=reader.say(N_("Calls for projects") if is_call else N_("News")), path="",
        is_entry=False, offsets=(), confirmed=True, digest="weekly",
    )  # fmt: skip
    return digest.draft(
        digest.issue([entry], [], reader.now), [followed], code=reader.language.code,
        reader_zone=str(reader.zone), settings=context.settings(), now=reader.now,
    )  # fmt: skip


def _next(call: Call, now: datetime) -> KeyDate | None:
    ahead = (
        date
        for date in call.key_dates
        if (date.is_deadline or date.type == "opens") and date.utc_at > now
        and calendar.in_calendar(date)
    )  # fmt: skip
    return min(ahead, key=lambda date: date.utc_at, default=None)
