"""View model of the page of what one follows: each subscription, and what holds for all mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content import queries as content
from feedsvc.content import workdays
from feedsvc.content.filters import Filter
from feedsvc.i18n import N_
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries, rules, silence
from feedsvc.subscriptions.models import Subscriber
from feedsvc.web.views import fit, follow, zones
from feedsvc.web.views.fit import Form
from feedsvc.web.views.follow import Row
from feedsvc.web.views.reader import Reader

DIGESTS = (
    ("", N_("No digest")),
    ("instant", N_("At once")),
    ("daily", N_("Once a day")),
    ("weekly", N_("Once a week")),
)


class Typed(Protocol):
    """A form as it was sent."""

    def get(self, name: str, default: str, /) -> str: ...
    def getlist(self, name: str, /) -> list[str]: ...
    def __contains__(self, name: object, /) -> bool: ...


@dataclass(frozen=True)
class Muted:
    call_id: int
    title: str
    address: str


@dataclass(frozen=True)
class Described:
    """A subscription to what fits, with its description as a form."""

    uid: str
    title: str
    form: Form


@dataclass(frozen=True)
class Managed:
    """All that the page shows of a reader. `paused` is a sentence, empty while mails come."""

    address: str
    rows: Sequence[Row]
    days: tuple[int, ...]
    digests: Sequence[tuple[str, str]]
    language: str
    zone: str
    zones: Sequence[zones.Area]
    local_time: str
    hour: int
    hours: Sequence[tuple[int, str]]
    workdays: str
    most_workdays: int
    holidays: str
    places: Sequence[tuple[str, str]]
    paused: str
    pause: str
    first_pause: str
    last_pause: str
    muted: Sequence[Muted]
    described: Sequence[Described]


def managed(
    session: Session, row: Subscriber, settings: Settings, reader: Reader, *, typed: Typed | None
) -> Managed:
    """As it is kept, or where `typed` is given as it was typed."""
    zone = ZoneInfo(row.zone)
    today = reader.now.astimezone(zone).date()
    rows = follow.rows(session, row.subscriptions, settings, reader)
    found = Managed(
        address=follow.masked(row),
        rows=rows,
        days=rules.choices(settings.reminder_offsets),
        digests=[(value, reader.say(text)) for value, text in DIGESTS],
        language=row.language,
        zone=row.zone,
        zones=zones.areas(reader.language, row.zone),
        local_time=reader.language.time(reader.now.astimezone(zone).time()),
        hour=row.hour,
        hours=[(hour, _hour(hour, reader)) for hour in range(24)],
        workdays=str(row.workdays or ""),
        most_workdays=workdays.MOST,
        holidays=row.holidays,
        places=[(code, reader.say(name)) for code, name in workdays.PLACES.items()],
        paused=_paused(row.paused_until, zone, reader),
        pause="",
        first_pause=str(today + timedelta(days=1)),
        last_pause=str(today + rules.LONGEST_PAUSE),
        muted=_muted(session, row, reader),
        described=_described(session, row, settings, reader),
    )
    return _again(found, typed) if typed is not None else found


def _described(
    session: Session, row: Subscriber, settings: Settings, reader: Reader
) -> list[Described]:
    """Of those that are confirmed."""
    clusters = {it.slug: reader.cluster(it).text.name for it in content.clusters(session)}
    said = queries.followed(session, row.subscriptions, reader.language.code, settings)
    return [
        Described(it.uid, it.title, fit.form(Filter(profile=it.profile), clusters, (), reader))
        for it in said
        if it.profile and it.confirmed
    ]


def _again(found: Managed, typed: Typed) -> Managed:
    hour, zone = typed.get("hour", ""), typed.get("zone", "")
    return replace(
        found,
        rows=[_row_again(row, typed) for row in found.rows],
        language=typed.get("language", "") or found.language,
        zone=zone if zone in zones.known() else found.zone,
        hour=int(hour) if hour.isdecimal() else found.hour,
        workdays=typed.get("workdays", "")[:20],
        holidays=typed.get("holidays", ""),
        pause=typed.get("pause", "")[:20],
    )


def _row_again(row: Row, typed: Typed) -> Row:
    if row.uid not in typed.getlist("subscription"):
        return row
    days = typed.getlist(f"offsets-{row.uid}")
    return replace(
        row,
        offsets=tuple(int(text) for text in days if text.isdecimal()),
        digest=typed.get(f"digest-{row.uid}", ""),
        next_edition=f"next-{row.uid}" in typed,
    )


def _hour(hour: int, reader: Reader) -> str:
    until = time((hour + 1) % 24)
    return f"{reader.language.time(time(hour))}–{reader.language.time(until)}"


def _paused(until: datetime | None, zone: ZoneInfo, reader: Reader) -> str:
    if until is None or until <= reader.now:
        return ""
    day: date = until.astimezone(zone).date()
    return reader.say(
        N_("Paused: no mail comes before %(day)s."), day=reader.language.date(day, weekday=True)
    )


def _muted(session: Session, row: Subscriber, reader: Reader) -> list[Muted]:
    found = []
    for entry in silence.muted(session, row):
        text = reader.text(entry).text
        found.append(Muted(entry.id, text.title, reader.path(urls.call(text.slug))))
    return found
