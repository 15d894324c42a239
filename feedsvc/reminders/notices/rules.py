"""When readers are told of what happened to a call. Pure.

1. An editor who changes a date often changes it again: what happened is told when nothing more has
   happened for ten minutes, and after an hour at the latest.
2. Nothing is told at night, unless the old or the new deadline is so near that it cannot wait.
3. What happened longer ago than a week (the scheduler stood still, the site is new) is no news.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from feedsvc.reminders import rules as reminder_rules

QUIET = reminder_rules.DEBOUNCE
AT_MOST = timedelta(hours=1)
CATCH_UP = timedelta(days=7)
CANNOT_WAIT = timedelta(hours=24)

# Why a notice, or a reader's part of one, is void.
UNDONE = "undone"  # it was taken back before anybody was told
LATE = "late"  # nobody can be wrong about it any more
SUPERSEDED = "superseded"  # a later notice tells it
CANCELLED = "cancelled"
UNPUBLISHED = "unpublished"
STANDS_AGAIN = "stands again"  # of a cancellation
PAUSED = "paused"
MUTED = "muted"
UNSUBSCRIBED = "unsubscribed"
FAILED = "failed"  # it could not be written; the log says why


def times(now: datetime) -> dict[str, datetime]:
    """The values of the statements that look for what is to be told."""
    return {
        "now": now,
        "since": now - CATCH_UP,
        "settled": now - QUIET,
        "cancelled_since": now - CATCH_UP - QUIET,
    }


def settles_at(*, first: datetime, last: datetime) -> datetime:
    """When a burst of changes is told."""
    return min(last + QUIET, first + AT_MOST)


def leaves_at(now: datetime, zone: str, instants: Iterable[datetime]) -> datetime:
    """When a reader in `zone` may be told: now, or in the morning.

    `instants` are the dates that it is about, as they were and as they are.
    """
    if any(timedelta() < at - now <= CANNOT_WAIT for at in instants):
        return now
    return reminder_rules.quiet(now, zone)
