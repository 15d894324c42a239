"""Write the items of a notice, and take them back. Unique keys make every repeat harmless.

Readers are written some thousands at a time, in the order of their numbers, so that nobody waits
for long and a process that dies leaves a beginning that the next one goes on from.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    case,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from feedsvc.calls.models import CallEvent, KeyDate
from feedsvc.db import UTCDateTime
from feedsvc.reminders import items as reminders
from feedsvc.reminders import occasions
from feedsvc.reminders import rules as reminder_rules
from feedsvc.reminders.models import Item, Notice, NoticeItem
from feedsvc.reminders.notices import audience, rules
from feedsvc.reminders.notices.found import CHANGED
from feedsvc.statements import insert
from feedsvc.subscriptions.models import Subscriber

AT_ONCE = 2000  # readers in one transaction
OFF = (rules.UNPUBLISHED, rules.CANCELLED)  # as the reasons of reminders that come back
COLUMNS = (
    "notice_id", "subscriber_id", "subscription_id", "told_event_id", "state", "reason", "turn",
    "planned_at",
)  # fmt: skip


def plan(session: Session, notice_id: int, now: datetime) -> tuple[int, bool]:
    """Write items of one open notice; how many, and whether that was all of them.

    Others who are at it are not waited for.
    """
    notice = session.scalar(
        select(Notice)
        .where(Notice.id == notice_id, Notice.state == "open")
        .with_for_update(skip_locked=True)
    )
    if notice is None:
        return 0, True
    if notice.expires_at <= now:
        notice.state, notice.reason = "void", rules.LATE
        return 0, True
    written = _insert(session, notice, now)
    if written < AT_ONCE:
        notice.state = "done"
        _count_as_reminders(session, notice, now)
    return written, written < AT_ONCE


def again(session: Session, item_ids: Collection[int], now: datetime) -> None:
    """The items of a mail that does not leave are told by another one."""
    session.execute(
        update(NoticeItem)
        .where(NoticeItem.id.in_(item_ids), NoticeItem.state == "mailed")
        .values(state="planned", reason="", mail_id=None, turn=NoticeItem.turn + 1, planned_at=now)
        .execution_options(synchronize_session="fetch")
    )


def void(session: Session, item_ids: Collection[int], reason: str) -> None:
    """Items that are not told, with the reason; what had been said by a mail stays known."""
    session.execute(
        update(NoticeItem)
        .where(NoticeItem.id.in_(item_ids))
        .values(state="void", reason=reason)
        .execution_options(synchronize_session="fetch")
    )
    if reason in OFF:
        _count_no_more(session, item_ids, reason)


def undo(session: Session, item: NoticeItem, now: datetime, *, told_at: datetime | None) -> None:
    """There is nothing to tell after all: what the item counted as told is told by a reminder.

    A mail that was written at `told_at` told the reader how it is now: it stands for the reminders
    whose hour had come by then.
    """
    item.state, item.reason = "void", rules.UNDONE
    counted = session.execute(
        select(Item, KeyDate)
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .where(Item.id.in_(_counted(session, [item.id])))
        .order_by(Item.key_date_id, Item.deadline_at, Item.days)
    )
    untold = [one for one, date in counted if told_at is None or _hour(one, date) > told_at]
    reminders.remind_instead(untold, now)


def _hour(item: Item, date: KeyDate) -> datetime:
    """When the reminder comes by rights; the occasion of a date that came back may be due later."""
    occasion, deadline = item.occasion, occasions.deadline_of(date)
    return reminder_rules.due_at(deadline, item.days, zone=occasion.zone, hour=occasion.hour)


def _count_no_more(session: Session, item_ids: Collection[int], reason: str) -> None:
    """What such a notice counted as told was not: it is told when the call stands again."""
    session.execute(
        update(Item)
        .where(Item.id.in_(_counted(session, item_ids)))
        .values(reason=reason)
        .execution_options(synchronize_session=False)
    )


def _counted(session: Session, item_ids: Collection[int]) -> Sequence[int]:
    """The reminders in whose place the items came, of dates as they are now."""
    return session.scalars(
        select(Item.id)
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .join(NoticeItem, NoticeItem.subscriber_id == Item.subscriber_id)
        .join(Notice, and_(Notice.id == NoticeItem.notice_id, Notice.kind == CHANGED))
        .join(CallEvent, of_notice(CallEvent.key_date_uid == KeyDate.uid))
        .where(
            NoticeItem.id.in_(item_ids),
            Item.state == "void",
            Item.reason == reminders.TOLD,
            Item.deadline_at == KeyDate.utc_at,
        )
    ).all()


def of_notice(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an event is one that a notice tells of."""
    return and_(
        CallEvent.call_id == Notice.call_id,
        CallEvent.id.between(Notice.first_event_id, Notice.last_event_id),
        *more,
    )


def _count_as_reminders(session: Session, notice: Notice, now: datetime) -> None:
    """Who is told of a date by this notice needs no reminder of it that is due already."""
    if notice.kind != CHANGED or notice.first_event_id is None:
        return
    moved = select(CallEvent.key_date_uid).where(
        CallEvent.call_id == notice.call_id,
        CallEvent.id.between(notice.first_event_id, notice.last_event_id),
    )
    readers = select(NoticeItem.subscriber_id).where(
        NoticeItem.notice_id == notice.id, NoticeItem.state == "planned"
    )
    dates = select(KeyDate.id).where(KeyDate.call_id == notice.call_id, KeyDate.uid.in_(moved))
    for key_date_id in session.scalars(dates).all():
        reminders.count_as_told(session, key_date_id, readers, now)


def _insert(session: Session, notice: Notice, now: datetime) -> int:
    """INSERT ... SELECT of those concerned who come after the last one that is written."""
    concerned = audience.of(session, notice).subquery("readers")
    subscriber_id, subscription_id = concerned.c
    last = (
        select(func.coalesce(func.max(NoticeItem.subscriber_id), 0))
        .where(NoticeItem.notice_id == notice.id)
        .scalar_subquery()
    )
    paused = exists().where(Subscriber.id == subscriber_id, Subscriber.paused_until > now)
    rows = (
        select(
            literal(notice.id, BigInteger()),
            subscriber_id,
            subscription_id,
            literal(0, BigInteger()),
            case((paused, literal("void", String())), else_=literal("planned", String())),
            case((paused, literal(rules.PAUSED, String())), else_=literal("", String())),
            literal(1, BigInteger()),
            literal(now, UTCDateTime()),
        )
        .where(subscriber_id > last)
        .order_by(subscriber_id)
        .limit(AT_ONCE)
    )
    statement = insert(session, NoticeItem).from_select(COLUMNS, rows).on_conflict_do_nothing()
    return len(session.execute(statement.returning(NoticeItem.id)).all())
