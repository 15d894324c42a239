"""Which dates that readers know an edit would change, and what has to be said of that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from feedsvc.calls import dates, events, key_dates, rules
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.events import DateFact
from feedsvc.calls.models import Call
from feedsvc.calls.net import Change
from feedsvc.content import rules as content
from feedsvc.errors import Problem
from feedsvc.i18n import N_, NAMES


@dataclass(frozen=True)
class Move:
    """A change of one date; `number` is its place in the edit, None for one that is taken away."""

    change: Change
    uid: str
    number: int | None


def of(call: Call, edit: CallEdit, now: dt.datetime) -> list[Move]:
    """The changes of dates that readers know; none while nobody sees the call.

    A date that is new moves none. Each date of the edit must mean an instant (`rules.is_right`).
    """
    if not content.is_public(call, now):
        return []
    pairs = enumerate(key_dates.matched(call.key_dates, edit.key_dates))
    numbers = {row.uid: number for number, (row, _) in pairs if row is not None}
    return _moves(key_dates.facts(call), numbers, edit, now)


def unexplained(edit: CallEdit, languages: Collection[str]) -> list[Problem]:
    """A change that is told needs its reason in every language: each reader is told why."""
    if not edit.material:
        return []
    words = N_("Say why in this language as well (%(language)s), or mark it as a correction.")
    return [
        Problem(f"reasons.{code}", words, (("language", NAMES[code]),))
        for code in languages
        if not edit.reasons.get(code, "").strip()
    ]


def _moves(
    held: Mapping[str, DateFact], numbers: Mapping[str, int], edit: CallEdit, now: dt.datetime
) -> list[Move]:
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
