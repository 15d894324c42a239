"""What happened to a published call, read from how it was and how it is. Pure.

A deadline is "extended" only if it moved later while the old one was still ahead; once that had
passed the call is "reopened". A shift of less than a minute is noise of an import, not an event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feedsvc.calls import dates

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
    certainty: str = "confirmed"
    labels: Mapping[str, str] = field(default_factory=dict)
    sequence: int = 0

    @classmethod
    def read(cls, uid: str, written: Mapping[str, Any]) -> DateFact:
        """The date that `written` wrote."""
        day = dt.date.fromisoformat(written["date"])
        time = dt.time.fromisoformat(written["time"]) if written["time"] else None
        kind, zone, precision = written["type"], written["zone"], written["precision"]
        return cls(
            uid, kind, kind in dates.DEADLINE_TYPES, day, time, zone, precision,
            dates.instant(day, time, zone, kind=kind, precision=precision),
            written.get("certainty", "confirmed"), written.get("labels", {}),
        )  # fmt: skip

    def written(self) -> dict[str, Any]:
        """The date as it is kept in an event, zone and all."""
        labels = {"labels": dict(self.labels)} if self.labels else {}
        unsure = {"certainty": self.certainty} if self.certainty != "confirmed" else {}
        return {
            **labels,
            **unsure,
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
        kind = kind_of(old, new, now)
        if kind:
            events.append(
                Happened(kind, old and old.written(), new and new.written(), key_date_uid=uid)
            )
    return events


def of_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Happened]:
    """Whether the money, the eligibility or the documents changed; keys are form-field names."""
    events = []
    for kind, fields in (("money_changed", MONEY), ("eligibility_changed", ("applicants",))):
        old = {name: before[name] for name in fields if before[name] != after[name]}
        if old:
            new = {name: after[name] for name in old}
            if kind == "money_changed":  # the currency may be another one by the time it is read
                old["currency"], new["currency"] = before["currency"], after["currency"]
            events.append(Happened(kind, old, new))
    known = {document["url"] for document in before["documents"]}
    added = [document for document in after["documents"] if document["url"] not in known]
    return [*events, *([Happened("document_added", None, added)] if added else [])]


def of_closing(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    dates: Mapping[str, DateFact],
    *,
    now: dt.datetime,
) -> list[Happened]:
    """Whether an editor closed the call before its `dates` did, or took that back."""
    old, new = before["close_reason"], after["close_reason"]
    ahead = [fact.utc_at > now for fact in dates.values() if fact.is_deadline]
    if bool(old) == bool(new) or (ahead and not any(ahead)):
        return []
    return [Happened("closed", None, new) if new else Happened("reopened", old, None)]


def kind_of(old: DateFact | None, new: DateFact | None, now: dt.datetime) -> str | None:
    """The type of event that leads from one to the other; None if nothing has happened."""
    tells = (old or new, new or old)
    if not any(fact and (fact.is_deadline or fact.type == "opens") for fact in tells):
        return None
    if old is None:
        return "date_set"
    if new is None:
        return "date_removed"
    if abs(new.utc_at - old.utc_at) < JITTER:
        return _of_certainty(old, new) if new.utc_at > now else None
    if old.is_deadline and old.utc_at <= now < new.utc_at:
        return "reopened"
    if old.local_date == new.local_date:
        return "time_changed"
    return "date_extended" if new.utc_at > old.utc_at else "date_brought_forward"


def _of_certainty(old: DateFact, new: DateFact) -> str | None:
    """A date that stays is news if one can count on it now, or no more: then reminders begin or end."""
    if old.certainty == new.certainty:
        return None
    return "date_confirmed" if new.certainty == "confirmed" else "date_estimated"
