"""Which entries were taken away of late: Atom says so for a while (RFC 6721).

A deleted entry leaves no more than its uid and kind. So a filtered feed may name an entry that it
never held, which no reader minds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CompoundSelect, func, select, union_all
from sqlalchemy.orm import Session

from feedsvc.content.models import Cluster, Entry, Tombstone, entry_cluster
from feedsvc.feeds.model import Buried
from feedsvc.feeds.moments import Moments
from feedsvc.feeds.query import Query

KEPT_FOR = timedelta(days=60)
MOST = 500


def of(session: Session, query: Query, now: datetime) -> tuple[tuple[Buried, ...], Moments]:
    """What was taken away in the last 60 days, the latest first, and when that changes by time.

    None but for the present feed: a page or a month shows what it has.
    """
    if query.format != "atom" or query != query.present:
        return (), Moments(None, None)
    rows = _taken_away(query, now).subquery()
    told = now - KEPT_FOR
    found = session.execute(
        select(rows.c.uid, rows.c.at)
        .where(rows.c.at > told)
        .order_by(rows.c.at.desc(), rows.c.uid)
        .limit(MOST)
    ).all()
    forgotten = session.scalar(select(func.max(rows.c.at)).where(rows.c.at <= told))
    buried = tuple(Buried(row.uid, row.at.replace(microsecond=0)) for row in found)
    return buried, Moments(
        forgotten + KEPT_FOR if forgotten else None, found[-1].at + KEPT_FOR if found else None
    )


def _taken_away(query: Query, now: datetime) -> CompoundSelect[str, datetime]:
    """Withdrawn entries, and deleted ones, each with the instant."""
    kinds = _kinds(query)
    withdrawn = select(Entry.uid, Entry.withdrawn_at.label("at")).where(
        Entry.withdrawn_at <= now, Entry.kind.in_(kinds)
    )
    if query.filter.cluster:
        withdrawn = withdrawn.where(
            Entry.id.in_(
                select(entry_cluster.c.entry_id)
                .join(Cluster, Cluster.id == entry_cluster.c.cluster_id)
                .where(Cluster.slug.in_(query.filter.cluster))
            )
        )
    deleted = (
        select(Tombstone.uid, func.max(Tombstone.deleted_at).label("at"))
        .where(Tombstone.kind.in_(kinds))
        .group_by(Tombstone.uid)
    )
    return union_all(withdrawn, deleted)


def _kinds(query: Query) -> tuple[str, ...]:
    if query.wanted.only_calls:
        return ("call",)
    return (query.filter.kind,) if query.filter.kind else ("news", "call")
