"""The generation: one counter that every editorial change advances in its own transaction.

Whoever keeps something derived from public content keeps the generation with it, and asks here
whether it still holds. Nobody is told of a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc.content.models import Generation

ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Stamp:
    """A generation and when it began (UTC, whole seconds)."""

    value: int
    changed_at: datetime


def current(session: Session) -> Stamp:
    row = session.execute(select(Generation.value, Generation.changed_at)).one()
    return Stamp(row.value, row.changed_at)


def advance(session: Session, now: datetime) -> None:
    """Begin a new generation. Its `changed_at` is at least a second after the last one's.

    HTTP dates have whole seconds (RFC 9110 section 5.6.7): two changes within a second would share
    a Last-Modified, and the second one would stay unseen.
    """
    held = session.execute(
        update(Generation).values(value=Generation.value + 1).returning(Generation.changed_at)
    ).scalar_one()
    now = now.replace(microsecond=0)
    session.execute(update(Generation).values(changed_at=max(now, held + ONE_SECOND)))
