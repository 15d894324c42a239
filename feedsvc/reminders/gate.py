"""The last look before a mail leaves, in the transaction that marks it `sending`.

Between plan and hand-over a reader may have gone, a deadline moved, a day passed. The gate asks the
rows as they are now. A reminder that holds no longer as a whole is stopped as a whole: what still
stands in it is planned again and told by another mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from feedsvc.i18n import N_
from feedsvc.mail.delivery import Gate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import compose, followers, items, occasions, rules
from feedsvc.reminders.digests import gate as digests
from feedsvc.reminders.digests import readers
from feedsvc.reminders.models import Item, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import SubscriptionOffset

GONE = N_("the reader has gone")
SUPPRESSED = N_("this address gets no mail")
ENDED = N_("the reader has ended this")
MOVED = N_("a deadline in it does not stand any more")
ANOTHER_DAY = N_("its day has passed; it is written anew")
NOTHING = N_("there is nothing in it to tell")


def gate(settings: Settings) -> Gate:
    """The gate of a site. Confirmations need a reader, reminders also a reason."""

    def check(session: Session, mail: OutboxMail, now: datetime) -> str | None:
        reader = queries.subscriber(session, mail.recipient_key)
        if reader is None or reader.email != mail.address:
            return GONE
        if queries.suppressed(session, mail.address, settings):
            return SUPPRESSED
        if mail.kind == readers.KIND:
            return digests.check(session, [mail], now).get(mail.id)
        if mail.kind != compose.KIND:
            return None
        return _reminder(session, mail, now)

    return check


def _reminder(session: Session, mail: OutboxMail, now: datetime) -> str | None:
    rows = session.scalars(
        select(Item)
        .where(Item.mail_id == mail.id)
        .options(joinedload(Item.occasion).joinedload(Occasion.key_date))
    ).all()
    if not rows:
        return NOTHING
    fallen = _fallen(session, rows, now)
    if not fallen and not _says_another_day(rows, mail, now):
        return None
    for item in rows:
        if item in fallen:
            item.state, item.reason, item.mail_id = "void", fallen[item], None
    session.flush()
    items.plan_again(session, [item.id for item in rows if item not in fallen], now)
    if not fallen:
        return ANOTHER_DAY
    return ENDED if set(fallen.values()) == {items.UNSUBSCRIBED} else MOVED


def _fallen(session: Session, rows: Sequence[Item], now: datetime) -> dict[Item, str]:
    """The items that must not be told any more, each with the reason."""
    stand = occasions.standing(session, [item.occasion_id for item in rows], now)
    asked_for = _asked_for(session, rows)
    fallen: dict[Item, str] = {}
    for item in rows:
        if item.occasion_id not in stand:
            fallen[item] = _void_occasion(item.occasion)
        elif rules.expires_at(item.deadline_at) <= now:
            fallen[item] = occasions.LATE
        elif item.id not in asked_for and not _asked_by_another(session, item):
            fallen[item] = items.UNSUBSCRIBED
    return fallen


def _void_occasion(occasion: Occasion) -> str:
    """The planner may not have seen it yet; void, it comes back when its deadline does."""
    if occasion.state != "void":
        occasion.state, occasion.reason = "void", occasions.SUPERSEDED
    return occasion.reason


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
    """Whether another subscription of the reader asks for what one that ended had asked for."""
    item.subscription_id = followers.subscription_of(session, item.occasion, item.subscriber_id)
    return item.subscription_id is not None


def _says_another_day(rows: Sequence[Item], mail: OutboxMail, now: datetime) -> bool:
    """Whether "in 7 days" is not true any more.

    A mail that may have arrived already is repeated as it is, never in other words.
    """
    if mail.uncertain:
        return False
    deadlines = [occasions.deadline_of(item.occasion.key_date) for item in rows]
    return any(
        rules.days_left(deadline, mail.dated_at) != rules.days_left(deadline, now)
        for deadline in deadlines
    )
