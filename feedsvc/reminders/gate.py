"""The last look before mails leave, in the transaction that marks them `sending`.

Between plan and hand-over a reader may have gone, a deadline moved, a day passed. The gate asks the
rows as they are now, for a whole group of mails at once. A reminder that holds no longer as a whole
is stopped as a whole: what still stands in it is planned again and told by another mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feedsvc.i18n import N_
from feedsvc.mail.leases import Leaving
from feedsvc.mail.verdicts import Gate
from feedsvc.reminders import compose, items, occasions, rules
from feedsvc.reminders.digests import gate as digests
from feedsvc.reminders.digests import readers
from feedsvc.reminders.models import Item, Occasion
from feedsvc.reminders.notices import gate as notices
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries

GONE = N_("the reader has gone")
SUPPRESSED = N_("this address gets no mail")
ENDED = N_("the reader has ended this")
MOVED = N_("a deadline in it does not stand any more")
ANOTHER_DAY = N_("its day has passed; it is written anew")
NOTHING = N_("there is nothing in it to tell")

# Why mails of a kind must not leave, by their id; the others may.
Check = Callable[[Session, Sequence[Leaving], datetime], Mapping[int, str]]


def gate(settings: Settings) -> Gate:
    """The gate of a site. Every mail needs a reader; some kinds also need a reason."""

    def check(session: Session, mails: Sequence[Leaving], now: datetime) -> dict[int, str]:
        reasons = _readers(session, mails, settings)
        for kind, of_kind in CHECKS.items():
            left = [mail for mail in mails if mail.kind == kind and mail.id not in reasons]
            if left:
                reasons |= of_kind(session, left, now)
        return reasons

    return check


def reminders(session: Session, mails: Sequence[Leaving], now: datetime) -> dict[int, str]:
    """The check of reminders: does each deadline in them stand, and is it still asked for."""
    rows = _items(session, mails)
    fallen = _fallen(session, rows, now)
    verdicts = {
        mail.id: _verdict(session, [row for row in rows if row.mail_id == mail.id], fallen, mail, now)
        for mail in mails
    }  # fmt: skip
    return {mail_id: reason for mail_id, reason in verdicts.items() if reason}


CHECKS: dict[str, Check] = {
    compose.KIND: reminders,
    readers.KIND: digests.check,
    **dict.fromkeys(notices.KINDS, notices.check),
}


def _readers(session: Session, mails: Sequence[Leaving], settings: Settings) -> dict[int, str]:
    """The mails whose reader has gone or moved, or whose address gets no mail."""
    addresses = queries.addresses(session, {mail.recipient_key for mail in mails})
    here = [mail for mail in mails if addresses.get(mail.recipient_key) == mail.address]
    reasons = {mail.id: GONE for mail in mails if mail not in here}
    held = queries.held(session, {mail.address for mail in here}, settings)
    return reasons | {mail.id: SUPPRESSED for mail in here if mail.address in held}


def _items(session: Session, mails: Sequence[Leaving]) -> Sequence[Item]:
    """The items of these mails; their occasions and key dates, which many share, are loaded once."""
    rows = session.scalars(
        select(Item).where(Item.mail_id.in_([mail.id for mail in mails])).order_by(Item.id)
    ).all()
    shared = select(Occasion).where(Occasion.id.in_({row.occasion_id for row in rows}))
    session.scalars(shared.options(joinedload(Occasion.key_date))).all()
    return rows


def _fallen(session: Session, rows: Sequence[Item], now: datetime) -> dict[int, str]:
    """The items that must not be told any more, by id, each with the reason."""
    gone = occasions.fallen(session, {item.occasion_id for item in rows}, now)
    unwanted = items.unwanted(session, rows, now)
    fallen: dict[int, str] = {}
    for item in rows:
        if item.occasion_id in gone:
            fallen[item.id] = gone[item.occasion_id]
        elif rules.expires_at(item.deadline_at) <= now:
            fallen[item.id] = occasions.LATE
        elif item.id in unwanted:
            fallen[item.id] = unwanted[item.id]
    return fallen


def _verdict(
    session: Session, rows: Sequence[Item], fallen: Mapping[int, str], mail: Leaving, now: datetime
) -> str:
    """Why that mail must not leave; empty if it may. What falls is void, what stands planned again."""
    if not rows:
        return NOTHING
    gone = [item for item in rows if item.id in fallen]
    if not gone and not _says_another_day(rows, mail, now):
        return ""
    for item in gone:
        item.state, item.reason, item.mail_id = "void", fallen[item.id], None
    session.flush()
    items.plan_again(session, [item.id for item in rows if item not in gone], now)
    if not gone:
        return ANOTHER_DAY
    return ENDED if {item.reason for item in gone} <= items.UNWANTED else MOVED


def _says_another_day(rows: Sequence[Item], mail: Leaving, now: datetime) -> bool:
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
