"""The audit log: one row for each act, in the transaction of the act itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.auth.rules import Actor

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
            client=actor.client,
            subject=subject,
            subject_id=subject_id,
            act=act,
            changes={field: [_json(old), _json(new)] for field, (old, new) in changes.items()},
        )
    )


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
