"""Which reminders a deadline has, and when each of its readers is told. Pure.

1. "7 days before" is the same wall time seven calendar days earlier **in the deadline's zone**: a
   clock change in between moves nothing (in spring a missing hour counts as the one after it, in
   autumn a doubled one as its first).
2. The reader is told on that day of the **reader's zone**, within the hour after `reminder_hour`.
3. At least twelve hours stay between the mail and the deadline: else the day before it is.
4. What could not be told in time (a call published late, a deadline moved closer, a scheduler that
   stood still) is told at once, but only the nearest of several; and never what is past.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedsvc.calls import dates

NOTICE = timedelta(hours=12)  # what a reader has left at least, after a reminder in time
SPREAD = timedelta(hours=1)  # mails of one hour leave over the whole of it
FLOOR = timedelta(hours=1)  # a reminder this close to the deadline, or later, is not sent
ONE_DAY = timedelta(days=1)
END_OF_DAY = time(23, 59, 59)  # of a deadline that names no time


@dataclass(frozen=True)
class Deadline:
    """A deadline as it is written, and the instant that it means."""

    day: date
    time: time | None
    zone: str
    at: datetime


def told_at(deadline: Deadline, days: int) -> datetime:
    """The same wall time that many calendar days before, in UTC."""
    day = deadline.day - timedelta(days=days)
    local = datetime.combine(day, deadline.time or END_OF_DAY, dates.zone(deadline.zone))
    return local.astimezone(UTC)


def due_at(deadline: Deadline, days: int, *, reader_zone: str, hour: int) -> datetime:
    """When readers in that zone are told: the start of their hour."""
    zone = ZoneInfo(reader_zone)
    day = told_at(deadline, days).astimezone(zone).date()
    while True:
        slot = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if deadline.at - (slot + SPREAD) >= NOTICE:
            return slot
        day -= ONE_DAY


def leaves_at(due: datetime, known: datetime, reader: str, now: datetime) -> datetime:
    """When the mail of one reader leaves: at a second of the hour that is the reader's own.

    What was known too late for that leaves at once.
    """
    if known >= due:
        return now
    digest = hashlib.sha256(reader.encode()).digest()
    own = timedelta(seconds=int.from_bytes(digest[:4], "big") % int(SPREAD.total_seconds()))
    return max(due + own, now)


def expires_at(deadline_at: datetime) -> datetime:
    """From when on a reminder of that deadline is worse than none."""
    return deadline_at - FLOOR


def days_left(deadline: Deadline, at: datetime) -> int:
    """Calendar days from `at` to the deadline, as people where it applies count them."""
    return (deadline.day - at.astimezone(dates.zone(deadline.zone)).date()).days


def next_reminder(
    deadlines: Iterable[Deadline],
    offsets: Iterable[int],
    *,
    reader_zone: str,
    hour: int,
    now: datetime,
) -> datetime | None:
    """The hour in which the next reminder of these deadlines will leave, if there is one."""
    days = tuple(offsets)
    instants = (
        due_at(deadline, number, reader_zone=reader_zone, hour=hour)
        for deadline in deadlines
        for number in days
        if expires_at(deadline.at) > now
    )
    return min((at for at in instants if at > now), default=None)
