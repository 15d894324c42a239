"""How long mails are kept: first text and address go, much later the row. The oldest come first.

Ids and times of creation grow together, so that a batch that holds nothing old enough is the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from feedsvc.mail.models import OutboxMail

BLANK = {"address": "", "subject": "", "content": "", "mould": None}
FINAL = ("accepted", "bounced", "failed", "expired", "void")


@dataclass(frozen=True)
class Batch:
    """How many mails were treated, and from which id on to go on; None at the end."""

    number: int
    last: int | None


def blank(session: Session, before: datetime, *, after: int = 0, limit: int = 500) -> Batch:
    """Forget address, subject and text of mails that ended before that (ix_outbox_mail_readable)."""
    ids, last = _old(session, before, OutboxMail.address != "", after=after, limit=limit)
    session.execute(update(OutboxMail).where(OutboxMail.id.in_(ids)).values(BLANK))
    return Batch(len(ids), last)


def drop(
    session: Session,
    before: datetime,
    *,
    unless: ColumnElement[bool],
    after: int = 0,
    limit: int = 500,
) -> Batch:
    """Delete mails that ended before that, except those of which something says `unless`."""
    ids, last = _old(session, before, OutboxMail.id > 0, after=after, limit=limit)
    dropped = session.scalars(
        delete(OutboxMail).where(OutboxMail.id.in_(ids), ~unless).returning(OutboxMail.id)
    ).all()
    return Batch(len(dropped), last)


def _old(
    session: Session, before: datetime, among: ColumnElement[bool], *, after: int, limit: int
) -> tuple[Sequence[int], int | None]:
    rows = session.execute(
        select(OutboxMail.id, OutboxMail.created_at, OutboxMail.state, OutboxMail.settled_at)
        .where(among, OutboxMail.id > after)
        .order_by(OutboxMail.id)
        .limit(limit)
    ).all()
    ended = [
        row.id for row in rows if row.state in FINAL and row.settled_at and row.settled_at <= before
    ]
    more = len(rows) == limit and any(row.created_at <= before for row in rows)
    return ended, rows[-1].id if more else None
