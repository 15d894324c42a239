"""Count large calls ahead, so that nobody waits for the page that says who was told of them.

A call is counted again when a tenth of the time has passed since the last of its rounds: every
minute during the first ten, twice a day after a week. So the numbers change while somebody may
look at them, and the cost of a call ends with its story.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select, union_all
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, KeyDate
from feedsvc.db import Database
from feedsvc.reminders import numbers
from feedsvc.reminders.models import DigestEntry, Item, Notice, NoticeItem, Occasion, ToldCount
from feedsvc.statements import insert

LARGE = 5_000  # rows; fewer are counted in a few milliseconds
LATELY = timedelta(days=2)  # a call that becomes large is found within that time
DIGESTED = timedelta(days=8)  # and one of which weekly digests tell
LEAST, PART = timedelta(minutes=1), 10


def count_due(
    db: Database, now: datetime, *, stopping: Callable[[], bool], large: int = LARGE
) -> int:
    """Count the large calls whose numbers are too old; how many there were."""
    with db.read() as session:
        due = [call_id for call_id in _known(session, now) if _is_due(session, call_id, now, large)]
    counted = 0
    for call_id in due:
        if stopping():
            break
        counted += keep(db, call_id, now, large=large)
    return counted


def keep(db: Database, call_id: int, now: datetime, *, large: int = LARGE) -> bool:
    """Count a call and keep that, or nothing if it is not large (any more)."""
    with db.read() as session:
        call = session.get(Call, call_id)
        found = numbers.count(session, call) if call and is_large(session, call_id, large) else None
    with db.begin() as session:
        if found is None or session.get(Call, call_id) is None:
            session.execute(delete(ToldCount).where(ToldCount.call_id == call_id))
            return False
        values = {"counted_at": now, "numbers": numbers.plain(found)}
        row = insert(session, ToldCount).values(call_id=call_id, **values)
        session.execute(row.on_conflict_do_update(index_elements=["call_id"], set_=values))
        return True


def is_large(session: Session, call_id: int, large: int = LARGE) -> bool:
    """Whether there are more rows than that; not many more are looked at."""
    rows: tuple[Select[int], ...] = (
        select(Item.key_date_id)
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .where(KeyDate.call_id == call_id),
        select(NoticeItem.notice_id)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .where(Notice.call_id == call_id),
        select(DigestEntry.entry_id).where(DigestEntry.entry_id == call_id),
    )
    left = large + 1
    for some in rows:
        left -= session.scalar(select(func.count()).select_from(some.limit(left).subquery())) or 0
        if left <= 0:
            return True
    return False


def _known(session: Session, now: datetime) -> list[int]:
    """Calls that something was told of lately, and those that were large when last counted."""
    parts: tuple[Select[int], ...] = (
        select(ToldCount.call_id),
        select(Occasion.call_id).where(Occasion.state == "done", Occasion.due_at > now - LATELY),
        select(Notice.call_id).where(Notice.due_at > now - LATELY),
        select(Call.id).where(Call.updated_at > now - DIGESTED),
    )
    found = union_all(*parts).subquery()
    return list(session.scalars(select(found.c.call_id).distinct().order_by(found.c.call_id)))


def _is_due(session: Session, call_id: int, now: datetime, large: int) -> bool:
    counted_at = session.scalar(select(ToldCount.counted_at).where(ToldCount.call_id == call_id))
    if counted_at is None:
        return is_large(session, call_id, large)
    return now - counted_at >= max(LEAST, (now - _latest(session, call_id, now)) / PART)


def _latest(session: Session, call_id: int, now: datetime) -> datetime:
    """When its last round became due; of digests, when there was something to tell."""
    rounds = (
        select(func.max(Occasion.due_at)).where(
            Occasion.call_id == call_id, Occasion.state == "done"
        ),
        select(func.max(Notice.due_at)).where(Notice.call_id == call_id, Notice.due_at <= now),
        select(Call.updated_at).where(Call.id == call_id),
    )
    times = (session.scalar(one) for one in rounds)
    return max((at for at in times if at is not None), default=now)
