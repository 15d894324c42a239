"""The history of what is published: what differs after a change, and what happened before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from feedsvc.auth.audit import record as record
from feedsvc.auth.models import History


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


def recent(
    session: Session, *conditions: ColumnElement[bool], limit: int = 20
) -> Sequence[History]:
    """What happened last, newest first, of what meets the conditions."""
    return session.scalars(
        select(History).where(*conditions).order_by(History.id.desc()).limit(limit)
    ).all()
