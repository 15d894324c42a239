"""Which entries were taken away of late: Atom says so for a while (RFC 6721).

A deleted entry leaves no more than its uid and kind. So a filtered feed may name an entry that it
never held, which no reader minds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from feedsvc.content.models import Cluster, Entry, Tombstone, entry_cluster
from feedsvc.feeds.model import Buried
from feedsvc.feeds.moments import Moments
from feedsvc.feeds.query import Query

KEPT_FOR = timedelta(days=60)
MOST = 500


def buried(session: Session, query: Query, now: datetime) -> tuple[Buried, ...]:
    """What was taken away in the last 60 days, the latest first; none but for the present feed."""
    if not tells(query):
        return ()
    found: dict[str, datetime] = {}
    for rows in _taken_away(query):
        for uid, at in session.execute(
            select(rows.c.uid, rows.c.at).where(rows.c.at > now - KEPT_FOR)
        ):
            found[uid] = max(at.replace(microsecond=0), found.get(uid, at.replace(microsecond=0)))
    latest = sorted(found.items(), key=lambda item: (item[1], item[0]), reverse=True)
    return tuple(Buried(uid, at) for uid, at in latest[:MOST])


def moments(session: Session, query: Query, now: datetime) -> Moments:
    """When the last one was forgotten, and when the next one will be."""
    last, coming = [], []
    if tells(query):
        for rows in _taken_away(query):
            at = rows.c.at
            past, ahead = session.execute(
                select(
                    func.max(at).filter(at <= now - KEPT_FOR),
                    func.min(at).filter(at > now - KEPT_FOR),
                )
            ).one()
            last += [past + KEPT_FOR] if past else []
            coming += [ahead + KEPT_FOR] if ahead else []
    return Moments(max(last, default=None), min(coming, default=None))


def tells(query: Query) -> bool:
    return query.format == "atom" and query == query.present


def _taken_away(query: Query) -> Iterator[Subquery]:
    """Withdrawn entries, and deleted ones, each with the instant, as subqueries."""
    kinds = _kinds(query)
    withdrawn = select(Entry.uid, Entry.withdrawn_at.label("at")).where(
        Entry.withdrawn_at.is_not(None), Entry.kind.in_(kinds)
    )
    if query.filter.cluster:
        withdrawn = withdrawn.where(
            Entry.id.in_(
                select(entry_cluster.c.entry_id)
                .join(Cluster, Cluster.id == entry_cluster.c.cluster_id)
                .where(Cluster.slug.in_(query.filter.cluster))
            )
        )
    yield withdrawn.subquery()
    yield (
        select(Tombstone.uid, func.max(Tombstone.deleted_at).label("at"))
        .where(Tombstone.kind.in_(kinds))
        .group_by(Tombstone.uid)
        .subquery()
    )


def _kinds(query: Query) -> tuple[str, ...]:
    if query.wanted.only_calls:
        return ("call",)
    return (query.filter.kind,) if query.filter.kind else ("news", "call")
