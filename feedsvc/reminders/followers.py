"""Who is to be told on an occasion: those who follow the call itself, and those whose filter finds it.

The keys of the entry meet the keys of the filters in an index (`subscriptions.rules`); amounts are
compared beside that, and each different search text of a candidate is asked of the search index
once.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call
from feedsvc.content.models import Entry
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
                Subscription.filter_id.in_(filters(session, occasion.call)),
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


def filters(session: Session, entry: Entry) -> Select[int]:
    """Ids of the stored filters that find the entry, a call or a news item."""
    candidates = (
        select(FilterKey.filter_id)
        .join(StoredFilter, StoredFilter.id == FilterKey.filter_id)
        .where(
            FilterKey.key.in_(_keys(entry)),
            or_(StoredFilter.kind.is_(None), StoredFilter.kind == entry.kind),
            *_residual(entry),
        )
    )
    searched = _searched(session, entry, candidates)
    return candidates.where(or_(StoredFilter.q == "", StoredFilter.q.in_(searched)))


def _keys(entry: Entry) -> Sequence[str]:
    facets = {"cluster": [str(cluster.id) for cluster in entry.clusters]}
    if isinstance(entry, Call):
        facets |= {
            "funder": [str(funder.id) for funder in entry.funders],
            "programme": [str(entry.programme_id)] if entry.programme_id else [],
            "applicant": [row.applicant for row in entry.applicants],
            "model": [entry.deadline_model],
        }
    return rules.entry_keys(facets)


def _residual(entry: Entry) -> Sequence[ColumnElement[bool]]:
    """What is compared beside the keys: amounts, which news has not."""
    amount: ColumnElement[bool] = StoredFilter.award_max_from.is_(None)
    currency: ColumnElement[bool] = StoredFilter.currency.is_(None)
    if isinstance(entry, Call):
        currency = or_(currency, StoredFilter.currency == entry.currency)
        if entry.award_max is not None:
            amount = or_(amount, StoredFilter.award_max_from <= entry.award_max)
    return amount, currency


def _searched(session: Session, entry: Entry, candidates: Select[int]) -> list[str]:
    """Those of the candidates' search texts that find the entry."""
    texts = session.scalars(
        select(StoredFilter.q)
        .where(StoredFilter.q != "", StoredFilter.id.in_(candidates))
        .distinct()
    )
    return [
        text
        for text in texts
        if session.scalar(
            select(Entry.id).where(
                Entry.id == entry.id, Entry.id.in_(index.matching(session, text))
            )
        )
    ]
