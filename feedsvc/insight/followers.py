"""How many follow what: confirmed subscriptions by mail, as numbers without anybody's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.subscriptions import rules
from feedsvc.subscriptions.models import FilterKey, Subscriber, Subscription


@dataclass(frozen=True)
class Followers:
    """`calls` are those that most follow themselves, by entry; `clusters` all that are followed,
    by id, counting each subscription whose filter names them."""

    readers: int
    subscriptions: int
    calls: Mapping[int, int]
    clusters: Mapping[int, int]


def followers(session: Session, *, most_calls: int) -> Followers:
    readers = select(func.count()).where(Subscriber.confirmed_at.is_not(None))
    confirmed = select(func.count()).where(Subscription.confirmed_at.is_not(None))
    return Followers(
        readers=session.scalar(readers) or 0,
        subscriptions=session.scalar(confirmed) or 0,
        calls=_calls(session, most_calls),
        clusters=_clusters(session),
    )


def _calls(session: Session, most: int) -> dict[int, int]:
    """From ix_subscription_entry alone."""
    number = func.count().label("number")
    rows = session.execute(
        select(Subscription.entry_id, number)
        .where(Subscription.entry_id.is_not(None), Subscription.confirmed_at.is_not(None))
        .group_by(Subscription.entry_id)
        .order_by(number.desc(), Subscription.entry_id)
        .limit(most)
    )
    return {int(row.entry_id or 0): row.number for row in rows}


def _clusters(session: Session) -> dict[int, int]:
    """From ix_subscription_filter, and the keys of filters, which name clusters by id."""
    rows = session.execute(
        select(Subscription.filter_id, func.count().label("number"))
        .where(Subscription.filter_id.is_not(None), Subscription.confirmed_at.is_not(None))
        .group_by(Subscription.filter_id)
    )
    numbers = {row.filter_id: row.number for row in rows}
    found = Counter[int]()
    for filter_id, cluster in {
        (row.filter_id, row.key.partition("|")[0])
        for row in session.execute(
            select(FilterKey.filter_id, FilterKey.key).where(~FilterKey.key.startswith(rules.ANY))
        )
    }:
        found[int(cluster)] += numbers.get(filter_id, 0)
    return {cluster: number for cluster, number in found.most_common() if number}
