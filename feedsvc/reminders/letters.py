"""Turn planned items into mails: one for each reader, ordered by deadline, into the outbox."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby

from sqlalchemy import BigInteger, bindparam, update
from sqlalchemy.orm import Session

from feedsvc.content import workdays
from feedsvc.db import Database
from feedsvc.mail import outbox
from feedsvc.mail.outbox import Post, Slot
from feedsvc.reminders import (
    compose,
    due,
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
from feedsvc.reminders.due import Date, Due, Reader, Reason
from feedsvc.reminders.followers import Audiences
from feedsvc.reminders.models import Item, Occasion
from feedsvc.reminders.moulds import Shared, Shelf, Unready, still
from feedsvc.settings import Settings
from feedsvc.statements import constant, listed, one_of
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Subscription

log = logging.getLogger(__name__)

URGENT, USUAL = 1, 3  # a reminder of the last days overtakes the others
URGENT_DAYS = 2

_ITEM, _MAIL = listed("mailed", BigInteger(), BigInteger())
_MAILED = (
    update(Item)
    .where(Item.id == _ITEM, Item.state == constant("planned"))
    .values(state="mailed", mail_id=_MAIL)
)
_VOID = (
    update(Item).where(one_of(Item.id, "items")).values(state="void", reason=bindparam("because"))
)


class _Desk:
    """What one turn of writing keeps: the settings, and the mails that many readers share."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings = settings
        self.now = now
        self.shelf = Shelf()
        self.audiences = Audiences()


def write(db: Database, settings: Settings, now: datetime) -> int:
    """Put a mail into the outbox for each reader who has planned items; how many."""
    desk, speed, written, last = _Desk(settings, now), pace.of_readers(), 0, 0
    while True:
        at_once = speed.at_once
        with db.begin() as session:
            began = db.stopwatch()
            readers = due.readers(session, last, at_once)
            written += _write_all(session, _planned(session, readers, desk), desk)
        took = db.stopwatch() - began
        if desk.shelf.fill(db):
            continue  # with the same readers: those who waited for it are written to now
        if len(readers) < at_once:
            return written
        last = readers[-1].id
        speed.took(len(readers), took)


def _planned(session: Session, readers: Sequence[Reader], desk: _Desk) -> list[list[Due]]:
    """The planned items of these readers, those of each together.

    One that a nearer reminder has overtaken, or will on the same day, is left out; and one whose
    reader has ended it meanwhile.
    """
    rows: Sequence[Due] = due.of_readers(session, readers)
    rows = _left(session, rows, items.overtaken(session, rows))
    if any(row.reason is None for row in rows):
        for row in rows:
            _follow_otherwise(session, row)
        rows = due.of_readers(session, readers)
    left = _left(session, rows, nearer.come_today(session, rows, desk.now, desk.audiences))
    return [list(group) for _, group in groupby(left, key=lambda row: row.reader.id)]


def _left(session: Session, rows: Sequence[Due], void: set[int]) -> Sequence[Due]:
    """Those that no other reminder says; the others are void."""
    _void(session, void, items.COALESCED)
    return [row for row in rows if row.id not in void]


def _follow_otherwise(session: Session, row: Due) -> None:
    """A subscription that ended may leave another that asks for the same; else the item is void."""
    if row.reason is not None:
        return
    occasion = session.get_one(Occasion, row.date.occasion_id)
    other = followers.subscription_of(session, occasion, row.reader.id)
    if other is None:
        _void(session, [row.id], items.UNSUBSCRIBED)
    else:
        session.execute(update(Item).where(Item.id == row.id).values(subscription_id=other))


def _write_all(session: Session, groups: Sequence[list[Due]], desk: _Desk) -> int:
    """One mail for each reader: one INSERT for all, and one UPDATE for the items in them."""
    made = [(rows, _post_safely(session, rows, desk)) for rows in groups]
    written = [(rows, post) for rows, post in made if post is not None]
    ids = outbox.enqueue_many(session, [post for _, post in written], now=desk.now)
    assert len(ids) == len(written), "each turn of an item is one mail"
    mailed = [(row.id, ids[post.slot]) for rows, post in written for row in rows]
    if mailed:
        session.connection().execute(_MAILED, {"mailed": mailed})
    return len(written)


def _void(session: Session, item_ids: Collection[int], reason: str) -> None:
    if item_ids:
        session.connection().execute(_VOID, {"items": item_ids, "because": reason})


def _post_safely(session: Session, rows: list[Due], desk: _Desk) -> Post | None:
    """The mail of one reader; None if it cannot be written now, or never."""
    try:
        return _post(rows, desk)
    except Unready:  # the items stay planned
        return None
    except Exception:  # one mail that cannot be written must not stop the others
        log.exception("no mail could be written for items %s", [row.id for row in rows])
        _void(session, [row.id for row in rows], items.FAILED)
        return None


def _post(rows: list[Due], desk: _Desk) -> Post:
    """The mail of one reader."""
    reader = rows[0].reader
    at = min(_leaves_at(row.date, row.deadline_at, reader, desk.now) for row in rows)
    slot = Slot(recipient_key=reader.uid, kind=KIND, slot_key=moulds.slot_key(rows, at))
    because = _because(rows)
    return moulds.cast(
        _shared(rows, because, desk, at),
        reader,
        because,
        slot,
        at=at,
        expires_at=max(rules.expires_at(row.deadline_at) for row in rows),
        priority=URGENT if min(row.days for row in rows) <= URGENT_DAYS else USUAL,
        settings=desk.settings,
    )


def _leaves_at(date: Date, deadline_at: datetime, reader: Reader, now: datetime) -> datetime:
    return rules.leaves_at(
        date.due_at, date.known_at, reader.uid, now, zone=reader.zone, deadline_at=deadline_at
    )


def _shared(rows: Sequence[Due], because: Sequence[Reason], desk: _Desk, at: datetime) -> Shared:
    """Rendered once for all readers of one language who are told the same for the same reasons.

    Raises: Unready, Unwritable.
    """
    reader = rows[0].reader
    key = (
        reader.language,
        reader.zone,
        (reader.workdays, reader.holidays) if reader.workdays else None,
        tuple((row.date, rules.days_left(row.date.deadline, at)) for row in rows),
        tuple((reason.filter_id, reason.entry_id) for reason in because),
    )
    return desk.shelf.find(key, partial(_drafted, rows, because, desk.settings, at))


def _drafted(
    rows: Sequence[Due],
    because: Sequence[Reason],
    settings: Settings,
    at: datetime,
    session: Session,
) -> Shared:
    """Raises: Unready, if a date is not as it was when it was found due, or a subscription has gone."""
    reader = rows[0].reader
    told = [still(session.get(Occasion, row.date.occasion_id)) for row in rows]
    if any(
        occasions.deadline_of(one.key_date) != row.date.deadline
        for one, row in zip(told, rows, strict=True)
    ):
        raise Unready
    followed = queries.followed(
        session,
        [still(session.get(Subscription, reason.id)) for reason in because],
        reader.language,
        settings,
    )
    draft = compose.draft(
        told,
        followed,
        code=reader.language,
        reader_zone=reader.zone,
        ahead=workdays.ahead(reader.workdays, reader.holidays),
        settings=settings,
        at=at,
        fits=fits.paragraphs(
            session,
            [one.call for one in told],
            followed,
            code=reader.language,
            settings=settings,
            at=at,
        ),
    )
    return moulds.shared(
        draft, reader.language, KIND, reasons=len(followed), settings=settings, at=at
    )


def _because(rows: Sequence[Due]) -> list[Reason]:
    """The subscriptions that the items come from, each once, the oldest first."""
    found = {row.reason.id: row.reason for row in rows if row.reason is not None}
    return [found[number] for number in sorted(found)]
