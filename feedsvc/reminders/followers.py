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


def of(occasion: Occasion, filters: Select[int]) -> Select[int, int]:
    """Subscribers and subscriptions that ask for it; a reader may ask in several of them.

    `filters` are those of `filters_of`. Who subscribed after the occasion was due is late for it,
    and is told the next time. An opening is told whatever the lead times are.
    """
    found = (
        select(Subscription.subscriber_id, Subscription.id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.confirmed_at <= occasion.followed_by,
            Subscriber.confirmed_at.is_not(None),
            Subscriber.zone == occasion.zone,
            Subscriber.hour == occasion.hour,
            asks(occasion.call_id, filters),
        )
    )
    if occasion.key_date.type == "opens":
        return found
    return found.join(
        SubscriptionOffset, SubscriptionOffset.subscription_id == Subscription.id
    ).where(SubscriptionOffset.days == occasion.days)


def asks(call_id: int, filters: Select[int]) -> ColumnElement[bool]:
    """Whether a subscription is about the call: by itself, or by a filter that finds it."""
    return or_(Subscription.entry_id == call_id, Subscription.filter_id.in_(filters))


def subscription_of(session: Session, occasion: Occasion, subscriber_id: int) -> int | None:
    """The subscription by which one reader is to be told now; None if there is none any more.

    Where and when the reader lives by now does not matter: the reminder is planned.
    """
    filters = filters_of(session, occasion.call)
    found = select(func.min(Subscription.id)).where(
        Subscription.subscriber_id == subscriber_id,
        Subscription.confirmed_at <= occasion.followed_by,
        asks(occasion.call_id, filters),
    )
    if occasion.key_date.type != "opens":
        found = found.join(
            SubscriptionOffset, SubscriptionOffset.subscription_id == Subscription.id
        ).where(SubscriptionOffset.days == occasion.days)
    return session.scalar(found)


def filters_of(session: Session, call: Call) -> Select[int]:
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
