"""Answers that are kept for a day, so that a program which did not hear one may ask again.

The answer is written in the transaction of what it tells: there is never the one without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.auth.access import rules
from feedsvc.auth.access.models import KeptAnswer
from feedsvc.errors import Conflict, Invalid, Problem
from feedsvc.i18n import N_

HEADER = "Idempotency-Key"
LONGEST_KEY = 200


@dataclass(frozen=True)
class Request:
    """A request by its token, the key that its sender gave it, and a digest of what it asks."""

    token_id: int
    key: str
    asked: str


def given(session: Session, request: Request, *, now: datetime) -> KeptAnswer | None:
    """The answer that it was given; None if it comes for the first time.

    Then nobody else answers it until the transaction ends. Raises: Conflict while somebody does,
    Invalid if the key was that of another request.
    """
    _one_at_a_time(session, request)
    row = session.get(KeptAnswer, (request.token_id, tokens.digest(request.key)))
    if row is None:
        return None
    if row.made_at <= now - rules.ANSWERS_KEPT:
        session.delete(row)
        session.flush()
        return None
    if row.asked != request.asked:
        words = N_("This key was given to another request. Give each request a key of its own.")
        raise Invalid(Problem(HEADER, words))
    return row


def keep(
    session: Session,
    request: Request,
    *,
    status: int,
    headers: dict[str, str],
    body: str,
    now: datetime,
) -> None:
    session.add(
        KeptAnswer(
            token_id=request.token_id,
            key=tokens.digest(request.key),
            asked=request.asked,
            status=status,
            headers=headers,
            body=body,
            made_at=now,
        )
    )
    session.flush()


def _one_at_a_time(session: Session, request: Request) -> None:
    """SQLite has one writer: there, who comes second waits, and hears the same answer."""
    if session.get_bind().dialect.name != "postgresql":
        return
    name = f"{request.token_id} {request.key}"
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0))
    if not session.scalar(select(lock)):
        raise Conflict(N_("A request with this key is being answered. Ask again in a moment."))
