"""Who is to be told on an occasion: those who follow the call itself, and those whose filter finds it.

The keys of the call meet the keys of the filters in an index (`subscriptions.rules`); amounts are
compared beside that, and each different search text of a candidate is asked of the search index
once.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call
from feedsvc.reminders.models import Occasion
from feedsvc.search import index
from feedsvc.subscriptions import rules
from feedsvc.subscriptions.models import (
    FilterKey,
    StoredFilter,
    Subscriber,
    Subscription,
    SubscriptionOffset,
)


def of(session: Session, occasion: Occasion) -> Select[int, int]:
    """Pairs of subscriber and subscription, one pair for each reader.

    Who subscribed after the occasion was due is late for it, and is told the next time.
    """
    return (
        select(Subscription.subscriber_id, func.min(Subscription.id))
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(SubscriptionOffset, SubscriptionOffset.subscription_id == Subscription.id)
        .where(
            Subscription.confirmed_at <= occasion.due_at,
            Subscriber.confirmed_at.is_not(None),
            Subscriber.zone == occasion.zone,
            SubscriptionOffset.days == occasion.days,
            or_(
                Subscription.entry_id == occasion.call_id,
                Subscription.filter_id.in_(_filters(session, occasion.call)),
            ),
        )
        .group_by(Subscription.subscriber_id)
    )


def subscription_of(session: Session, occasion: Occasion, subscriber_id: int) -> int | None:
    """The subscription by which one reader is to be told now; None if there is none any more."""
    row = session.execute(
        of(session, occasion).where(Subscription.subscriber_id == subscriber_id)
    ).one_or_none()
    return row[1] if row else None


def _filters(session: Session, call: Call) -> Select[int]:
    """Ids of the stored filters that the call meets."""
    candidates = (
        select(FilterKey.filter_id)
        .join(StoredFilter, StoredFilter.id == FilterKey.filter_id)
        .where(FilterKey.key.in_(_keys(call)), *_residual(call))
    )
    searched = _searched(session, call, candidates)
    return candidates.where(or_(StoredFilter.q == "", StoredFilter.q.in_(searched)))


def _keys(call: Call) -> Sequence[str]:
    return rules.entry_keys(
        {
            "cluster": [str(cluster.id) for cluster in call.clusters],
            "funder": [str(funder.id) for funder in call.funders],
            "programme": [str(call.programme_id)] if call.programme_id else [],
            "applicant": [row.applicant for row in call.applicants],
            "model": [call.deadline_model],
        }
    )


def _residual(call: Call) -> Sequence[ColumnElement[bool]]:
    amount: ColumnElement[bool] = StoredFilter.award_max_from.is_(None)
    if call.award_max is not None:
        amount = or_(amount, StoredFilter.award_max_from <= call.award_max)
    return amount, or_(StoredFilter.currency.is_(None), StoredFilter.currency == call.currency)


def _searched(session: Session, call: Call, candidates: Select[int]) -> list[str]:
    """Those of the candidates' search texts that find the call."""
    texts = session.scalars(
        select(StoredFilter.q)
        .where(StoredFilter.q != "", StoredFilter.id.in_(candidates))
        .distinct()
    )
    return [
        text
        for text in texts
        if session.scalar(
            select(Call.id).where(Call.id == call.id, Call.id.in_(index.matching(session, text)))
        )
    ]


def filters_of(session: Session, call: Call) -> Select[int]:
    """Ids of the stored filters that find the call, whoever follows them."""
    return _filters(session, call)
