"""Which reminders a date has, and when each of its readers is told. Pure.

1. "7 days before" is the same wall time seven calendar days earlier **in the deadline's zone**: a
   clock change in between moves nothing (in spring a missing hour counts as the one after it, in
   autumn a doubled one as its first).
2. The reader is told on that day of the **reader's zone**, within the hour that the reader chose.
3. At least twelve hours stay between the mail and the deadline: else the day before it is.
4. What could not be told in time (a call published late, a deadline moved closer, a scheduler that
   stood still) is told at once, but only the nearest of several, not in the reader's night, and
   never what is past.
5. An opening is told the day before, once, to everybody who follows the call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from feedsvc.calls import dates
from feedsvc.i18n import AOE

NOTICE = timedelta(hours=12)  # what a reader has left at least, after a reminder in time
SPREAD = timedelta(hours=1)  # mails of one hour leave over the whole of it
FLOOR = timedelta(hours=1)  # a reminder this close to the deadline, or later, is not sent
DEBOUNCE = timedelta(minutes=10)  # an editor who moves a date may not be done with it yet
QUIET_FROM, QUIET_UNTIL = time(20), time(7)  # the reader's night
ONE_DAY = timedelta(days=1)
START_OF_DAY, END_OF_DAY = time(), time(23, 59, 59)  # of an opening, a deadline without a time
OPENING_DAYS = 1  # "opens tomorrow"


@dataclass(frozen=True)
class Deadline:
    """A deadline as it is written, and the instant that it means; or an opening, if it `opens`."""

    day: date
    time: time | None
    zone: str
    at: datetime
    opens: bool = False

    @property
    def notice(self) -> timedelta:
        """Nobody has to hurry for an opening."""
        return timedelta() if self.opens else NOTICE


@lru_cache(maxsize=1000)
def reader_zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC for one that this machine does not know (any more)."""
    return ZoneInfo(name if name in dates.zones() and name != AOE else "UTC")


def told_at(deadline: Deadline, days: int) -> datetime:
    """The same wall time that many calendar days before, in UTC."""
    day = deadline.day - timedelta(days=days)
    clock = deadline.time or (START_OF_DAY if deadline.opens else END_OF_DAY)
    local = datetime.combine(day, clock, dates.zone(deadline.zone))
    return local.astimezone(UTC)


def due_at(deadline: Deadline, days: int, *, zone: str, hour: int) -> datetime:
    """When readers of that zone and hour are told: the start of their hour."""
    day = told_at(deadline, days).astimezone(reader_zone(zone)).date()
    while True:
        slot = slot_of(day, zone, hour)
        if deadline.at - (slot + SPREAD) >= deadline.notice:
            return slot
        day -= ONE_DAY


def slot_of(day: date, zone: str, hour: int) -> datetime:
    """The start of that hour of that day in the zone, in UTC."""
    return datetime.combine(day, time(hour), reader_zone(zone)).astimezone(UTC)


def slots(after: datetime, until: datetime, *, zone: str, hour: int) -> Iterator[datetime]:
    """The starts of that hour of each day, later than `after` and not later than `until`."""
    day = after.astimezone(reader_zone(zone)).date() - ONE_DAY
    while (slot := slot_of(day, zone, hour)) <= until:
        if slot > after:
            yield slot
        day += ONE_DAY


def quiet(at: datetime, zone: str) -> datetime:
    """`at`, or the morning after it where it is night in the reader's zone."""
    there = reader_zone(zone)
    local = at.astimezone(there)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    day = local.date() + (ONE_DAY if local.time() >= QUIET_FROM else timedelta())
    return datetime.combine(day, QUIET_UNTIL, there).astimezone(UTC)


def at_once(at: datetime, *, zone: str, deadline_at: datetime | None = None) -> datetime:
    """When that leaves which did not come in time for its hour: not at night, if it can wait."""
    morning = quiet(at, zone)
    if deadline_at is not None and deadline_at - morning < NOTICE:
        return at
    return morning


def leaves_at(
    due: datetime,
    known: datetime,
    reader: str,
    now: datetime,
    *,
    zone: str,
    deadline_at: datetime,
) -> datetime:
    """When the mail of one reader leaves: at a second of the hour that is the reader's own.

    What was known too late for that, or is written after that hour, leaves at once.
    """
    if is_late(due, known, now):
        return at_once(now, zone=zone, deadline_at=deadline_at)
    return max(due + own_second(reader), now)


def is_late(due: datetime, known: datetime, now: datetime) -> bool:
    """Whether it was known too late for its hour, or that hour is over."""
    return known >= due or now >= due + SPREAD


def comes_again(
    deadline: Deadline, nearer: Iterable[int], *, zone: str, hour: int, after: datetime
) -> bool:
    """Whether one of these lead times comes then or later on the reader's day: that one says it."""
    there = reader_zone(zone)
    day = after.astimezone(there).date()
    slots_to_come = (due_at(deadline, days, zone=zone, hour=hour) for days in nearer)
    return any(at >= after and at.astimezone(there).date() == day for at in slots_to_come)


@lru_cache(maxsize=256)  # it is asked for each line of a mail
def own_second(reader: str) -> timedelta:
    """The reader's own place in an hour."""
    digest = hashlib.sha256(reader.encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:4], "big") % int(SPREAD.total_seconds()))


def expires_at(deadline_at: datetime) -> datetime:
    """From when on a reminder of that deadline is worse than none."""
    return deadline_at - FLOOR


def days_left(deadline: Deadline, at: datetime) -> int:
    """Calendar days from `at` to the deadline, as people where it applies count them."""
    return (deadline.day - at.astimezone(dates.zone(deadline.zone)).date()).days


def lead_times(deadline: Deadline, offsets: Iterable[int]) -> tuple[int, ...]:
    """How many days before they are told: an opening the day before, whatever they chose."""
    return (OPENING_DAYS,) if deadline.opens else tuple(offsets)


def next_reminder(
    deadlines: Iterable[Deadline],
    offsets: Iterable[int],
    *,
    zone: str,
    hour: int,
    now: datetime,
) -> datetime | None:
    """The hour in which the next reminder of these deadlines will leave, if there is one."""
    chosen = tuple(offsets)
    instants = (
        due_at(deadline, days, zone=zone, hour=hour)
        for deadline in deadlines
        for days in lead_times(deadline, chosen)
        if expires_at(deadline.at) > now
    )
    return min((at for at in instants if at > now), default=None)
