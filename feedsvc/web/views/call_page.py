"""A call as its own page says it: key facts, the panel with the date, the timeline. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from feedsvc import urls
from feedsvc.calls import rules, words
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.models import Translation
from feedsvc.content.rules import Localised
from feedsvc.content.words import APPLICANT_NAMES, MODEL_NAMES
from feedsvc.i18n import N_
from feedsvc.web.views import cards, leaves
from feedsvc.web.views.cards import Tag
from feedsvc.web.views.leaves import Badge, Leaf
from feedsvc.web.views.reader import Reader

AID_NAMES = {
    "grant": N_("Grant"),
    "loan": N_("Loan"),
    "recoverable_advance": N_("Recoverable advance"),
    "guarantee": N_("Guarantee"),
    "equity": N_("Equity"),
    "prize": N_("Prize"),
    "voucher": N_("Voucher"),
    "advice": N_("Advice"),
}
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
class Fact:
    """A key fact: its name and what it is. `address` leads to more; `large` is set bigger."""

    name: str
    value: str
    address: str = ""
    large: bool = False


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
        facts=tuple(_facts(call, reader)),
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
    )


def panel(call: Call, reader: Reader) -> Panel:
    word = leaves.status(call, reader)
    shown = leaves.shown_date(call, word, reader)
    return Panel(
        headline=_headline(word, shown, reader),
        tone=leaves.TONES.get(word, "shut"),
        name=words.key_date_name(shown, reader.language) if shown else "",
        when=words.moment(shown, reader.language) if shown else "",
        utc=_utc(shown, reader) if shown else "",
        act=_act(word, call),
        apply_url=call.apply_url,
        calendar=bool(call.key_dates) and word in leaves.TONES,
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


def _facts(call: Call, reader: Reader) -> list[Fact]:
    facts = [*_money_facts(call, reader), *_people_facts(call, reader)]
    if call.deadline_model:
        facts.append(
            Fact(reader.say(N_("Deadlines")), reader.say(MODEL_NAMES[call.deadline_model]))
        )
    if call.trl_min or call.trl_max:
        levels = sorted({level for level in (call.trl_min, call.trl_max) if level})
        facts.append(
            Fact(reader.say(N_("Technology readiness")), "TRL " + "–".join(map(str, levels)))
        )
    if call.reference:
        facts.append(Fact(reader.say(N_("Reference")), call.reference))
    return facts


def _money_facts(call: Call, reader: Reader) -> list[Fact]:
    say, language = reader.say, reader.language
    facts = []
    if call.award_max is not None or call.award_min is not None:
        facts.append(Fact(say(N_("Per project")), words.funding(call, language), large=True))
    if rate := words.cofinancing(call, language):
        facts.append(
            Fact(say(N_("Co-financing")), say(N_("%(rate)s of costs"), rate=rate), large=True)
        )
    if call.total_budget is not None:
        money = language.money(call.total_budget, call.currency)
        facts.append(Fact(say(N_("Total budget")), money, large=True))
    if call.expected_awards:
        projects = reader.ngettext("%(n)s project", "%(n)s projects", call.expected_awards)
        facts.append(Fact(say(N_("Expected to fund")), projects))
    if call.aid_types:
        kinds = language.list([say(AID_NAMES.get(kind, kind)) for kind in call.aid_types])
        facts.append(Fact(say(N_("Kind of aid")), kinds))
    return facts


def _people_facts(call: Call, reader: Reader) -> list[Fact]:
    say = reader.say
    facts = [Fact(say(N_("Funder")), reader.organisation(f), f.url) for f in call.funders]
    if call.programme:
        calls = urls.with_query("/calls/", [("programme", call.programme.slug)])
        facts.append(Fact(say(N_("Programme")), call.programme.name, reader.path(calls)))
    if call.edition or call.series:
        facts.append(
            Fact(say(N_("Edition")), " · ".join(filter(None, (call.series, call.edition))))
        )
    if call.applicants:
        names = [say(APPLICANT_NAMES[row.applicant]) for row in call.applicants]
        facts.append(Fact(say(N_("Who can apply")), reader.language.list(names)))
    if call.geographies:
        facts.append(Fact(say(N_("Where")), _places(call.geographies, reader)))
    return facts


def _places(codes: list[str], reader: Reader) -> str:
    territories = reader.language.locale.territories
    return reader.language.list([str(territories.get(code, code)) for code in codes])


def _stages(call: Call, reader: Reader) -> tuple[Stage, ...]:
    upcoming = next((d for d in call.key_dates if d.utc_at > reader.now), None)
    return tuple(
        Stage(
            name=words.key_date_name(date, reader.language),
            when=words.moment(date, reader.language),
            datetime=_machine_date(date),
            state="done" if date.utc_at <= reader.now else "now" if date is upcoming else "ahead",
            struck=call.cancelled_at is not None and date.utc_at > call.cancelled_at,
        )
        for date in call.key_dates
    )


def _machine_date(date: KeyDate) -> str:
    """For `<time datetime>`: an instant in UTC, a day, a month or a year."""
    if date.precision == "year":
        return f"{date.local_date:%Y}"
    if date.precision in ("month", "quarter"):
        return f"{date.local_date:%Y-%m}"
    if date.local_time is None:
        return date.local_date.isoformat()
    return date.utc_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _sections(found: Localised[Translation], reader: Reader) -> tuple[Section, ...]:
    written = found.text.sections
    return tuple(
        Section(reader.say(title), written[key])
        for key, title in SECTION_TITLES.items()
        if written.get(key)
    )
