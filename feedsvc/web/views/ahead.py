"""The days by which a team wants to be ready: so many working days before each deadline. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from feedsvc import urls
from feedsvc.calls import dates, rules, words
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import workdays
from feedsvc.content.workdays import PLACES, Ahead, Counted
from feedsvc.i18n import N_
from feedsvc.web.views.reader import Reader

# Offered in the form; an address may name any other zone.
ZONES = (
    "Europe/Luxembourg", "Europe/London", "Europe/Lisbon", "Europe/Athens", "America/New_York",
    "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Africa/Dakar",
    "Africa/Nairobi", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo",
    "Australia/Sydney", "UTC",
)  # fmt: skip


USUAL = Ahead()


@dataclass(frozen=True)
class Asked:
    """What a reader asks of the dates of a call: to be ready earlier, and another zone."""

    ahead: Ahead = USUAL
    zone: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is more than what everybody is shown."""
        return self != NOTHING

    def pairs(self) -> Sequence[tuple[str, str]]:
        """As the address of the page says it."""
        ahead = self.ahead.pairs if self.ahead != USUAL else ()
        return (*ahead, *((("zone", self.zone),) if self.zone else ()))


NOTHING = Asked()


@dataclass(frozen=True)
class Line:
    """One deadline: by when to be ready for it, and what was not counted on the way."""

    name: str
    when: str
    datetime: str
    skipped: str
    is_past: bool


@dataclass(frozen=True)
class Plan:
    """The answer, and what the form offers. `calendar` holds the same days."""

    days: int
    most: int
    place: str
    where: str
    places: tuple[tuple[str, str], ...]
    zone: str
    zones: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    calendar: str
    is_own: bool


def plan(call: Call, asked: Asked, calendar: str, reader: Reader) -> Plan | None:
    """None where no deadline is ahead whose day is known. `calendar` is that of the call."""
    ahead = asked.ahead
    lines = tuple(_line(date, ahead, reader) for date in _coming(call, reader))
    if not lines:
        return None
    return Plan(
        days=ahead.days,
        most=workdays.MOST,
        place=ahead.place,
        where=reader.say(PLACES[ahead.place]),
        places=tuple((code, reader.say(name)) for code, name in PLACES.items()),
        zone=asked.zone,
        zones=_zones(asked.zone, reader),
        lines=lines,
        calendar=reader.path(urls.with_query(calendar, ahead.pairs)),
        is_own=asked.is_own,
    )


def elsewhere(date: KeyDate, zone: str, reader: Reader) -> str:
    """The instant of a date in another zone: `16:00 UTC`, or with its day if that is another.

    Empty where the day is not exact, or where both zones show the same.
    """
    if not is_exact(date) or zone == date.zone:
        return ""
    at = date.utc_at.astimezone(dates.zone(zone))
    if date.local_time is not None and at.replace(tzinfo=None) == _written(date):
        return ""
    time, named = reader.language.time(at.time()), reader.language.zone(zone)
    named = named if named == "UTC" else f"({named})"
    if at.date() == date.local_date:
        return f"{time} {named}"
    return f"{reader.language.date(at.date(), year=False)}, {time} {named}"


def is_exact(date: KeyDate) -> bool:
    """Whether it is one instant for all the world: a day without an hour is none, but its end is."""
    return rules.names_a_day(date.precision) and (date.local_time is not None or date.is_deadline)


def _written(date: KeyDate) -> dt.datetime:
    return dt.datetime.combine(date.local_date, date.local_time or dt.time())


def _coming(call: Call, reader: Reader) -> list[KeyDate]:
    ahead = [date for date in rules.deadlines(call.key_dates) if date.utc_at > reader.now]
    is_off = call.cancelled_at is not None or call.close_reason
    return [] if is_off else [date for date in ahead if rules.names_a_day(date.precision)]


def _line(date: KeyDate, ahead: Ahead, reader: Reader) -> Line:
    counted = workdays.before(date.local_date, ahead, reader.language.code)
    today = reader.now.astimezone(dates.zone(date.zone)).date()
    return Line(
        name=words.key_date_name(date, reader.language),
        when=reader.language.date(counted.day, weekday=True),
        datetime=counted.day.isoformat(),
        skipped=_skipped(counted, reader),
        is_past=counted.day < today,
    )


def _skipped(counted: Counted, reader: Reader) -> str:
    """`25 December (Christmas Day) and 1 January (New Year's Day)`."""
    return reader.language.list(
        [
            f"{reader.language.date(day, year=False)} ({name})"
            if name
            else reader.language.date(day, year=False)
            for day, name in counted.skipped
        ]
    )


def _zones(chosen: str, reader: Reader) -> tuple[tuple[str, str], ...]:
    known = dict.fromkeys([*([chosen] if chosen else []), *ZONES])
    named = sorted((reader.language.zone(zone), zone) for zone in known)
    first = ("", reader.say(N_("of the deadline, and UTC")))
    return (first, *((zone, name) for name, zone in named))
