"""A call as its own page says it: key facts, the panel with the date, the timeline. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from feedsvc import urls
from feedsvc.calls import rules, words
from feedsvc.calls.calendar import in_calendar
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.models import Translation
from feedsvc.content.rules import Localised
from feedsvc.i18n import AOE, N_
from feedsvc.web.views import ahead, cards, documents, facts, leaves
from feedsvc.web.views.ahead import NOTHING, Asked, Plan
from feedsvc.web.views.cards import Tag
from feedsvc.web.views.documents import DocumentLink
from feedsvc.web.views.facts import Fact
from feedsvc.web.views.leaves import Badge, Leaf
from feedsvc.web.views.reader import Reader

SECTION_TITLES = {
    "eligibility": N_("Who can apply"),
    "funding": N_("What is funded"),
    "how_to_apply": N_("How to apply"),
}
OVER_TITLES = {
    "cancelled": N_("This call was cancelled"),
    "suspended": N_("This call is suspended"),
}


@dataclass(frozen=True)
class Stage:
    """A date on the timeline; `state` is done | now | ahead.

    `there` is the same instant in another zone; with `at` (the instant) and `zone` a browser says
    it in its own.
    """

    name: str
    when: str
    datetime: str
    state: str
    there: str = ""
    at: str = ""
    zone: str = ""
    struck: bool = False


@dataclass(frozen=True)
class Contact:
    """Whom to ask: for what, in which role, and where."""

    about: str
    role: str
    email: str
    address: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and Markdown under it."""

    title: str
    body: str


@dataclass(frozen=True)
class Panel:
    """What stays in view: how long is left, until when exactly, and the one act."""

    headline: str
    tone: str
    name: str
    when: str
    datetime: str
    there: str
    at: str
    zone: str
    act: str  # apply | official | remind_opening | next_edition | none
    act_url: str
    calendar: bool


@dataclass(frozen=True)
class CallPage:
    """Everything on the page of a call but its events and related entries."""

    uid: str
    title: str
    summary: str
    body: str
    foreign: str
    leaf: Leaf
    badge: Badge
    tags: tuple[Tag, ...]
    panel: Panel
    facts: tuple[Fact, ...]
    stages: tuple[Stage, ...]
    sections: tuple[Section, ...]
    documents: tuple[DocumentLink, ...]
    contacts: tuple[Contact, ...]
    info_url: str
    invited_only: bool
    example: bool
    local: str
    programme: str
    has_series: bool
    plan: Plan | None


def call_page(call: Call, reader: Reader, asked: Asked = NOTHING) -> CallPage:
    found = reader.text(call)
    running = leaves.status(call, reader) in leaves.TONES
    return CallPage(
        uid=call.uid,
        title=found.text.title,
        summary=found.text.summary,
        body=found.text.body,
        foreign=reader.foreign(found),
        leaf=leaves.leaf(call, reader),
        badge=leaves.badge(call, reader),
        tags=cards.tags(call, reader),
        panel=panel(call, reader, asked),
        facts=facts.key_facts(call, reader),
        stages=_stages(call, reader, asked),
        sections=_sections(found, reader),
        documents=documents.of(call, reader),
        contacts=(*_contact(call, reader), *_managers(call, reader)),
        info_url=call.info_url,
        invited_only=running and rules.invited_only(call, reader.now),
        example=call.is_example,
        local=urls.call(found.text.slug),
        programme=call.programme.slug if call.programme else "",
        has_series=bool(call.series),
        plan=ahead.plan(call, asked, urls.feed(urls.call(found.text.slug), "ics"), reader),
    )


def panel(call: Call, reader: Reader, asked: Asked = NOTHING) -> Panel:
    word = leaves.status(call, reader)
    shown = leaves.shown_date(call, word, reader)
    return Panel(
        headline=_headline(word, shown, reader),
        tone=leaves.TONES.get(word, "shut"),
        name=words.key_date_name(shown, reader.language) if shown else "",
        when=words.moment(shown, reader.language) if shown else "",
        datetime=leaves.machine_date(shown) if shown else "",
        there=_there(shown, asked, reader) if shown else "",
        at=_at(shown, asked) if shown else "",
        zone=_machine_zone(shown.zone) if shown else "",
        act=_act(word, call),
        act_url=call.apply_url or call.info_url,
        calendar=word in leaves.TONES and any(map(in_calendar, call.key_dates)),
    )


def _headline(word: str, shown: KeyDate | None, reader: Reader) -> str:
    if word in OVER_TITLES:
        return reader.say(OVER_TITLES[word])
    if word in ("open", "closing_soon"):
        return leaves.days_left(shown, reader) if shown else reader.say(N_("Open any time"))
    if word == "forecast":
        return leaves.distance(shown, reader) if shown else reader.say(N_("Dates to be announced"))
    return leaves.status_name(word, reader)


def _act(word: str, call: Call) -> str:
    if word in ("open", "closing_soon"):
        return "apply" if call.apply_url else "official" if call.info_url else "none"
    if word == "forecast":
        return "remind_opening"
    return "next_edition" if word in ("closed", "archived") else "none"


def _there(date: KeyDate, asked: Asked, reader: Reader) -> str:
    return ahead.elsewhere(date, asked.zone or "UTC", reader)


def _at(date: KeyDate, asked: Asked) -> str:
    """The instant for a browser to say in its own zone; empty where the reader chose a zone."""
    if asked.zone or not ahead.is_exact(date):
        return ""
    return date.utc_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _machine_zone(zone: str) -> str:
    """The zone as browsers know it."""
    return "Etc/GMT+12" if zone == AOE else zone


def _contact(call: Call, reader: Reader) -> tuple[Contact, ...]:
    """The funder's, as the call names it."""
    if not (call.contact_role or call.contact_email):
        return ()
    about = reader.say(N_("About this call"))
    return (Contact(about, call.contact_role, call.contact_email),)


def _managers(call: Call, reader: Reader) -> tuple[Contact, ...]:
    """Who knows each cluster of the call."""
    found = [(cluster, reader.cluster(cluster).text) for cluster in call.clusters]
    return tuple(
        Contact(
            text.name, text.manager_role, cluster.manager_email,
            reader.path(urls.cluster(cluster.slug)),
        )
        for cluster, text in found
        if text.manager_role or cluster.manager_email
    )  # fmt: skip


def _stages(call: Call, reader: Reader, asked: Asked) -> tuple[Stage, ...]:
    upcoming = next((d for d in call.key_dates if d.utc_at > reader.now), None)
    return tuple(
        Stage(
            name=words.key_date_name(date, reader.language),
            when=words.moment(date, reader.language),
            datetime=leaves.machine_date(date),
            state="done" if date.utc_at <= reader.now else "now" if date is upcoming else "ahead",
            there=_there(date, asked, reader),
            at=_at(date, asked),
            zone=_machine_zone(date.zone),
            struck=call.cancelled_at is not None and date.utc_at > call.cancelled_at,
        )
        for date in call.key_dates
    )


def _sections(found: Localised[Translation], reader: Reader) -> tuple[Section, ...]:
    written = found.text.sections
    return tuple(
        Section(reader.say(title), written[key])
        for key, title in SECTION_TITLES.items()
        if written.get(key)
    )
