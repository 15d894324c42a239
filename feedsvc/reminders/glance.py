"""One question to the database: which steps of a turn of the planner have anything to do.

Most turns have nothing to do. What is asked is what the steps ask for themselves; what comes up
after the glance is seen by the next turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from feedsvc.reminders import due, duedates, moved, occasions
from feedsvc.reminders.digests import readers
from feedsvc.reminders.notices import bursts, discover, refused
from feedsvc.reminders.notices import letters as notice_letters
from feedsvc.reminders.notices import plan as notices
from feedsvc.reminders.notices import rules as notice_rules


@dataclass(frozen=True)
class Seen:
    """Whether there may be something to do for due dates, for notices, and so on."""

    dates: bool
    notices: bool
    occasions: bool
    moved: bool
    items: bool
    digests: bool


def at(session: Session, lead: int, now: datetime) -> Seen:
    """`lead` is how many days before a date at most anybody is told of it."""
    values = duedates.times(lead, now) | notice_rules.times(now) | bursts.times(now)
    values |= refused.times(now)
    return Seen(*session.connection().execute(_SEEN, values).one())


def _any(looks: Iterable[Select[*tuple[Any, ...]]]) -> ColumnElement[bool]:
    return or_(*(look.order_by(None).exists() for look in looks))


_SEEN = select(
    _any((duedates.FALLEN, duedates.FALLING, *duedates.MISSING)),
    _any((*discover.STATEMENTS, notices.DUE, notice_letters.WAITING, refused.ANY)),
    _any((occasions.DUE,)),
    _any((moved.ANYBODY,)),
    _any((due.WAITING,)),
    _any((readers.ANYBODY, readers.STOPPED)),
)
