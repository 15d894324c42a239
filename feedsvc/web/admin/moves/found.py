"""Which dates that readers know a form would change, and how. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from feedsvc.calls import dates, events, rules
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.events import DateFact
from feedsvc.calls.net import Change


@dataclass(frozen=True)
class Move:
    """A change of one date; `number` is its place in the edit, None for one that is taken away."""

    change: Change
    uid: str
    number: int | None


def of(held: Mapping[str, DateFact], edit: CallEdit, now: dt.datetime) -> list[Move]:
    """`held` are the dates as readers see them, by uid. A date that is new moves none."""
    numbers = {date.uid: number for number, date in enumerate(edit.key_dates) if date.uid}
    found = []
    for uid, was in held.items():
        number = numbers.get(uid)
        new = _fact(edit.key_dates[number]) if number is not None else None
        kind = events.kind_of(was, new, now)
        if kind is not None:
            old, now_is = was.written(), new.written() if new else None
            found.append(Move(Change(kind, old, now_is, uid, was, new), uid, number))
    return found


def _fact(date: KeyDateEdit) -> DateFact:
    """The date as it would be kept."""
    return DateFact(
        date.uid or "", date.type, date.type in dates.DEADLINE_TYPES, date.date, date.time,
        date.zone, "minute" if date.time else date.precision, rules.written_instant(date),
        date.certainty, date.labels,
    )  # fmt: skip
