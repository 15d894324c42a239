"""Decide which reminders are due. The second straight line, step 2, in short transactions:

1. Occasions: new deadlines have some, fallen ones lose theirs, restored ones have them again.
2. Each due occasion: one INSERT ... SELECT writes an item for every reader who follows the call.
3. Each reader: the planned items become one mail in the outbox.
4. Digests of what is new and what changed, for those whose hour has come.

Every step may be repeated, cut off or done by several processes at once: unique keys decide.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.db import Database
from feedsvc.reminders import items, letters, occasions
from feedsvc.reminders.digests import turn as digests
from feedsvc.settings import Settings

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Planned:
    """What one turn did."""

    occasions: int = 0
    items: int = 0
    mails: int = 0
    digests: int = 0

    def __str__(self) -> str:
        told = f"{self.occasions} occasions, {self.items} items, {self.mails} mails"
        return f"{told}, {self.digests} digests"


def plan_due(db: Database, settings: Settings, now: datetime) -> Planned:
    """Plan all that is due at `now`, and put the mails into the outbox."""
    with db.begin() as session:
        items.withdraw(session, occasions.void_fallen(session, now), now)
        occasions.reopen(session, now)
        found = occasions.discover(session, settings, now)
    with db.read() as session:
        due = occasions.due(session, now)
    written = sum(_plan_one(db, occasion_id, now) for occasion_id in due)
    with db.read() as session:
        others_at_work = bool(occasions.due(session, now))
    # The mails of an hour wait until all of its items are written, by whomever, to hold them all.
    mails = 0 if others_at_work else letters.write(db, settings, now)
    return Planned(found, written, mails, digests.write(db, settings, now))


def _plan_one(db: Database, occasion_id: int, now: datetime) -> int:
    try:
        with db.begin() as session:
            return items.plan(session, occasion_id, now)
    except Exception:  # one occasion that cannot be planned must not stop the others
        log.exception("occasion %s could not be planned; again in %s", occasion_id, AGAIN_AFTER)
    with db.begin() as session:
        occasions.postpone(session, occasion_id, now + AGAIN_AFTER)
    return 0
