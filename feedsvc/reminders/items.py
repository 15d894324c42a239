"""Write the items of an occasion, and take them back. Unique keys make every repeat harmless."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    case,
    exists,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.dml import ReturningInsert

from feedsvc.db import UTCDateTime, insert
from feedsvc.mail import outbox
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import followers, occasions, rules
from feedsvc.reminders.models import Item, Occasion
from feedsvc.subscriptions.models import SubscriptionOffset

COALESCED = "coalesced"  # a nearer reminder of the same deadline says it
UNSUBSCRIBED = "unsubscribed"
UNWANTED = frozenset({UNSUBSCRIBED})
FAILED = "failed"  # it could not be written; the log says why
TAKEN_BACK = "taken back: a deadline in it does not stand any more"
COLUMNS = (
    "occasion_id", "subscriber_id", "subscription_id", "key_date_id", "deadline_at", "days",
    "state", "reason", "turn", "planned_at",
)  # fmt: skip


def plan(session: Session, occasion_id: int, now: datetime) -> int:
    """Write the items of one due occasion, once; how many. Others who are at it are not waited for.

    An item that was taken back when its deadline fell, which now stands again, is planned again.
    """
    occasion = session.scalar(
        select(Occasion)
        .where(Occasion.id == occasion_id, Occasion.state == "open")
        .with_for_update(skip_locked=True)
    )
    if occasion is None:
        return 0
    if rules.expires_at(occasion.deadline_at) <= now:
        occasion.state, occasion.reason = "void", occasions.LATE
        return 0
    written = len(session.execute(_insert(session, occasion, now)).all())
    occasion.state = "done"
    return written


def withdraw(session: Session, occasion_ids: Collection[int], now: datetime) -> None:
    """Take back the items of void occasions, also out of mails that have not left."""
    if not occasion_ids:
        return
    _void(session, Item.state == "planned", Item.occasion_id.in_(occasion_ids))
    waiting = session.scalars(
        select(Item.mail_id)
        .join(OutboxMail, OutboxMail.id == Item.mail_id)
        .where(Item.occasion_id.in_(occasion_ids), OutboxMail.state == "queued")
        .distinct()
    ).all()
    taken = outbox.take_back(session, [n for n in waiting if n], reason=TAKEN_BACK, now=now)
    _void(session, Item.mail_id.in_(taken), Item.occasion_id.in_(occasion_ids))
    plan_again(session, session.scalars(select(Item.id).where(Item.mail_id.in_(taken))).all(), now)


def plan_again(session: Session, item_ids: Sequence[int], now: datetime) -> None:
    """The items of a mail that does not leave are told by another one."""
    session.execute(
        update(Item)
        .where(Item.id.in_(item_ids), Item.state == "mailed")
        .values(state="planned", reason="", mail_id=None, turn=Item.turn + 1, planned_at=now)
        .execution_options(synchronize_session="fetch")
    )


def unwanted(session: Session, rows: Sequence[Item], now: datetime) -> dict[int, str]:  # noqa: ARG001
    """The items whose readers do not want them any more, by id, with the reason.

    An item whose subscription has ended, or lost this lead time, may be asked for by another one of
    its reader: then that one is noted in it.
    """
    asked = _asked_for(session, rows)
    return {
        item.id: UNSUBSCRIBED
        for item in rows
        if item.id not in asked and not _asked_by_another(session, item)
    }


def _asked_for(session: Session, rows: Sequence[Item]) -> set[int]:
    """The items whose subscription still asks for that lead time."""
    return set(
        session.scalars(
            select(Item.id)
            .join(
                SubscriptionOffset,
                and_(
                    SubscriptionOffset.subscription_id == Item.subscription_id,
                    SubscriptionOffset.days == Item.days,
                ),
            )
            .where(Item.id.in_([item.id for item in rows]))
        )
    )


def _asked_by_another(session: Session, item: Item) -> bool:
    item.subscription_id = followers.subscription_of(session, item.occasion, item.subscriber_id)
    return item.subscription_id is not None


def _void(session: Session, *which: ColumnElement[bool]) -> None:
    """Void items with the reason of their occasion."""
    reason = select(Occasion.reason).where(Occasion.id == Item.occasion_id).scalar_subquery()
    session.execute(
        update(Item)
        .where(*which)
        .values(state="void", reason=reason, mail_id=None)
        .execution_options(synchronize_session=False)
    )


def _insert(session: Session, occasion: Occasion, now: datetime) -> ReturningInsert[Any]:
    """INSERT ... SELECT of the occasion's followers."""
    readers = followers.of(session, occasion).subquery("readers")
    subscriber_id, subscription_id = readers.c
    nearer = _nearer_told(occasion, subscriber_id)
    rows = select(
        literal(occasion.id, BigInteger()),
        subscriber_id,
        subscription_id,
        literal(occasion.key_date_id, BigInteger()),
        literal(occasion.deadline_at, UTCDateTime()),
        literal(occasion.days, BigInteger()),
        case((nearer, literal("void", String())), else_=literal("planned", String())),
        case((nearer, literal(COALESCED, String())), else_=literal("", String())),
        literal(1, BigInteger()),
        literal(now, UTCDateTime()),
    ).where(subscriber_id.is_not(None))  # SQLite needs a WHERE before ON CONFLICT
    statement = insert(session, Item).from_select(COLUMNS, rows)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["subscriber_id", "key_date_id", "deadline_at", "days"],
        set_={
            "occasion_id": new.occasion_id,
            "subscription_id": new.subscription_id,
            "state": new.state,
            "reason": new.reason,
            "turn": Item.turn + 1,
            "planned_at": new.planned_at,
        },
        where=and_(Item.state == "void", Item.reason.in_(occasions.REOPENABLE)),
    ).returning(Item.id)


def _nearer_told(occasion: Occasion, subscriber_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the reader has, or had, a later reminder of the same deadline."""
    other = aliased(Item)
    return exists().where(
        other.subscriber_id == subscriber_id,
        other.key_date_id == occasion.key_date_id,
        other.deadline_at == occasion.deadline_at,
        other.days < occasion.days,
        other.state.in_(("planned", "mailed")),
    )
