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
from feedsvc.i18n import N_
from feedsvc.web.views import cards, facts, leaves
from feedsvc.web.views.cards import Tag
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
    """A date on the timeline; `state` is done | now | ahead."""

    name: str
    when: str
    datetime: str
    state: str
    struck: bool = False


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
    utc: str
    act: str  # apply | remind_opening | next_edition | none
    apply_url: str
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
    documents: tuple[tuple[str, str], ...]
    contact_role: str
    contact_email: str
    info_url: str
    invited_only: bool
    example: bool
    local: str
    programme: str
    has_series: bool


def call_page(call: Call, reader: Reader) -> CallPage:
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
        panel=panel(call, reader),
        facts=facts.key_facts(call, reader),
        stages=_stages(call, reader),
        sections=_sections(found, reader),
        documents=tuple((document["title"], document["url"]) for document in call.documents),
        contact_role=call.contact_role,
        contact_email=call.contact_email,
        info_url=call.info_url,
        invited_only=running and rules.invited_only(call, reader.now),
        example=call.is_example,
        local=urls.call(found.text.slug),
        programme=call.programme.slug if call.programme else "",
        has_series=bool(call.series),
    )


def panel(call: Call, reader: Reader) -> Panel:
    word = leaves.status(call, reader)
    shown = leaves.shown_date(call, word, reader)
    return Panel(
        headline=_headline(word, shown, reader),
        tone=leaves.TONES.get(word, "shut"),
        name=words.key_date_name(shown, reader.language) if shown else "",
        when=words.moment(shown, reader.language) if shown else "",
        datetime=leaves.machine_date(shown) if shown else "",
        utc=_utc(shown, reader) if shown else "",
        act=_act(word, call),
        apply_url=call.apply_url,
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
        return "apply" if call.apply_url else "none"
    if word == "forecast":
        return "remind_opening"
    return "next_edition" if word in ("closed", "archived") else "none"


def _utc(shown: KeyDate, reader: Reader) -> str:
    """The instant in UTC, where the day is exact and the zone is another one."""
    if shown.precision not in ("minute", "day") or shown.zone in ("UTC", "Etc/UTC"):
        return ""
    if shown.local_time is None and not shown.is_deadline:
        return ""
    at = shown.utc_at.astimezone(UTC)
    time = reader.language.time(at.time())
    if at.date() == shown.local_date:
        return f"{time} UTC"
    return f"{reader.language.date(at.date(), year=False)}, {time} UTC"


def _stages(call: Call, reader: Reader) -> tuple[Stage, ...]:
    upcoming = next((d for d in call.key_dates if d.utc_at > reader.now), None)
    return tuple(
        Stage(
            name=words.key_date_name(date, reader.language),
            when=words.moment(date, reader.language),
            datetime=leaves.machine_date(date),
            state="done" if date.utc_at <= reader.now else "now" if date is upcoming else "ahead",
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
