"""History: who changed what and when, one row for each change, in the change's own transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.content.models import History

Changes = Mapping[str, tuple[Any, Any]]


def record(
    session: Session,
    subject: str,
    subject_id: int,
    act: str,
    changes: Changes,
    *,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Append one row. `changes` maps a field to its old and new value."""
    session.add(
        History(
            at=now,
            actor_id=actor.id,
            actor_name=actor.name,
            subject=subject,
            subject_id=subject_id,
            act=act,
            changes={field: [_json(old), _json(new)] for field, (old, new) in changes.items()},
        )
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields whose values differ, with both values."""
    return {
        field: (before.get(field), after.get(field))
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
    }


def of(session: Session, subject: str, subject_id: int, *, limit: int = 100) -> Sequence[History]:
    """The history of one thing, newest first."""
    return session.scalars(
        select(History)
        .where(History.subject == subject, History.subject_id == subject_id)
        .order_by(History.id.desc())
        .limit(limit)
    ).all()


def recent(session: Session, *, limit: int = 20) -> Sequence[History]:
    """What happened last, newest first."""
    return session.scalars(select(History).order_by(History.id.desc()).limit(limit)).all()


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _json(item) for key, item in value.items()}
    return value
