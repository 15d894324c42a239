"""Turn planned items into mails: one for each reader, ordered by deadline, into the outbox."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import BigInteger, Result, bindparam, cast, exists, select, update
from sqlalchemy.orm import Session

from feedsvc.calls.models import KeyDate
from feedsvc.content import workdays
from feedsvc.db import Database
from feedsvc.mail import outbox
from feedsvc.mail.outbox import Post, Slot
from feedsvc.reminders import (
    compose,
    fits,
    followers,
    items,
    moulds,
    nearer,
    occasions,
    pace,
    rules,
)
from feedsvc.reminders.compose import KIND
from feedsvc.reminders.models import Item, Occasion
from feedsvc.reminders.moulds import Shared
from feedsvc.reminders.nearer import Due
from feedsvc.settings import Settings
from feedsvc.statements import ByKey, constant, one_of
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Subscriber, Subscription

log = logging.getLogger(__name__)

URGENT, USUAL = 1, 3  # a reminder of the last days overtakes the others
URGENT_DAYS = 2

# Anybody who has planned items (ix_reminder_item_planned).
WAITING = select(Item.id).where(Item.state == constant("planned")).limit(1)
_READERS = (
    select(Subscriber.id)
    .where(
        Subscriber.id > bindparam("after"),
        exists().where(Item.subscriber_id == Subscriber.id, Item.state == constant("planned")),
    )
    .order_by(Subscriber.id)
    .limit(bindparam("at_once"))
    .with_for_update(skip_locked=True, key_share=True)
)
# What a mail of many needs, in columns: objects would take longer than all the rest.
_PLANNED = (
    select(
        Item.id, Item.turn, Item.days, Item.deadline_at, Item.occasion_id, Item.subscriber_id,
        Subscription.id.label("subscription_id"), Occasion.call_id, Occasion.due_at,
        Occasion.known_at,
        KeyDate.local_date, KeyDate.local_time, KeyDate.zone, KeyDate.utc_at, KeyDate.type,
        Subscriber.uid, Subscriber.email, Subscriber.language, Subscriber.zone.label("lives_in"),
        Subscriber.hour, Subscriber.workdays, Subscriber.holidays,
        Subscription.uid.label("reason_uid"), Subscription.filter_id, Subscription.entry_id,
    )
    .join(Occasion, Occasion.id == Item.occasion_id)
    .join(KeyDate, KeyDate.id == Occasion.key_date_id)
    .join(Subscriber, Subscriber.id == Item.subscriber_id)
    .outerjoin(Subscription, Subscription.id == Item.subscription_id)
    .where(Item.state == constant("planned"), one_of(Item.subscriber_id, "readers"))
    .order_by(Item.subscriber_id, Item.deadline_at, Item.id)
)  # fmt: skip
_MAILED = (
    update(Item)
    .where(one_of(Item.id, "items"), Item.state == constant("planned"))
    .values(state="mailed", mail_id=cast(ByKey(Item.id, "mails"), BigInteger))
)
_VOID = (
    update(Item).where(one_of(Item.id, "items")).values(state="void", reason=bindparam("because"))
)


@dataclass(frozen=True, slots=True)
class _Reason:
    """The subscription by which something is told."""

    id: int
    uid: str
    filter_id: int | None
    entry_id: int | None


class _Desk:
    """What one turn of writing keeps: the settings, and the mails that many readers share."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings = settings
        self.now = now
        self.shared: dict[object, Shared] = {}


def write(db: Database, settings: Settings, now: datetime) -> int:
    """Put a mail into the outbox for each reader who has planned items; how many."""
    desk, speed, written, last = _Desk(settings, now), pace.of_readers(), 0, 0
    while True:
        began, at_once = db.stopwatch(), speed.at_once
        with db.begin() as session:
            readers = _readers(session, last, at_once)
            written += _write_all(session, _planned(session, readers, now), desk)
        if len(readers) < at_once:
            return written
        last = readers[-1]
        speed.took(len(readers), db.stopwatch() - began)


def _readers(session: Session, last: int, at_once: int) -> Sequence[int]:
    """The next readers who have planned items, locked: who holds a reader writes all of their items.

    Were the items locked instead, two processes could each get a part, and write two mails.
    """
    return session.scalars(_READERS, {"after": last, "at_once": at_once}).all()


def _planned(session: Session, readers: Sequence[int], now: datetime) -> list[list[Due]]:
    """The planned items of these readers, those of each together (ix_reminder_item_planned).

    One that a nearer reminder has overtaken, or will on the same day, is left out; and one whose
    reader has ended it meanwhile.
    """
    rows = _rows(session, readers)
    rows = _left(session, rows, items.overtaken(session, rows))
    if any(row.subscription_id is None for row in rows):
        for row in rows:
            _follow_otherwise(session, row)
        rows = _rows(session, readers)
    left = _left(session, rows, nearer.come_today(session, rows, now))
    return [list(group) for _, group in groupby(left, key=lambda row: row.subscriber_id)]


def _left(session: Session, rows: Sequence[Due], void: set[int]) -> Sequence[Due]:
    """Those that no other reminder says; the others are void."""
    _void(session, void, items.COALESCED)
    return [row for row in rows if row.id not in void]


def _rows(session: Session, readers: Sequence[int]) -> Sequence[Due]:
    if not readers:
        return []
    found: Result[*tuple[Any, ...]] = session.connection().execute(_PLANNED, {"readers": readers})
    return found.all()


def _follow_otherwise(session: Session, row: Due) -> None:
    """A subscription that ended may leave another that asks for the same; else the item is void."""
    if row.subscription_id is not None:
        return
    occasion = session.get_one(Occasion, row.occasion_id)
    other = followers.subscription_of(session, occasion, row.subscriber_id)
    if other is None:
        _void(session, [row.id], items.UNSUBSCRIBED)
    else:
        session.execute(update(Item).where(Item.id == row.id).values(subscription_id=other))


def _write_all(session: Session, groups: Sequence[list[Due]], desk: _Desk) -> int:
    """One mail for each reader: one INSERT for all, and one UPDATE for the items in them."""
    made = [(rows, _post_safely(session, rows, desk)) for rows in groups]
    _void(session, [row.id for rows, post in made if post is None for row in rows], items.FAILED)
    written = [(rows, post) for rows, post in made if post is not None]
    ids = outbox.enqueue_many(session, [post for _, post in written], now=desk.now)
    assert len(ids) == len(written), "each turn of an item is one mail"
    mails = {row.id: ids[post.slot] for rows, post in written for row in rows}
    if mails:
        session.connection().execute(_MAILED, {"items": [*mails], "mails": mails})
    return len(written)


def _void(session: Session, item_ids: Collection[int], reason: str) -> None:
    if item_ids:
        session.connection().execute(_VOID, {"items": item_ids, "because": reason})


def _post_safely(session: Session, rows: list[Due], desk: _Desk) -> Post | None:
    try:
        return _post(session, rows, desk)
    except Exception:  # one mail that cannot be written must not stop the others
        log.exception("no mail could be written for items %s", [row.id for row in rows])
        return None


def _post(session: Session, rows: list[Due], desk: _Desk) -> Post:
    """The mail of one reader."""
    reader = rows[0]
    at = min(
        rules.leaves_at(
            row.due_at,
            row.known_at,
            row.uid,
            desk.now,
            zone=row.lives_in,
            deadline_at=row.deadline_at,
        )
        for row in rows
    )
    slot = Slot(recipient_key=reader.uid, kind=KIND, slot_key=moulds.slot_key(rows, at))
    because = _because(rows)
    return moulds.cast(
        _shared(session, rows, because, desk, at),
        reader,
        because,
        slot,
        at=at,
        expires_at=max(rules.expires_at(row.deadline_at) for row in rows),
        priority=URGENT if min(row.days for row in rows) <= URGENT_DAYS else USUAL,
        settings=desk.settings,
    )


def _shared(
    session: Session, rows: Sequence[Due], because: Sequence[_Reason], desk: _Desk, at: datetime
) -> Shared:
    """Rendered once for all readers of one language who are told the same for the same reasons."""
    reader = rows[0]
    key = (
        reader.language,
        reader.lives_in,
        (reader.workdays, reader.holidays) if reader.workdays else None,
        tuple((row.occasion_id, rules.days_left(occasions.deadline_of(row), at)) for row in rows),
        tuple((reason.filter_id, reason.entry_id) for reason in because),
    )
    if key not in desk.shared:
        with session.begin_nested():
            drafted = _drafted(session, rows, because, desk.settings, at)
            moulds.keep(desk.shared, key, drafted)
    return desk.shared[key]


def _drafted(
    session: Session,
    rows: Sequence[Due],
    because: Sequence[_Reason],
    settings: Settings,
    at: datetime,
) -> Shared:
    reader = rows[0]
    told = {row.occasion_id: session.get_one(Occasion, row.occasion_id) for row in rows}
    followed = queries.followed(
        session,
        [session.get_one(Subscription, reason.id) for reason in because],
        reader.language,
        settings,
    )
    due = [told[row.occasion_id] for row in rows]
    draft = compose.draft(
        due,
        followed,
        code=reader.language,
        reader_zone=reader.lives_in,
        ahead=workdays.ahead(reader.workdays, reader.holidays),
        settings=settings,
        at=at,
        fits=fits.paragraphs(
            session,
            [one.call for one in due],
            followed,
            code=reader.language,
            settings=settings,
            at=at,
        ),
    )
    return moulds.shared(
        draft, reader.language, KIND, reasons=len(followed), settings=settings, at=at
    )


def _because(rows: Sequence[Due]) -> list[_Reason]:
    """The subscriptions that the items come from, each once, the oldest first."""
    found = {
        row.subscription_id: _Reason(
            row.subscription_id, row.reason_uid, row.filter_id, row.entry_id
        )
        for row in rows
    }
    return [found[number] for number in sorted(found)]
