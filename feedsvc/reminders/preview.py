"""What a reader may expect: when the next reminder of a subscription will leave, by today's dates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from feedsvc.calls import queries as calls
from feedsvc.calls.models import Call, KeyDate
from feedsvc.reminders import occasions, rules
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Subscription

NEAREST = 200  # deadlines looked at: the next reminder is about one of the next deadlines


def next_reminder(session: Session, row: Subscription, now: datetime) -> datetime | None:
    """The beginning of the hour in which it leaves; None while no deadline asks for one."""
    nearest = session.scalars(
        select(KeyDate)
        .join(Call, Call.id == KeyDate.call_id)
        .where(*occasions.stands(now), Call.id.in_(_followed(session, row, now)))
        .order_by(KeyDate.utc_at)
        .limit(NEAREST)
    )
    return rules.next_reminder(
        [occasions.deadline_of(key_date) for key_date in nearest],
        [offset.days for offset in row.offsets],
        zone=row.subscriber.zone,
        hour=row.subscriber.hour,
        now=now,
    )


def _followed(session: Session, row: Subscription, now: datetime) -> Select[int]:
    if row.filter is None:
        return select(Call.id).where(Call.id == row.entry_id)
    return calls.matching(session, queries.stored_filter(row.filter.query), now)
