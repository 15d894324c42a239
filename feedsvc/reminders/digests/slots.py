"""When a digest is due: the last time of its kind that has passed on the reader's clock. Pure.

1. instant: every ten minutes by day (07:00 to 20:00 for the reader), for what came meanwhile.
2. daily: the reader's hour. 3. weekly: that hour on Monday.

What stood still is made up for by one digest: only the last of the times that have passed counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedsvc.reminders import rules
from feedsvc.reminders.rules import ONE_DAY, QUIET_FROM, QUIET_UNTIL, SPREAD

INSTANT, DAILY, WEEKLY = "instant", "daily", "weekly"
COLLECTED = timedelta(minutes=10)  # what is published together is told together
ROUND = timedelta(minutes=5)  # no zone's hour begins between two rounds


@dataclass(frozen=True)
class Due:
    """Whose digests of a kind came due: readers of these zones and hours; instant ones: of zones."""

    digest: str
    clocks: tuple[tuple[str, int], ...]


def round_of(now: datetime) -> datetime:
    """The last beginning of a round."""
    return _floor(now, ROUND)


def latest(digest: str, zone: str, hour: int, now: datetime) -> datetime:
    """The last time at which such a digest was due for readers in that zone who chose that hour."""
    if digest == INSTANT:
        return _by_day(now, zone)
    day = now.astimezone(rules.reader_zone(zone)).date()
    while True:
        slot = rules.slot_of(day, zone, hour)
        if slot <= now and (digest == DAILY or day.weekday() == 0):
            return slot
        day -= ONE_DAY


def due(places: Sequence[tuple[str, int]], *, after: datetime, until: datetime) -> list[Due]:
    """What came due in that time for readers of these zones and hours."""
    zones = sorted({(zone, 0) for zone, _ in places})
    found = []
    for digest, clocks in ((INSTANT, zones), (DAILY, places), (WEEKLY, places)):
        passed = tuple(clock for clock in clocks if latest(digest, *clock, until) > after)
        found += [Due(digest, passed)] if passed else []
    return found


def mailed_at(digest: str, slot: datetime, reader: str, zone: str, now: datetime) -> datetime:
    """When the mail leaves: at the reader's own second of the hour; late ones not at night."""
    if digest == INSTANT:
        return now
    at = max(slot + rules.own_second(reader), now)
    return at if at < slot + SPREAD else rules.quiet(at, zone)


def _by_day(now: datetime, zone: str) -> datetime:
    slot, there = _floor(now, COLLECTED), rules.reader_zone(zone)
    local = slot.astimezone(there)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return slot
    day = local.date() if local.time() >= QUIET_FROM else local.date() - ONE_DAY
    return (datetime.combine(day, QUIET_FROM, there) - COLLECTED).astimezone(UTC)


def _floor(at: datetime, step: timedelta) -> datetime:
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // step * step
