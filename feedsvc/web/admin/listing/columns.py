"""A list as a table to take away: a row for each entry, with the money as numbers and the dates as dates.

Every instant stands beside the zone that it is written in: a deadline in its own, the others in the
agency's.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import Account
from feedsvc.calls.models import Call, call_funder
from feedsvc.content.models import Cluster, Entry, Organisation, Programme, entry_cluster
from feedsvc.web.admin.listing import shown
from feedsvc.workbook import Cell

OF_ALL = ("number", "id", "title", "state", "languages", "clusters", "written_by", "published",
          "withdrawn", "updated", "timezone")  # fmt: skip
OF_CALLS = ("reference", "funders", "programme", "next_deadline", "deadline_timezone", "currency",
            "award_min", "award_max", "total_budget")  # fmt: skip
PORTION = 500  # entries


@dataclass(frozen=True)
class Exported:
    """What every row of a table shares."""

    kind: str
    zone: ZoneInfo
    now: dt.datetime

    @property
    def columns(self) -> tuple[str, ...]:
        return (*OF_ALL, *OF_CALLS) if self.kind == "call" else OF_ALL

    def rows(self, session: Session, portions: Iterable[Sequence[int]]) -> Iterator[list[Cell]]:
        """The cells of each entry, portion by portion."""
        for ids in portions:
            yield from self._portion(session, ids)

    def _portion(self, session: Session, ids: Sequence[int]) -> Iterator[list[Cell]]:
        named = {row.id: row for row in shown.rows(session, ids, self.kind)}
        clusters = _names(
            session, ids, entry_cluster.c.entry_id, entry_cluster.c.cluster_id, Cluster
        )
        more = _calls(session, ids, self.now) if self.kind == "call" else {}
        query = select(
            Entry.id, Entry.uid, Entry.publish_at, Entry.withdrawn_at, Entry.updated_at,
            Account.name,
        ).outerjoin(Account, Account.id == Entry.created_by)  # fmt: skip
        entries = {row.id: row for row in session.execute(query.where(Entry.id.in_(ids)))}
        for number in ids:
            if number in named and number in entries:
                entry, row = entries[number], named[number]
                yield [
                    number, entry.uid, row.title, row.status, row.languages, clusters[number],
                    entry.name, self._local(entry.publish_at), self._local(entry.withdrawn_at),
                    self._local(entry.updated_at), self.zone.key, *more.get(number, ()),
                ]  # fmt: skip

    def _local(self, at: dt.datetime | None) -> dt.datetime | None:
        return at.astimezone(self.zone).replace(tzinfo=None) if at is not None else None


def _calls(session: Session, ids: Sequence[int], now: dt.datetime) -> dict[int, list[Cell]]:
    funders = _names(
        session, ids, call_funder.c.call_id, call_funder.c.organisation_id, Organisation
    )
    ahead = shown.ahead(session, ids, now)
    call: Any = Call.__table__.c
    query = select(
        call.id, call.reference, Programme.slug, call.currency, call.award_min, call.award_max,
        call.total_budget,
    ).outerjoin(Programme, Programme.id == call.programme_id)  # fmt: skip
    return {
        row.id: [
            row.reference, funders[row.id], row.slug, *_deadline(ahead[row.id]),
            row.currency, row.award_min, row.award_max, row.total_budget,
        ]
        for row in session.execute(query.where(call.id.in_(ids)))
    }  # fmt: skip


def _deadline(ahead: Sequence[Any]) -> tuple[dt.datetime | None, str]:
    """The next one as it was written; a day without a time ends at its last minute."""
    first = min(ahead, key=lambda date: date.utc_at, default=None)
    if first is None:
        return None, ""
    at = first.local_time or dt.time(23, 59)
    return dt.datetime.combine(first.local_date, at), first.zone


def _names(
    session: Session, ids: Sequence[int], of: Column[int], to: Column[int], model: Any
) -> dict[int, str]:
    """The slugs of what entries belong to, joined."""
    found: dict[int, list[str]] = defaultdict(list)
    query = select(of, model.slug).join(model, model.id == to).where(of.in_(ids))
    for number, slug in session.execute(query.order_by(model.slug)):
        found[number].append(slug)
    return defaultdict(str, {number: "; ".join(slugs) for number, slugs in found.items()})
