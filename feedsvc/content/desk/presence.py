"""Who has the form of an entry open just now, as their browsers say it every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import Account
from feedsvc.auth.rules import Actor
from feedsvc.content.desk.models import Presence

LASTS = timedelta(seconds=60)


def note(session: Session, entry_id: int, *, actor: Actor, now: datetime) -> None:
    """The actor has the form of the entry open."""
    held = session.get(Presence, (entry_id, actor.id))
    if held is None:
        assert actor.id is not None, "only people sit at a desk"
        session.add(Presence(entry_id=entry_id, account_id=actor.id, seen_at=now))
    else:
        held.seen_at = now


def others(session: Session, entry_id: int, *, actor: Actor, now: datetime) -> Sequence[str]:
    """The names of those, beside the actor, who have it open."""
    return session.scalars(
        select(Account.name)
        .join(Presence, Presence.account_id == Account.id)
        .where(
            Presence.entry_id == entry_id,
            Presence.account_id != actor.id,
            Presence.seen_at > now - LASTS,
        )
        .order_by(Account.name)
    ).all()


def leave(session: Session, entry_id: int, *, actor: Actor) -> None:
    """The actor has saved and gone."""
    session.execute(
        delete(Presence).where(Presence.entry_id == entry_id, Presence.account_id == actor.id)
    )


def purge(session: Session, *, now: datetime) -> None:
    session.execute(delete(Presence).where(Presence.seen_at <= now - LASTS))
