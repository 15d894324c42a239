"""Count, for each value of what news and calls share, the entries that it would leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from feedsvc.content import queries
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster, Entry, entry_cluster

Counts = Mapping[str, Mapping[str, int]]  # facet -> value -> entries, the most frequent first

PUBLISHED = (7, 30, 90)  # days that are offered


def facets(session: Session, wanted: Filter, now: datetime) -> Counts:
    """The counts of kinds, clusters and times, each with the other conditions kept."""

    def left(name: str) -> Select[int]:
        return queries.matching(session, wanted.without(name), now)

    kinds = select(Entry.kind, func.count()).where(Entry.id.in_(left("kind")))
    clusters = (
        select(Cluster.slug, func.count())
        .join(entry_cluster, entry_cluster.c.cluster_id == Cluster.id)
        .where(entry_cluster.c.entry_id.in_(left("cluster")))
    )
    return {
        "kind": frequent_first(session.execute(kinds.group_by(Entry.kind))),
        "cluster": frequent_first(session.execute(clusters.group_by(Cluster.slug))),
        "published_within": _lately(session, wanted, left("published_within"), now),
    }


def offered(values: Iterable[int], chosen: Decimal | int | None) -> list[Decimal]:
    """The numbers to choose from, and with them the one that is chosen."""
    extra = [Decimal(chosen).normalize()] if chosen is not None else []
    return sorted({*map(Decimal, values), *extra})


def frequent_first(counted: Iterable[Sequence[Any]]) -> dict[str, int]:
    return dict(sorted(counted, key=lambda row: (-row[1], row[0])))  # type: ignore[arg-type]


def _lately(session: Session, wanted: Filter, ids: Select[int], now: datetime) -> dict[str, int]:
    days = [int(number) for number in offered(PUBLISHED, wanted.published_within)]
    sums = [
        func.sum(case((Entry.publish_at > now - timedelta(days=number), 1), else_=0))
        for number in days
    ]
    row = session.execute(select(*sums).where(Entry.id.in_(ids))).one()
    return {str(number): int(found) for number, found in zip(days, row, strict=True) if found}
