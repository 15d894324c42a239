"""The items that are written: take them back, plan them again, ask whether they are still wanted.

`fan` writes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    exists,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from feedsvc.calls.models import KeyDate
from feedsvc.db import Base, UTCDateTime
from feedsvc.mail import outbox
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import followers, occasions
from feedsvc.reminders.due import Due
from feedsvc.reminders.models import DueDate, Item, Occasion
from feedsvc.statements import insert, one_of
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription, SubscriptionOffset

COALESCED = "coalesced"  # a nearer reminder of the same deadline says it, or will today
TOLD = "told"  # a notice of the same date, as it is now, came in its place
MUTED = "muted"  # the reader wants to hear nothing more of this call
PAUSED = "paused"  # it was due while the reader paused
UNSUBSCRIBED = "unsubscribed"
UNWANTED = frozenset({MUTED, PAUSED, UNSUBSCRIBED})
FAILED = "failed"  # it could not be written; the log says why
TAKEN_BACK = "taken back: a deadline in it does not stand any more"
COLUMNS = (
    "occasion_id", "subscriber_id", "subscription_id", "key_date_id", "deadline_at", "days",
    "state", "reason", "turn", "planned_at",
)  # fmt: skip


_NEARER = aliased(Item)
_OVERTAKEN = (
    select(Item.id)
    .join(
        _NEARER,
        and_(
            _NEARER.subscriber_id == Item.subscriber_id,
            _NEARER.key_date_id == Item.key_date_id,
            _NEARER.deadline_at == Item.deadline_at,
            _NEARER.days < Item.days,
        ),
    )
    .where(one_of(Item.id, "items"), _NEARER.state.in_(("planned", "mailed")))
)


def locking(rows: Select[*tuple[Any, ...]], *of: type[Base]) -> Select[*tuple[Any, ...]]:
    """The rows of items to be written, with a lock on those of `of` to which they will refer.

    As the key of the database's would: nobody deletes a reader or a date meanwhile on PostgreSQL, and
    who is gone when the lock is got has no row. SQLite has one writer at a time.
    """
    return rows.with_for_update(read=True, key_share=True, of=of)


def plan_again(session: Session, item_ids: Sequence[int], now: datetime) -> None:
    """The items of a mail that does not leave are told by another one."""
    session.execute(
        update(Item)
        .where(Item.id.in_(item_ids), Item.state == "mailed")
        .values(state="planned", reason="", mail_id=None, turn=Item.turn + 1, planned_at=now)
        .execution_options(synchronize_session="fetch")
    )


def overtaken(session: Session, rows: Sequence[Due]) -> set[int]:
    """Those that a nearer reminder of the same deadline has overtaken on its way to a mail.

    A mail that was stopped is planned again, and a planner may die between items and mails: without
    this the reader would hear twice that it closes tomorrow.
    """
    return set(session.scalars(_OVERTAKEN, {"items": [row.id for row in rows]}))


def to_withdraw(session: Session, due_date: DueDate) -> Sequence[int]:
    """The items of a date that have not left."""
    waiting = exists().where(OutboxMail.id == Item.mail_id, OutboxMail.state == "queued")
    return session.scalars(
        select(Item.id).where(
            Item.key_date_id == due_date.key_date_id,
            Item.deadline_at == due_date.at,
            or_(Item.state == "planned", and_(Item.state == "mailed", waiting)),
        )
    ).all()


def withdraw(session: Session, item_ids: Sequence[int], reason: str, now: datetime) -> None:
    """Take back these items, also out of mails that have not left. What else is in them stays."""
    theirs = Item.id.in_(item_ids)
    mails = session.scalars(select(Item.mail_id).where(theirs, Item.state == "mailed").distinct())
    taken = outbox.take_back(session, [n for n in mails if n], reason=TAKEN_BACK, now=now)
    session.execute(
        update(Item)
        .where(theirs, or_(Item.state == "planned", Item.mail_id.in_(taken)))
        .values(state="void", reason=reason, mail_id=None)
        .execution_options(synchronize_session=False)
    )
    plan_again(session, session.scalars(select(Item.id).where(Item.mail_id.in_(taken))).all(), now)


def count_as_told(
    session: Session, key_date_id: int, subscribers: Select[int], now: datetime
) -> None:
    """A notice tells these readers of that date as it is now: it counts as each passed lead time.

    `subscribers` are ids. To be called after the occasions of the turn are made, and before they
    are planned; the readers' own items are there first then, and nothing is planned beside them.
    """
    asked = (
        select(Subscription.subscriber_id, SubscriptionOffset.days)
        .join(SubscriptionOffset, SubscriptionOffset.subscription_id == Subscription.id)
        .where(Subscription.subscriber_id.in_(subscribers))
        .distinct()
        .subquery("asked")
    )
    rows = (
        select(
            Occasion.id, Subscriber.id, null(), Occasion.key_date_id, Occasion.deadline_at,
            Occasion.days, literal("void", String()), literal(TOLD, String()),
            literal(1, BigInteger()), literal(now, UTCDateTime()),
        )
        .join(KeyDate, and_(KeyDate.id == key_date_id, KeyDate.utc_at == Occasion.deadline_at))
        .join(Subscriber, _lives_there())
        .join(asked, and_(asked.c.subscriber_id == Subscriber.id, asked.c.days == Occasion.days))
        .where(
            Occasion.key_date_id == key_date_id,
            Occasion.state == "open",
            or_(Occasion.due_at <= now, Occasion.known_at >= Occasion.due_at),
        )
    )  # fmt: skip
    statement = insert(session, Item).from_select(COLUMNS, locking(rows, Subscriber, KeyDate))
    session.execute(statement.on_conflict_do_nothing())


def remind_instead(rows: Sequence[Item], now: datetime) -> int:
    """Plan what a notice counted as told and did not tell: of each date the nearest; how many.

    `rows` are in the order of readers, dates and deadlines, the nearest lead times first.
    """
    same = groupby(rows, key=lambda item: (item.subscriber_id, item.key_date_id, item.deadline_at))
    planned = 0
    for _, lead_times in same:
        nearest, *others = lead_times
        nearest.state, nearest.reason, nearest.planned_at = "planned", "", now
        nearest.turn += 1
        for item in others:
            item.reason = COALESCED
        planned += 1
    return planned


def unwanted(session: Session, rows: Collection[Item], now: datetime) -> Mapping[int, str]:
    """The items whose readers do not want them any more, by id, with the reason.

    An item whose subscription has ended, or lost this lead time, may be asked for by another one of
    its reader: then that one is noted in it.
    """
    found: dict[int, str] = {}
    asked = _asked_for(session, rows)
    held = _held_back(session, rows, now)
    for item in rows:
        if item.id in held:
            found[item.id] = held[item.id]
        elif item.id not in asked and not _asked_by_another(session, item):
            found[item.id] = UNSUBSCRIBED
    return found


def asked_for() -> ColumnElement[bool]:
    """Whether an item's own subscription asks for it. For queries that join its key date."""
    offset = exists().where(
        SubscriptionOffset.subscription_id == Item.subscription_id,
        SubscriptionOffset.days == Item.days,
    )
    return and_(Item.subscription_id.is_not(None), or_(offset, occasions.opens()))


def muted() -> ColumnElement[bool]:
    """Whether an item's reader muted its call. For queries that join its key date."""
    return exists().where(
        CallMute.subscriber_id == Item.subscriber_id, CallMute.call_id == KeyDate.call_id
    )


def paused(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether an item's reader pauses."""
    return exists().where(Subscriber.id == Item.subscriber_id, Subscriber.paused_until > now)


def _asked_for(session: Session, rows: Collection[Item]) -> set[int]:
    """The items whose subscription still asks for that lead time; an opening needs none."""
    return set(
        session.scalars(
            select(Item.id)
            .join(KeyDate, KeyDate.id == Item.key_date_id)
            .where(Item.id.in_([item.id for item in rows]), asked_for())
        )
    )


def _held_back(session: Session, rows: Collection[Item], now: datetime) -> dict[int, str]:
    """The items of muted calls and of readers who pause."""
    found = session.execute(
        select(Item.id, case((muted(), MUTED), else_=PAUSED))
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .where(Item.id.in_([item.id for item in rows]), or_(muted(), paused(now)))
    )
    return {row[0]: row[1] for row in found}


def _asked_by_another(session: Session, item: Item) -> bool:
    item.subscription_id = followers.subscription_of(session, item.occasion, item.subscriber_id)
    return item.subscription_id is not None


def _lives_there() -> ColumnElement[bool]:
    return and_(Subscriber.zone == Occasion.zone, Subscriber.hour == Occasion.hour)
