"""Who would be reminded when of dates that are only written down, by the planner's own rules. Pure.

It is what the planner would do if the dates stood from a time on and nobody came, left or changed
anything afterwards. Who reads in which zone, at which hour and how long before is counted by the
database (`readers`), never reader by reader.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc.calls import dates
from feedsvc.calls import rules as calls
from feedsvc.calls.edits import KeyDateEdit
from feedsvc.reminders import rules
from feedsvc.reminders.rules import SPREAD, Deadline

Place = tuple[str, int]  # zone and hour


@dataclass(frozen=True)
class Group:
    """So many readers who live in a zone, read at an hour, and ask for a lead time.

    `paused_until` is when those who paused come back; None for who has not.
    """

    zone: str
    hour: int
    days: int
    readers: int
    paused_until: datetime | None = None


@dataclass(frozen=True)
class Round:
    """The reminders of one lead time: between which instants they leave, and to how many readers.

    `at_once` says that their hour had passed before the date was known: they are told late, of all
    the hours that they missed the last one only.
    """

    days: int
    first: datetime
    last: datetime
    readers: int
    at_once: bool = False


def stands(date: KeyDateEdit, now: datetime) -> bool:
    """Whether readers are reminded of such a date (`occasions.stands` says it of a call's own)."""
    return (
        calls.is_right(date)
        and (date.type == "opens" or (date.type in dates.DEADLINE_TYPES and date.mandatory))
        and date.certainty == "confirmed"
        and calls.names_a_day(date.precision)
        and calls.written_instant(date) > now
    )


def deadline_of(date: KeyDateEdit) -> Deadline:
    at = calls.written_instant(date)
    return Deadline(date.date, date.time, date.zone, at, opens=date.type == "opens")


def rounds(deadline: Deadline, groups: Iterable[Group], known: datetime) -> list[Round]:
    """The rounds whose hour comes after the date is known, the earliest first."""
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for group in groups:
        due = rules.due_at(deadline, group.days, zone=group.zone, hour=group.hour)
        if due > known and not is_away(group, due):
            found[group.days].append((due, group.readers))
    return [_round(days, rows) for days, rows in sorted(found.items(), reverse=True)]


def missed(
    deadline: Deadline, groups: Iterable[Group], known: datetime
) -> Mapping[Place, Sequence[int]]:
    """The lead times whose hour has passed when the date is known, by zone and hour."""
    found: dict[Place, set[int]] = defaultdict(set)
    for group in groups:
        if rules.due_at(deadline, group.days, zone=group.zone, hour=group.hour) <= known:
            found[group.zone, group.hour].add(group.days)
    return {place: sorted(days) for place, days in found.items()}


def late(
    deadline: Deadline,
    found: Mapping[Place, Sequence[int]],
    readers: Callable[[Place, Sequence[int]], int],
    known: datetime,
) -> Round | None:
    """Those who are told at once; `readers` counts who asked for one of the lead times."""
    if rules.expires_at(deadline.at) <= known or not found:
        return None
    at = {place: rules.at_once(known, zone=place[0], deadline_at=deadline.at) for place in found}
    number = sum(readers(place, days) for place, days in found.items())
    days = min(min(days) for days in found.values())
    if not number:
        return None
    return Round(days, min(at.values()), max(at.values()), number, at_once=True)


def is_away(group: Group, at: datetime) -> bool:
    return group.paused_until is not None and group.paused_until > at


def _round(days: int, rows: Sequence[tuple[datetime, int]]) -> Round:
    first, last = min(at for at, _ in rows), max(at for at, _ in rows)
    return Round(days, first, last + SPREAD, sum(number for _, number in rows))
