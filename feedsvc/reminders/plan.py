"""Decide which reminders are due. The second straight line, step 2, in short transactions:

1. Due dates: those of the calls as they are now; what fell is taken back, what is new has occasions.
2. Hours: when readers' hours are near, the deadlines that are told in them have occasions.
   What happened to calls is told (`notices`): it may count as a reminder.
3. Each due occasion: INSERT ... SELECT writes an item for every reader who asks for it. Who moved
   into an hour that has passed is written after it (`moved`).
4. Each reader: the planned items become one mail in the outbox.
5. Digests of what is new and what changed, for those whose time has come.

Every step may be repeated, cut off or done by several processes at once: unique keys decide.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from feedsvc.db import Database
from feedsvc.reminders import duedates, fan, glance, hours, items, letters, moved, occasions
from feedsvc.reminders.digests import turn as digests
from feedsvc.reminders.fan import Desk
from feedsvc.reminders.notices import plan as notices
from feedsvc.settings import Settings
from feedsvc.subscriptions import rules as subscription_rules

log = logging.getLogger(__name__)
T = TypeVar("T")

# What one transaction may hold, so that the writers of the web do not wait.
TAKEN_BACK_AT_ONCE = 500  # items
MADE_AT_ONCE = 500  # occasions
PLANNED_AT_ONCE = 50  # occasions; of their readers only some


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
    with db.read() as session:
        seen = glance.at(session, _longest(settings), now)
        near = hours.near(session, hours.places(session), now)
    found = keep_true(db, settings, now) if seen.dates or near else 0
    # First: a notice may count as a reminder that is due.
    told = notices.plan(db, settings, now) if seen.notices else 0
    # What waited for a notice is due when that is written.
    written = write_due(db, now) if seen.occasions or seen.notices or found else 0
    if seen.moved:
        written += moved.write(db, now)
    # Who was not told by a notice after all is reminded.
    mails = _write_letters(db, settings, now) if seen.items or seen.notices or written else 0
    more = digests.write(db, settings, now) if seen.digests else 0
    return Planned(found, written, mails + told, more)


def keep_true(db: Database, settings: Settings, now: datetime) -> int:
    """Make due dates and occasions what they are to be at `now`; how many occasions were made."""
    offered = subscription_rules.choices(settings.reminder_offsets)
    with db.read() as session:
        lead_times = hours.chosen(session, offered)
        fallen = duedates.fallen(session, now)
        falling = duedates.falling(session)
        missing = duedates.missing(session, _longest(settings), now)
        places = hours.places(session)
        near = hours.near(session, places, now)
    for some in _batches(fallen, MADE_AT_ONCE):
        with db.begin() as session:
            duedates.fall(session, some, now)
    back = _take_back(db, now) if fallen or falling else []
    made = 0
    for some in _batches(
        [*missing, *back], MADE_AT_ONCE // (len(lead_times) * len(places) + 1) + 1
    ):
        with db.begin() as session:
            dates = duedates.stand(session, some, now)
            made += hours.begin(session, dates, places, lead_times, now)
    for place, slots in near.items():
        with db.begin() as session:
            made += hours.look(session, place, slots, lead_times, now)
    return made


def write_due(db: Database, now: datetime) -> int:
    """Write the items of the occasions that are due; how many.

    Those of the nearest deadlines go first, each lead time by itself.
    """
    with db.read() as session:
        rows = occasions.due(session, now)
        if not rows:
            return 0
        desk = fan.desk(session, {row.call_id for row in rows}, now)
        fan.count(session, desk)
    written = 0
    for _, group in groupby(rows, key=lambda row: row.days):
        waiting = [row.id for row in group]
        while waiting:
            some, waiting = waiting[:PLANNED_AT_ONCE], waiting[PLANNED_AT_ONCE:]
            more, left = _write_safely(db, some, desk)
            written, waiting = written + more, [*left, *waiting]
    return written


def _write_letters(db: Database, settings: Settings, now: datetime) -> int:
    """The mails of an hour wait until all of its items are written, by whomever, to hold them all."""
    with db.read() as session:
        others_at_work = bool(occasions.due(session, now))
    return 0 if others_at_work else letters.write(db, settings, now)


def _longest(settings: Settings) -> int:
    """How many days before a date at most anybody is told of it."""
    return max(subscription_rules.choices(settings.reminder_offsets))


def _take_back(db: Database, now: datetime) -> list[int]:
    """Take back what was planned for dates that fell; the ids of these dates.

    Those that stand again by now begin anew.
    """
    with db.read() as session:
        falling = duedates.falling(session)
        waiting = {row.id: items.to_withdraw(session, row) for row in falling}
    for row in falling:
        for some in _batches(waiting[row.id], TAKEN_BACK_AT_ONCE):
            with db.begin() as session:
                items.withdraw(session, some, row.reason, now)
        with db.begin() as session:
            duedates.settle(session, row.id)
    return [row.key_date_id for row in falling]


def _write_safely(db: Database, ids: Sequence[int], desk: Desk) -> tuple[int, list[int]]:
    """One occasion that cannot be planned must not stop the others: it is found, and set aside."""
    try:
        with db.begin() as session:
            began = db.stopwatch()
            written, left = fan.out(session, ids, desk)
    except Exception:
        if len(ids) == 1:
            log.exception(
                "occasion %s could not be planned; again in %s", ids[0], occasions.AGAIN_AFTER
            )
            with db.begin() as session:
                occasions.set_aside(session, ids[0], desk.now)
            return 0, []
    else:
        desk.rows.took(written, db.stopwatch() - began)
        return written, left
    each = [_write_safely(db, [one], desk) for one in ids]
    return sum(written for written, _ in each), [one for _, left in each for one in left]


def _batches(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
