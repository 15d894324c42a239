"""The audit log: one row for each act, in the transaction of the act itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.auth.rules import Actor

Changes = Mapping[str, tuple[Any, Any]]
PORTION = 1000  # rows


@dataclass(frozen=True)
class Wanted:
    """Which acts: of an account (or of processes), about one kind of thing, from `since` on and
    before `until`."""

    who: int | None = None
    by_processes: bool = False
    subject: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


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
            changes={field: [as_json(old), as_json(new)] for field, (old, new) in changes.items()},
        )
    )


def page(session: Session, wanted: Wanted, *, before: int | None, limit: int) -> Sequence[History]:
    """What is wanted, the newest first; `before` is the id of the last row of the page before."""
    query = _matching(wanted).order_by(History.id.desc()).limit(limit)
    return session.scalars(query if before is None else query.where(History.id < before)).all()


def every(session: Session, wanted: Wanted) -> Iterator[History]:
    """All that is wanted, the newest first, in portions: the log may be long."""
    before: int | None = None
    while rows := page(session, wanted, before=before, limit=PORTION):
        yield from rows
        before = rows[-1].id
        session.expunge_all()


def _matching(wanted: Wanted) -> Select[History]:
    query = select(History)
    if wanted.who is not None:
        query = query.where(History.actor_id == wanted.who)
    if wanted.by_processes:
        query = query.where(History.actor_id.is_(None))
    if wanted.subject:
        query = query.where(History.subject == wanted.subject)
    if wanted.since is not None:
        query = query.where(History.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(History.at < wanted.until)
    return query


def as_json(value: Any) -> Any:
    """A value as the log keeps it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    return value
