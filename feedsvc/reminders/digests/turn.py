"""Write the digests that are due, in short transactions:

1. What came due since the last round, and what was stopped at the gate. Nothing: done.
2. What is new and what changed, found once; the filters that find it, and their readers.
3. Some readers at a time: a mail for each. What they were told moves on in the same transaction.
4. The round is over once all of them were written, by whomever.

Every step may be repeated, cut off or done by several processes at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.reminders import hours, pace
from feedsvc.reminders.digests import happened, letters, readers, slots
from feedsvc.reminders.digests.happened import Lately
from feedsvc.reminders.digests.posting import Desk
from feedsvc.reminders.models import DigestRound
from feedsvc.settings import Settings
from feedsvc.statements import insert

# A reader who changes the hour, the zone or the kind of a digest is served by another round than
# the last one; a week and a day hold what any of them may not have been told.
LOOK_BACK = timedelta(days=8)
_LAST = select(DigestRound.until)


@dataclass(frozen=True)
class _Work:
    """Who is to be written to, and what happened."""

    readers: tuple[int, ...]
    lately: Lately


def write(db: Database, settings: Settings, now: datetime) -> int:
    """Put the digests that are due at `now` into the outbox; how many mails."""
    at = slots.round_of(now)
    work = _work(db, at, now)
    if work is None:
        return 0
    desk, written = Desk(settings, work.lately, at, now), 0
    start, speed = 0, pace.of_readers()
    while start < len(work.readers):
        some = work.readers[start : start + speed.at_once]
        with db.begin() as session:
            began = db.stopwatch()
            written += letters.write(session, some, desk)
        took = db.stopwatch() - began
        if desk.shelf.fill(db):
            continue  # with the same readers: those who waited for it are written to now
        start += len(some)
        speed.took(len(some), took)
    with db.begin() as session:
        _end_round(session, at)
    return written


def _work(db: Database, at: datetime, now: datetime) -> _Work | None:
    """What is to do in this round; None for nothing."""
    with db.read() as session:
        last = session.scalar(_LAST)
        again = readers.again(session, now)
        untold = readers.anybody_untold(session)
    if last == at and not again:
        return None
    if untold:
        with db.begin() as session:
            readers.begin(session)
    # A clock that was ahead may have ended a round of the future: then this one begins anew.
    after = min(last, at) if last else at - LOOK_BACK
    with db.read() as session:
        due = slots.due(hours.places(session), after=after, until=at)
        if not due and not again:
            return _Work((), Lately())
        lately = happened.since(session, after - LOOK_BACK, now)
        found = readers.due(session, due, lately.latest, now=now)
        return _Work(tuple(sorted(found | again)), lately)


def _end_round(session: Session, at: datetime) -> None:
    statement = insert(session, DigestRound).values(id=1, until=at)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"until": statement.excluded.until}
        )
    )
