"""The last look before a mail leaves, in the transaction that marks it `sending`.

Between plan and hand-over a reader may have gone, a deadline moved, a day passed. The gate asks the
rows as they are now. A reminder that holds no longer as a whole is stopped as a whole: what still
stands in it is planned again and told by another mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feedsvc.i18n import N_
from feedsvc.mail.delivery import Gate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import compose, items, occasions, rules
from feedsvc.reminders.models import Item, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries

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
    return ENDED if set(fallen.values()) <= items.UNWANTED else MOVED


def _fallen(session: Session, rows: Sequence[Item], now: datetime) -> dict[Item, str]:
    """The items that must not be told any more, each with the reason."""
    gone = occasions.fallen(session, [item.occasion_id for item in rows], now)
    unwanted = items.unwanted(session, rows, now)
    fallen: dict[Item, str] = {}
    for item in rows:
        if item.occasion_id in gone:
            fallen[item] = gone[item.occasion_id]
        elif rules.expires_at(item.deadline_at) <= now:
            fallen[item] = occasions.LATE
        elif item.id in unwanted:
            fallen[item] = unwanted[item.id]
    return fallen


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
