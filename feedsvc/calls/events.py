"""What happened to a published call, read from how it was and how it is. Pure.

A deadline is "extended" only if it moved later while the old one was still ahead; once that had
passed the call is "reopened". A shift of less than a minute is noise of an import, not an event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JITTER = dt.timedelta(seconds=60)
MONEY = (
    "currency", "total_budget", "award_min", "award_max", "cofinancing_min", "cofinancing_max",
)  # fmt: skip


@dataclass(frozen=True)
class DateFact:
    """A key date at one moment of its life."""

    uid: str
    type: str
    is_deadline: bool
    local_date: dt.date
    local_time: dt.time | None
    zone: str
    precision: str
    utc_at: dt.datetime

    def written(self) -> dict[str, str | None]:
        """The date as it is kept in an event, zone and all."""
        return {
            "type": self.type,
            "date": self.local_date.isoformat(),
            "time": self.local_time.strftime("%H:%M") if self.local_time else None,
            "zone": self.zone,
            "precision": self.precision,
        }


@dataclass(frozen=True)
class Happened:
    """An event to be kept. `old` and `new` are JSON values."""

    type: str
    old: Any
    new: Any
    key_date_uid: str | None = None


def of_dates(
    before: Mapping[str, DateFact], after: Mapping[str, DateFact], *, now: dt.datetime
) -> list[Happened]:
    """What became of the deadlines and the opening; both mappings are by uid."""
    events = []
    for uid in sorted(before.keys() | after.keys()):
        old, new = before.get(uid), after.get(uid)
        kind = _kind(old, new, now)
        if kind:
            events.append(
                Happened(kind, old and old.written(), new and new.written(), key_date_uid=uid)
            )
    return events


def of_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Happened]:
    """Whether the money or the eligibility changed; keys are form-field names."""
    events = []
    for kind, fields in (("money_changed", MONEY), ("eligibility_changed", ("applicants",))):
        old = {name: before[name] for name in fields if before[name] != after[name]}
        if old:
            events.append(Happened(kind, old, {name: after[name] for name in old}))
    return events


def _kind(old: DateFact | None, new: DateFact | None, now: dt.datetime) -> str | None:
    tells = (old or new, new or old)
    if not any(fact and (fact.is_deadline or fact.type == "opens") for fact in tells):
        return None
    if old is None:
        return "date_set"
    if new is None:
        return "date_removed"
    if abs(new.utc_at - old.utc_at) < JITTER:
        return None
    if old.is_deadline and old.utc_at <= now < new.utc_at:
        return "reopened"
    if old.local_date == new.local_date:
        return "time_changed"
    return "date_extended" if new.utc_at > old.utc_at else "date_brought_forward"
