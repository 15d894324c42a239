"""The key dates of a row. Pure.

How times are read, and why:
- A time with a zone is meant in that zone; without one, in the zone of its source.
- Midnight, and no time at all, mean that only the day is known (the EU portal writes T00:00).
- Seconds are noise of the source's clock and are left out.
- The EU portal writes “UTC” in two meanings. Among its cascade funding calls 17:00 and 23:59 are
  the usual hours in summer and in winter alike, as no clock in UTC would show them: these are
  Brussels hours. Elsewhere 10:00 and 21:59 in summer stand beside 11:00 and 22:59 in winter, which
  are noon and 23:59 in Brussels: these are UTC, and are written as the Brussels hours they are.
- A deadline so far away that it only fills a form (`Source.no_end_year`) is no deadline.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from feedsvc.calls import dates
from feedsvc.calls.edits import KeyDateEdit
from feedsvc.imports import texts
from feedsvc.imports.report import Unusable
from feedsvc.imports.rows import Row
from feedsvc.imports.sources import BRUSSELS, ZONE_NAMES, Source

TYPES = {
    "submission": "submission",
    "application": "submission",
    "full-proposal": "submission",
    "stage-1": "stage_1",
    "stage-2": "stage_2",
    "cut-off": "cut_off",
    "concept-paper": "letter_of_intent",
    "letter-of-intent": "letter_of_intent",
}
LABEL_LIMIT = 60

MIDNIGHT = "time 00:00 read as: only the day is known"
SECONDS = "seconds of a deadline left out"
PORTAL_HOUR = "time marked UTC read as the EU portal's Brussels time (cascade funding)"
CONVERTED = "time in UTC written as Brussels time"
NO_END = "far deadline (it fills a form) read as: no end"
LABEL_LEFT_OUT = "note of a deadline too long for a label, left out"
TWICE = "deadline that stands twice, kept once"

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp][Mm])?", re.ASCII)


@dataclass(frozen=True)
class Dates:
    """`no_end` says that the row's only deadlines stood for “no end”."""

    edits: tuple[KeyDateEdit, ...]
    no_end: bool

    @property
    def deadlines(self) -> tuple[KeyDateEdit, ...]:
        return tuple(date for date in self.edits if date.type in dates.DEADLINE_TYPES)

    @property
    def opening(self) -> KeyDateEdit | None:
        return next((date for date in self.edits if date.type == "opens"), None)


def read(row: Row, source: Source, *, estimated: bool, notes: Counter[str]) -> Dates:
    """The opening and the deadlines. Raises: Unusable, for a date, time, kind or zone that means
    nothing: to leave out a deadline would tell readers a wrong one."""
    certainty = "estimated" if estimated else "confirmed"
    found, no_end = [], False
    opens = row.date("opens")
    if opens:
        found.append(KeyDateEdit(type="opens", date=opens, zone=source.zone, certainty=certainty))
    for number, item in enumerate(row.rows("deadlines")):
        try:
            deadline = _deadline(item, row, source, notes)
        except Unusable as error:
            raise Unusable(f"deadlines.{number}.{error}") from None
        if deadline.date.year >= source.no_end_year:
            notes[NO_END] += 1
            no_end = True
        elif _stands_in(deadline, found):
            notes[TWICE] += 1
        else:
            found.append(replace(deadline, certainty=certainty))
    return Dates(_as_cut_offs(found, row), no_end and not any(d.type != "opens" for d in found))


def _deadline(item: Row, row: Row, source: Source, notes: Counter[str]) -> KeyDateEdit:
    day = item.date("date")
    if day is None:
        raise Unusable("date: is missing")
    date = KeyDateEdit(
        type=_type(item),
        date=day,
        time=_time(item, notes),
        zone=_zone(item, source),
        labels=_labels(item, row, notes),
    )
    return _day_only(_in_brussels(date, row, source, notes), notes)


def _type(item: Row) -> str:
    kind = item.line("kind").lower().replace("_", "-") or "submission"
    if kind not in TYPES:
        raise Unusable(f"kind: “{texts.cut(kind, 60)}” is not known")
    return TYPES[kind]


def _time(item: Row, notes: Counter[str]) -> dt.time | None:
    text = item.line("time")
    if not text:
        return None
    match = _CLOCK.fullmatch(text)
    hour, minute = (int(match[1]), int(match[2])) if match else (99, 99)
    if match and match[4]:
        hour = hour % 12 + 12 * (match[4].lower() == "pm") if 1 <= hour <= 12 else 99
    if match and int(match[3] or 0):
        notes[SECONDS] += 1
    try:
        return dt.time(hour, minute)
    except ValueError:
        raise Unusable(f"time: “{texts.cut(text, 60)}” is not a time like 17:00") from None


def _zone(item: Row, source: Source) -> str:
    name = item.line("tz") or item.line("timezone")
    zone = ZONE_NAMES.get(name, name) or source.zone
    if zone not in dates.zones():
        raise Unusable(f"tz: “{texts.cut(name, 60)}” is not a time zone")
    return zone


def _labels(item: Row, row: Row, notes: Counter[str]) -> dict[str, str]:
    label = item.line("note")
    if len(label) > LABEL_LIMIT:
        notes[LABEL_LEFT_OUT] += 1
        return {}
    return {row.line("lang") or "en": label} if label else {}


def _in_brussels(date: KeyDateEdit, row: Row, source: Source, notes: Counter[str]) -> KeyDateEdit:
    if date.zone != "UTC" or source.zone != BRUSSELS:
        return date
    if date.time is None:
        return replace(date, zone=BRUSSELS)
    if row.line("kind") == "Cascade funding calls":
        notes[PORTAL_HOUR] += 1
        return replace(date, zone=BRUSSELS)
    notes[CONVERTED] += 1
    local = dt.datetime.combine(date.date, date.time, dt.UTC).astimezone(ZoneInfo(BRUSSELS))
    return replace(date, date=local.date(), time=local.time(), zone=BRUSSELS)


def _day_only(date: KeyDateEdit, notes: Counter[str]) -> KeyDateEdit:
    if date.time is None:
        return date
    if date.time == dt.time(0):
        notes[MIDNIGHT] += 1
        return replace(date, time=None)
    return replace(date, precision="minute")


def _stands_in(deadline: KeyDateEdit, found: list[KeyDateEdit]) -> bool:
    return any(
        (other.type, other.date, other.time) == (deadline.type, deadline.date, deadline.time)
        for other in found
    )


def _as_cut_offs(found: list[KeyDateEdit], row: Row) -> tuple[KeyDateEdit, ...]:
    """Several deadlines for full proposals are the cut-off dates of one call."""
    several = sum(date.type == "submission" for date in found) > 1
    if several or row.line("deadline_model") == "multiple cut-off":
        found = [replace(d, type="cut_off") if d.type == "submission" else d for d in found]
    return tuple(found)
