"""Clock changes of a time zone as two yearly rules, where two rules tell the truth. Pure."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The years for which the two rules must hold. They are fixed, so that the same event is written
# alike in every file and in every year; dates outside them are written in UTC.
FIRST_YEAR, LAST_YEAR = 2024, 2043


@dataclass(frozen=True)
class Rule:
    """One yearly change: `starts` is the first one, in the local time before it."""

    name: str
    daylight: bool
    starts: datetime
    before: timedelta
    after: timedelta
    repeat: str  # RRULE; empty for a zone that never changes


@dataclass(frozen=True)
class _Change:
    local: datetime
    before: timedelta
    after: timedelta
    name: str
    daylight: bool

    @property
    def kind(self) -> tuple[object, ...]:
        """What must be alike every year for one rule to do."""
        return (self.local.month, self.local.weekday(), self.local.time(),
                self.before, self.after, self.name)  # fmt: skip


def holds(zone: str, year: int) -> bool:
    """Whether a date of that year can be written in the zone's local time."""
    return FIRST_YEAR <= year <= LAST_YEAR and bool(rules(zone))


@lru_cache(maxsize=1024)
def rules(zone: str) -> tuple[Rule, ...]:
    """The one or two rules that hold in all those years; empty if none do."""
    by_year = [_changes(ZoneInfo(zone), year) for year in range(FIRST_YEAR - 1, LAST_YEAR + 1)]
    if not any(by_year):
        return (_fixed(zone),)
    if any(len(changes) != 2 for changes in by_year):
        return ()
    found = [_rule([year[place] for year in by_year]) for place in (0, 1)]
    return tuple(rule for rule in found if rule) if all(found) else ()


def vtimezone(zone: str) -> str:
    """The zone's rules as a VTIMEZONE component."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    for rule in rules(zone):
        part = "DAYLIGHT" if rule.daylight else "STANDARD"
        lines += [f"BEGIN:{part}", f"DTSTART:{rule.starts:%Y%m%dT%H%M%S}"]
        lines += [f"TZOFFSETFROM:{_offset(rule.before)}", f"TZOFFSETTO:{_offset(rule.after)}"]
        lines += [f"TZNAME:{rule.name}"]
        lines += [f"RRULE:{rule.repeat}"] if rule.repeat else []
        lines += [f"END:{part}"]
    return "\r\n".join([*lines, "END:VTIMEZONE", ""])


def _fixed(zone: str) -> Rule:
    start = datetime(FIRST_YEAR - 1, 1, 1, tzinfo=ZoneInfo(zone))
    offset = start.utcoffset() or timedelta()
    return Rule(start.tzname() or zone, False, start.replace(tzinfo=None), offset, offset, "")


def _rule(changes: list[_Change]) -> Rule | None:
    head = changes[0]
    if any(change.kind != head.kind for change in changes):
        return None
    positions = {_from_end(change.local) for change in changes}
    if positions != {-1}:
        positions = {(change.local.day - 1) // 7 + 1 for change in changes}
    if len(positions) != 1:
        return None
    day = f"{positions.pop()}{WEEKDAYS[head.local.weekday()]}"
    repeat = f"FREQ=YEARLY;BYMONTH={head.local.month};BYDAY={day}"
    return Rule(head.name, head.daylight, head.local, head.before, head.after, repeat)


def _from_end(day: datetime) -> int:
    left = months.monthrange(day.year, day.month)[1] - day.day
    return -(left // 7 + 1)


def _changes(tz: ZoneInfo, year: int) -> tuple[_Change, ...]:
    """The changes of that year, found by halving each day on which the offset differs."""
    found = []
    day, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while day < end:
        following = day + timedelta(days=1)
        if _at(day, tz) != _at(following, tz):
            found.append(_change(_first_after(day, following, tz), tz))
        day = following
    return tuple(found)


def _first_after(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    before = _at(low, tz)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _at(middle, tz) == before else (low, middle)
    return high


def _change(instant: datetime, tz: ZoneInfo) -> _Change:
    after = instant.astimezone(tz)
    before = _at(instant - timedelta(seconds=1), tz)
    local = (instant + before).replace(tzinfo=None)
    return _Change(local, before, _at(instant, tz), after.tzname() or tz.key, bool(after.dst()))


def _at(instant: datetime, tz: ZoneInfo) -> timedelta:
    return instant.astimezone(tz).utcoffset() or timedelta()


def _offset(offset: timedelta) -> str:
    minutes, sign = abs(offset) // timedelta(minutes=1), "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02d}{minutes % 60:02d}"
