"""The planned items of some readers, and what a mail about them needs to know.

What many items have in common (a reader, a date, a subscription) is read once and is one object. As
columns of each item it would take longer to make than all the rest of a mail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Result, bindparam, exists, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import KeyDate
from feedsvc.reminders import occasions
from feedsvc.reminders.models import Item, Occasion
from feedsvc.reminders.rules import Deadline
from feedsvc.statements import constant, one_of
from feedsvc.subscriptions.models import Subscriber, Subscription


@dataclass(frozen=True, slots=True)
class Reader:
    id: int
    uid: str
    email: str
    language: str
    zone: str
    hour: int
    workdays: int | None
    holidays: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A subscription by which something is told."""

    id: int
    uid: str
    filter_id: int | None
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class Date:
    """An occasion, and its date as that is now."""

    occasion_id: int
    call_id: int
    due_at: datetime
    known_at: datetime
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Due:
    """An item with what its mail needs to know; without a reason, if its subscription has ended."""

    id: int
    turn: int
    days: int
    deadline_at: datetime
    date: Date
    reader: Reader
    reason: Reason | None


# Anybody who has planned items (ix_reminder_item_planned).
WAITING = select(Item.id).where(Item.state == constant("planned")).limit(1)
_READERS = (
    select(*(getattr(Subscriber, name) for name in Reader.__slots__))
    .where(
        Subscriber.id > bindparam("after"),
        exists().where(Item.subscriber_id == Subscriber.id, Item.state == constant("planned")),
    )
    .order_by(Subscriber.id)
    .limit(bindparam("at_once"))
    .with_for_update(skip_locked=True, key_share=True)
)
_ITEMS = select(
    Item.id, Item.turn, Item.days, Item.occasion_id, Item.subscriber_id, Item.subscription_id
).where(Item.state == constant("planned"), one_of(Item.subscriber_id, "readers"))
_DATES = (
    select(
        Occasion.id, Occasion.call_id, Occasion.due_at, Occasion.known_at, Occasion.deadline_at,
        KeyDate.local_date, KeyDate.local_time, KeyDate.zone, KeyDate.utc_at, KeyDate.type,
    )
    .join(KeyDate, KeyDate.id == Occasion.key_date_id)
    .where(one_of(Occasion.id, "occasions"))
)  # fmt: skip
_REASONS = select(*(getattr(Subscription, name) for name in Reason.__slots__)).where(
    one_of(Subscription.id, "subscriptions")
)


def readers(session: Session, after: int, at_once: int) -> Sequence[Reader]:
    """The next readers who have planned items, locked: who holds a reader writes all of their items.

    Were the items locked instead, two processes could each get a part, and write two mails.
    """
    return [Reader(*row) for row in _all(session, _READERS, after=after, at_once=at_once)]


def of_readers(session: Session, some: Sequence[Reader]) -> list[Due]:
    """Their planned items, reader by reader, the nearest deadline first."""
    if not some:
        return []
    people = {reader.id: reader for reader in some}
    rows = _all(session, _ITEMS, readers=list(people))
    dates = _dates(session, {row.occasion_id for row in rows})
    reasons = _reasons(session, {row.subscription_id for row in rows} - {None})
    found = [
        Due(id_, turn, days, *dates[occasion], people[reader], reasons.get(subscription))
        for id_, turn, days, occasion, reader, subscription in rows
        if occasion in dates
    ]
    found.sort(key=lambda one: (one.reader.id, one.deadline_at, one.id))
    return found


def _dates(session: Session, ids: Collection[int]) -> Mapping[int, tuple[datetime, Date]]:
    """The deadline for which an occasion was planned, and its date as it is now."""
    return {
        row.id: (
            row.deadline_at,
            Date(row.id, row.call_id, row.due_at, row.known_at, occasions.deadline_of(row)),
        )
        for row in _all(session, _DATES, occasions=ids)
    }


def _reasons(session: Session, ids: Collection[int]) -> Mapping[int, Reason]:
    return {row.id: Reason(*row) for row in _all(session, _REASONS, subscriptions=ids)}


def _all(session: Session, statement: Executable, **values: Any) -> Sequence[Any]:
    found: Result[*tuple[Any, ...]] = session.connection().execute(statement, values)
    return found.all()
