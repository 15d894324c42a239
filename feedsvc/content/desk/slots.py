"""What is typed and not saved, kept for its owner alone: one form for each person and place.

It is written every few seconds, so it is no revision and no line of the history, and moves no
generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.content.desk.models import Slot
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

KEPT_FOR = timedelta(days=30)
MOST_CHARACTERS = 1_000_000  # of one form: a call in three languages has some fifty thousand
MOST_FIELDS = 5_000

Fields = Sequence[tuple[str, str]]


def place(kind: str, entry_id: int | None) -> str:
    return kind if entry_id is None else f"{kind}:{entry_id}"


def keep(
    session: Session,
    kind: str,
    entry_id: int | None,
    fields: Fields,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Put the form into the slot in place of what was there. Raises: Invalid, if it is too long."""
    size = sum(len(name) + len(text) for name, text in fields)
    if size > MOST_CHARACTERS or len(fields) > MOST_FIELDS:
        raise Invalid(Problem("", N_("This is too long to be kept. Save it.")))
    held = of(session, kind, entry_id, actor=actor)
    if held is None:
        assert actor.id is not None, "only people type"
        held = Slot(account_id=actor.id, place=place(kind, entry_id), entry_id=entry_id)
        session.add(held)
    held.fields, held.saved_at = [list(field) for field in fields], now


def of(session: Session, kind: str, entry_id: int | None, *, actor: Actor) -> Slot | None:
    """What the actor, and nobody else, has typed there."""
    return session.get(Slot, (actor.id, place(kind, entry_id)))


def drop(session: Session, kind: str, entry_id: int | None, *, actor: Actor) -> None:
    """Forget it: it was saved, or is not wanted."""
    session.execute(
        delete(Slot).where(Slot.account_id == actor.id, Slot.place == place(kind, entry_id))
    )


def purge(session: Session, *, now: datetime) -> None:
    """Forget what nobody came back to."""
    session.execute(delete(Slot).where(Slot.saved_at <= now - KEPT_FOR))
