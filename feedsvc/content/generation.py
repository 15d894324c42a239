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
ADVANCED_IN = "generation advanced in"  # the transaction, among the session's own notes

_CURRENT = select(Generation.value, Generation.changed_at)


@dataclass(frozen=True)
class Stamp:
    """A generation and when it began (UTC, whole seconds)."""

    value: int
    changed_at: datetime


def current(session: Session) -> Stamp:
    row = session.execute(_CURRENT).one()
    return Stamp(row.value, row.changed_at)


def hold(session: Session) -> None:
    """Take the writers' turn, which is held until the transaction ends: one writes at a time.

    On SQLite every transaction that writes has it from the start.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(Generation.value).with_for_update())


def advance(session: Session, now: datetime) -> None:
    """Begin a new generation. Its `changed_at` is at least a second after the last one's.

    HTTP dates have whole seconds (RFC 9110 section 5.6.7): two changes within a second would share
    a Last-Modified, and the second one would stay unseen. Nobody sees between the changes of one
    transaction, so it begins one generation only: an import of thousands of calls must not push
    `changed_at` hours ahead.
    """
    transaction = session.get_transaction()
    if transaction is not None and session.info.get(ADVANCED_IN) is transaction:
        return
    if not session.in_nested_transaction():  # a savepoint may yet be rolled back
        session.info[ADVANCED_IN] = transaction
    held = session.execute(
        update(Generation).values(value=Generation.value + 1).returning(Generation.changed_at)
    ).scalar_one()
    now = now.replace(microsecond=0)
    session.execute(update(Generation).values(changed_at=max(now, held + ONE_SECOND)))
