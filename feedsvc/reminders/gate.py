"""The last look before mails leave, in the transaction that marks them `sending`.

Between plan and hand-over a reader may have gone, a deadline moved, a day passed. The gate asks the
rows as they are now, for a whole group of mails at once. A reminder that holds no longer as a whole
is stopped as a whole: what still stands in it is planned again and told by another mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session, joinedload

from feedsvc.auth import letters
from feedsvc.auth import notices as account_notices
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.desk import letters as reviews
from feedsvc.db import UTCDateTime
from feedsvc.i18n import N_
from feedsvc.mail.leases import Leaving
from feedsvc.mail.verdicts import Gate
from feedsvc.reminders import compose, items, occasions, rules
from feedsvc.reminders.digests import gate as digests
from feedsvc.reminders.digests import readers
from feedsvc.reminders.models import Item, Occasion
from feedsvc.reminders.notices import gate as notices
from feedsvc.reminders.rules import Deadline
from feedsvc.settings import Settings
from feedsvc.statements import one_of
from feedsvc.subscriptions import queries, renewal

GONE = N_("the reader has gone")
SUPPRESSED = N_("this address gets no mail")
ENDED = N_("the reader has ended this")
MOVED = N_("a deadline in it does not stand any more")
ANOTHER_DAY = N_("its day has passed; it is written anew")
NOTHING = N_("there is nothing in it to tell")

TO_ACCOUNTS = (*letters.KINDS, *reviews.KINDS)

# Why mails of a kind must not leave, by their id; the others may.
Check = Callable[[Session, Sequence[Leaving], datetime], Mapping[int, str]]


def gate(settings: Settings) -> Gate:
    """The gate of a site. Every mail needs a reader or an account; some kinds also need a reason."""

    def check(session: Session, mails: Sequence[Leaving], now: datetime) -> dict[int, str]:
        to_accounts = [mail for mail in mails if mail.kind in TO_ACCOUNTS]
        reasons = dict(letters.gate(session, to_accounts)) if to_accounts else {}
        about_accounts = [mail for mail in mails if mail.kind == account_notices.KIND]
        reasons |= account_notices.gate(session, about_accounts) if about_accounts else {}
        mails = [mail for mail in mails if mail.kind not in (*TO_ACCOUNTS, account_notices.KIND)]
        if mails:
            reasons |= _readers(session, mails, settings)
        for kind, of_kind in CHECKS.items():
            left = [mail for mail in mails if mail.kind == kind and mail.id not in reasons]
            if left:
                reasons |= of_kind(session, left, now)
        return reasons

    return check


def reminders(session: Session, mails: Sequence[Leaving], now: datetime) -> dict[int, str]:
    """The check of reminders: does each deadline in them stand, and is it still asked for.

    One query tells the mails in which all is well. The few others are looked at item by item.
    """
    well = _sound(session, mails, now)
    return _reasons(session, [mail for mail in mails if mail.id not in well], now)


def _reasons(session: Session, mails: Sequence[Leaving], now: datetime) -> dict[int, str]:
    if not mails:
        return {}
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
    renewal.KIND: renewal.check,
    **dict.fromkeys(notices.KINDS, notices.check),
}


def _readers(session: Session, mails: Sequence[Leaving], settings: Settings) -> dict[int, str]:
    """The mails whose reader has gone or moved, or whose address gets no mail."""
    addresses, held = queries.reached(
        session,
        {mail.recipient_key for mail in mails},
        {mail.address for mail in mails},
        settings,
    )
    reasons: dict[int, str] = {}
    for mail in mails:
        if addresses.get(mail.recipient_key) != mail.address:
            reasons[mail.id] = GONE
        elif mail.address in held:
            reasons[mail.id] = SUPPRESSED
    return reasons


def _sound(session: Session, mails: Sequence[Leaving], now: datetime) -> set[int]:
    """The mails that say nothing but what is so: each item stands, is asked for, and its day is today."""
    told = {mail.id: mail for mail in mails}
    seen: set[int] = set()
    unsound: set[int] = set()
    for row in session.connection().execute(_TOLD, {"mails": list(told), "now": now}):
        seen.add(row.mail_id)
        if (
            not row.holds
            or rules.expires_at(row.utc_at) <= now
            or _is_another_day(occasions.deadline_of(row), told[row.mail_id], now)
        ):
            unsound.add(row.mail_id)
    return seen - unsound


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
    return any(
        _is_another_day(occasions.deadline_of(item.occasion.key_date), mail, now) for item in rows
    )


def _is_another_day(deadline: Deadline, mail: Leaving, now: datetime) -> bool:
    """Whether "in 7 days" is not true any more.

    A mail that may have arrived already is repeated as it is, never in other words.
    """
    if mail.uncertain:
        return False
    return rules.days_left(deadline, mail.dated_at) != rules.days_left(deadline, now)


def _told() -> Select[*tuple[Any, ...]]:
    """What mails tell of, and whether it still holds. Made once: it is asked for each group."""
    now = bindparam("now", type_=UTCDateTime)
    holds = and_(
        KeyDate.utc_at == Occasion.deadline_at, *occasions.stands(now),
        items.asked_for(), ~items.muted(), ~items.paused(now),
    )  # fmt: skip
    return (
        select(
            Item.mail_id, holds.label("holds"), KeyDate.local_date, KeyDate.local_time,
            KeyDate.zone, KeyDate.utc_at, KeyDate.type,
        )
        .outerjoin(Occasion, Occasion.id == Item.occasion_id)
        .outerjoin(KeyDate, KeyDate.id == Occasion.key_date_id)
        .outerjoin(Call, Call.id == KeyDate.call_id)
        .where(one_of(Item.mail_id, "mails"))
    )  # fmt: skip


_TOLD = _told()
