"""Whom a notice concerns: those who follow the call itself, and those who were told of it before.

A mail that was accepted, or is under way, has told; one that failed, expired or was taken back has
not. Who has ended everything that covers the call, or has muted it, is not told.
"""

from __future__ import annotations

from sqlalchemy import CompoundSelect, Select, exists, func, null, or_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from feedsvc.calls.models import KeyDate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import followers
from feedsvc.reminders.models import DigestEntry, Item, Notice, NoticeItem
from feedsvc.reminders.notices import editions
from feedsvc.reminders.notices.found import EDITION
from feedsvc.reminders.notices.rules import QUIET
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription

UNDER_WAY = ("queued", "sending")
HAS_TOLD = ("accepted", "bounced", "sending")


def of(session: Session, notice: Notice) -> Select[int, int]:
    """Pairs of subscriber and subscription, one pair for each reader, whether paused or not."""
    if notice.kind == EDITION:
        return _but_muted(editions.watches(notice.call_id), notice)
    return _but_muted(_followers(session, notice), notice)


def has_told() -> ColumnElement[bool]:
    """Whether a mail has reached, or may have reached, its reader."""
    return or_(OutboxMail.state.in_(HAS_TOLD), OutboxMail.uncertain.is_(True))


def _but_muted(pairs: Select[int, int], notice: Notice) -> Select[int, int]:
    found = pairs.subquery("concerned")
    subscriber_id, subscription_id = found.c
    muted = exists().where(
        CallMute.subscriber_id == subscriber_id, CallMute.call_id == notice.call_id
    )
    return (
        select(subscriber_id, subscription_id)
        .join(Subscriber, Subscriber.id == subscriber_id)
        .where(Subscriber.confirmed_at.is_not(None), ~muted)
    )


def _followers(session: Session, notice: Notice) -> Select[int, int]:
    """Each with the subscription to the call itself, or else the oldest that covers it."""
    told = _told(notice.call_id).cte("told")
    live = union_all(
        _direct(notice),
        select(told.c.subscriber_id, told.c.subscription_id, null())
        .join(Subscription, Subscription.id == told.c.subscription_id)
        .where(Subscription.confirmed_at.is_not(None)),
        # Who was told by a subscription that has ended may have another one that covers the call.
        select(Subscription.subscriber_id, Subscription.id, null()).where(
            Subscription.subscriber_id.in_(select(told.c.subscriber_id)),
            Subscription.confirmed_at.is_not(None),
            Subscription.filter_id.in_(followers.filters_of(session, notice.call)),
        ),
    ).subquery("live")
    subscriber_id, subscription_id, direct_id = live.c
    return select(
        subscriber_id, func.coalesce(func.min(direct_id), func.min(subscription_id))
    ).group_by(subscriber_id)


def _direct(notice: Notice) -> Select[int, int, int]:
    """Who follows the call itself since before it happened: later ones saw it as it is now."""
    return select(Subscription.subscriber_id, Subscription.id, Subscription.id).where(
        Subscription.entry_id == notice.call_id, Subscription.confirmed_at <= notice.due_at - QUIET
    )


def _told(call_id: int) -> CompoundSelect[int, int | None]:
    """By reminders, by notices, by digests: subscriber and subscription, which may have ended."""
    mailed = or_(has_told(), OutboxMail.state.in_(UNDER_WAY))
    dates = select(KeyDate.id).where(KeyDate.call_id == call_id)
    return union_all(
        select(Item.subscriber_id, Item.subscription_id)
        .join(OutboxMail, OutboxMail.id == Item.mail_id)
        .where(Item.key_date_id.in_(dates), mailed),
        select(NoticeItem.subscriber_id, NoticeItem.subscription_id)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .join(OutboxMail, OutboxMail.id == NoticeItem.mail_id)
        .where(Notice.call_id == call_id, mailed),
        select(Subscriber.id, Subscription.id)
        .select_from(DigestEntry)
        .join(OutboxMail, OutboxMail.id == DigestEntry.mail_id)
        .join(Subscriber, Subscriber.uid == OutboxMail.recipient_key)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .where(
            DigestEntry.entry_id == call_id,
            mailed,
            Subscription.digest != "",
            Subscription.confirmed_at <= OutboxMail.dated_at,
        ),
    )
