"""What follows if a published date moves: whom it concerns, counted before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, KeyDate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import followers
from feedsvc.reminders.models import Item, Notice
from feedsvc.reminders.notices import audience
from feedsvc.reminders.notices.audience import UNDER_WAY
from feedsvc.reminders.notices.found import CHANGED
from feedsvc.reminders.notices.rules import QUIET
from feedsvc.subscriptions.models import PrivateFeed, Subscriber, Subscription


@dataclass(frozen=True)
class Impact:
    """`waiting` reminders are planned or in the outbox and would be taken back; `told` readers had
    one of the date as it is; `noticed` would get a notice, `notice_at` at the earliest.

    `lists` are the calendars of the site that show it: its own, that of all calls, its clusters'.
    `own_calendars` are those of readers who follow it.
    """

    followers: int
    waiting: int
    told: int
    noticed: int
    notice_at: datetime
    lists: int
    own_calendars: int


def of(session: Session, call: Call, key_date: KeyDate, now: datetime) -> Impact:
    due = now + QUIET
    notice = Notice(call_id=call.id, call=call, kind=CHANGED, due_at=due)
    concerned = audience.of(session, notice).subquery()
    return Impact(
        followers=_following(session, call, func.count(Subscription.subscriber_id.distinct())),
        waiting=_items(session, key_date, _waiting()),
        told=_items(session, key_date, audience.has_told()),
        noticed=session.scalar(select(func.count()).select_from(concerned)) or 0,
        notice_at=due,
        lists=2 + len(call.clusters),
        own_calendars=_own_calendars(session, call),
    )


def _following(session: Session, call: Call, what: ColumnElement[int]) -> int:
    query = (
        select(what)
        .select_from(Subscription)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(_follows(session, call))
    )
    return session.scalar(query) or 0


def _own_calendars(session: Session, call: Call) -> int:
    query = (
        select(func.count(PrivateFeed.subscriber_id.distinct()))
        .join(Subscription, Subscription.subscriber_id == PrivateFeed.subscriber_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(_follows(session, call))
    )
    return session.scalar(query) or 0


def _follows(session: Session, call: Call) -> ColumnElement[bool]:
    finding = Subscription.filter_id.in_(followers.filters_of(session, call))
    about = or_(Subscription.entry_id == call.id, finding)
    confirmed = Subscription.confirmed_at.is_not(None) & Subscriber.confirmed_at.is_not(None)
    return about & confirmed


def _waiting() -> ColumnElement[bool]:
    return or_(Item.state == "planned", OutboxMail.state.in_(UNDER_WAY))


def _items(session: Session, key_date: KeyDate, which: ColumnElement[bool]) -> int:
    """Readers with a reminder of the date as it stands, in that state."""
    query = (
        select(func.count(Item.subscriber_id.distinct()))
        .outerjoin(OutboxMail, OutboxMail.id == Item.mail_id)
        .where(Item.key_date_id == key_date.id, Item.deadline_at == key_date.utc_at, which)
    )
    return session.scalar(query) or 0
