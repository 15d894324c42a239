"""The generation: one counter that every editorial change advances in its own transaction.

Whoever keeps something derived from public content keeps the generation with it, and asks here
whether it still holds. Nobody is told of a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from feedsvc.content.models import Generation

ONE_SECOND = timedelta(seconds=1)
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stamp:
    """A generation and when it began (UTC, whole seconds)."""

    value: int
    changed_at: datetime


def current(session: Session) -> Stamp:
    row = session.execute(select(Generation.value, Generation.changed_at)).one_or_none()
    return Stamp(row.value, row.changed_at) if row else Stamp(0, NEVER)


def advance(session: Session, now: datetime) -> None:
    """Begin a new generation. Its `changed_at` is at least a second after the last one's.

    HTTP dates have whole seconds (RFC 9110 section 5.6.7): two changes within a second would share
    a Last-Modified, and the second one would stay unseen.
    """
    held = session.execute(
        update(Generation)
        .where(Generation.id == 1)
        .values(value=Generation.value + 1)
        .returning(Generation.changed_at)
    ).scalar_one_or_none()
    now = now.replace(microsecond=0)
    if held is None:
        session.execute(insert(Generation).values(id=1, value=1, changed_at=now))
        return
    session.execute(update(Generation).values(changed_at=max(now, held + ONE_SECOND)))
