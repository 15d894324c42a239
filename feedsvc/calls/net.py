"""What a series of changes comes to: for each thing, how it was first and how it is at last. Pure.

A date that moved and moved back within the series comes to nothing. A thing of which every change
was marked as minor by its editor is not told, but its value counts: what is told is never older than
the call.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from feedsvc.calls.events import DateFact, kind_of
from feedsvc.calls.rules import SILENT

if TYPE_CHECKING:
    from feedsvc.calls.models import CallEvent

# What readers look for first comes first.
ORDER = (
    "closed", "reopened", "date_brought_forward", "date_extended", "time_changed", "date_removed",
    "date_estimated", "date_confirmed", "date_set", "money_changed", "eligibility_changed", "document_added", "text_corrected",
)  # fmt: skip
OF_CLOSING = ("closed", "reopened")
UNTOLD = (*SILENT, "cancelled")  # a cancellation has a notice of its own
LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Change:
    """One thing that is different now. `type` is that of a CallEvent, as are `old` and `new`.

    Of a date they are also there as `was` and `now`; `replaces` is the uid of another date in whose
    place it came. `reasons` are the last editor's who gave any, by language.
    """

    type: str
    old: Any = None
    new: Any = None
    key_date_uid: str | None = None
    was: DateFact | None = None
    now: DateFact | None = None
    replaces: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def until(self) -> dt.datetime | None:
        """From when on it is past whatever one believed; None where no date says so."""
        return max((fact.utc_at for fact in (self.was, self.now) if fact), default=None)


def changes(events: Sequence[CallEvent]) -> tuple[Change, ...]:
    """What these events of one call, in their order, come to; the most important comes first."""
    told = [event for event in events if event.type not in UNTOLD]
    found = [
        change
        for _, series in groupby(sorted(told, key=_subject), key=_subject)
        if (change := _of_one(list(series))) is not None
    ]
    return tuple(sorted(_paired(found, told), key=_rank))


def worth_until(
    found: Iterable[Change], *, closes_at: dt.datetime | None, otherwise: dt.datetime
) -> dt.datetime:
    """From when on the changes are worth telling nobody any more.

    A date is worth telling until the later one of old and new has passed, for until then somebody
    may be wrong about it; everything else until the call closes (`otherwise` if that is unknown).
    """
    return max(change.until or closes_at or otherwise for change in found)


def _subject(event: CallEvent) -> tuple[str, str]:
    """What it is about: one date, or one group of fields."""
    if event.key_date_uid is not None:
        return "date", event.key_date_uid
    return ("closing", "") if event.type in OF_CLOSING else ("field", event.type)


def _of_one(series: list[CallEvent]) -> Change | None:
    if not any(event.material for event in series):
        return None
    first, last = series[0], series[-1]
    reasons = next((event.reasons for event in reversed(series) if event.reasons), {})
    if first.key_date_uid is not None:
        return _date(first, last, reasons)
    if first.type in OF_CLOSING:
        was_closed, is_closed = first.type == "reopened", last.type == "closed"
        if was_closed == is_closed:
            return None
        return Change(last.type, first.old, last.new, reasons=reasons)
    old, new = _merged(series)
    return None if old == new else Change(last.type, old, new, reasons=reasons)


def _date(first: CallEvent, last: CallEvent, reasons: Mapping[str, str]) -> Change | None:
    uid = first.key_date_uid or ""
    was = DateFact.read(uid, first.old) if first.old else None
    is_now = DateFact.read(uid, last.new) if last.new else None
    kind = kind_of(was, is_now, first.at) if was or is_now else None
    if kind is None:
        return None
    return Change(kind, first.old, last.new, uid, was, is_now, reasons=reasons)


def _paired(found: list[Change], events: Sequence[CallEvent]) -> list[Change]:
    """A date that was taken away and one of its type that was added are a date that moved.

    Only where there is one of each: else nobody knows which belong together.
    """
    rest = [change for change in found if change.type not in ("date_removed", "date_set")]
    by_type: dict[str, list[Change]] = defaultdict(list)
    for change in found:
        if change not in rest:
            by_type[(change.new or change.old)["type"]].append(change)
    for pair in by_type.values():
        rest += _moved(pair, events[0].at) if _is_move(pair) else pair
    return rest


def _is_move(pair: Sequence[Change]) -> bool:
    return sorted(change.type for change in pair) == ["date_removed", "date_set"]


def _moved(pair: Sequence[Change], at: dt.datetime) -> list[Change]:
    """The two as one; nothing where the new date is where the old one was."""
    gone, come = sorted(pair, key=lambda change: change.type)
    kind = kind_of(gone.was, come.now, at)
    if kind is None:
        return []
    return [
        replace(
            come, type=kind, old=gone.old, was=gone.was, replaces=gone.key_date_uid,
            reasons=come.reasons or gone.reasons,
        )
    ]  # fmt: skip


def _merged(series: list[CallEvent]) -> tuple[Any, Any]:
    """The first old and the last new value of each field; documents are those that were added."""
    if series[0].type == "document_added":
        return None, [document for event in series for document in event.new or ()] or None
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for event in series:
        old = {**(event.old or {}), **old}
        new = {**new, **(event.new or {})}
    differ = [name for name in new if old.get(name) != new[name]]
    if not differ:
        return (None, None) if new else (None, {})
    kept = {*differ, *({"currency"} & new.keys())}
    return {n: old.get(n) for n in kept}, {n: new[n] for n in kept}


def _rank(change: Change) -> tuple[int, dt.datetime]:
    place = ORDER.index(change.type) if change.type in ORDER else len(ORDER)
    return place, change.until or LAST
