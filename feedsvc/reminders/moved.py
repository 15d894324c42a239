"""Readers who change their zone or hour into one that has passed today are told what it told.

They live no more where they would have been told later, and were not yet where it has been told.
Who was told already has an item, and gets no second one, by the unique key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, exists, select, update
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.reminders import fan, hours, occasions
from feedsvc.reminders.models import Occasion
from feedsvc.subscriptions.models import Subscriber

READERS_AT_ONCE = 50
ANYBODY = select(Subscriber.id).where(Subscriber.moved_at.is_not(None)).limit(1)
_BEING_TOLD = exists().where(
    Occasion.zone == Subscriber.zone,
    Occasion.hour == Subscriber.hour,
    Occasion.state == "open",
    Occasion.due_at <= bindparam("now"),
)
_READERS = (
    select(Subscriber.id, Subscriber.zone, Subscriber.hour, Subscriber.moved_at)
    .where(Subscriber.moved_at.is_not(None), Subscriber.id > bindparam("last"), ~_BEING_TOLD)
    .order_by(Subscriber.id)
    .limit(READERS_AT_ONCE)
    .with_for_update(skip_locked=True, key_share=True, of=Subscriber)
)


def write(db: Database, now: datetime) -> int:
    """Write the items that readers who moved would miss; how many."""
    written, last = 0, 0
    while True:
        with db.begin() as session:
            readers = _readers(session, last, now)
            for reader in readers:
                written += _write(session, reader, now)
        if len(readers) < READERS_AT_ONCE:
            return written
        last = readers[-1].id


def _readers(
    session: Session, last: int, now: datetime
) -> Sequence[Row[int, str, int, datetime | None]]:
    """Some who moved (ix_subscriber_moved). Where occasions are still to be written, they wait."""
    return session.execute(_READERS, {"last": last, "now": now}).all()


def _write(session: Session, reader: Row[int, str, int, datetime | None], now: datetime) -> int:
    found = occasions.passed(session, reader.zone, reader.hour, reader.moved_at - hours.REACH, now)
    desk = fan.desk(session, {one.call_id for one in found}, now)
    session.execute(update(Subscriber).where(Subscriber.id == reader.id).values(moved_at=None))
    return fan.to_one(session, reader.id, found, desk)
