"""Read the outbox: for editors, who may look at every mail, and for those who watch the service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, defer, undefer

from feedsvc.mail.models import OutboxMail


def recent(
    session: Session,
    *,
    state: str = "",
    search: str = "",
    before: int | None = None,
    limit: int = 50,
) -> Sequence[OutboxMail]:
    """Mails without their content, newest first; `before` is the id to go on from.

    `search` finds parts of the address or the subject.
    """
    query = select(OutboxMail).options(defer(OutboxMail.content, raiseload=True))
    if state:
        query = query.where(OutboxMail.state == state)
    if search:
        query = query.where(
            or_(
                OutboxMail.address.icontains(search, autoescape=True),
                OutboxMail.subject.icontains(search, autoescape=True),
            )
        )
    if before is not None:
        query = query.where(OutboxMail.id < before)
    return session.scalars(query.order_by(OutboxMail.id.desc()).limit(limit)).all()


def get(session: Session, mail_id: int) -> OutboxMail | None:
    """One mail with its content: `mail.message.read` takes that apart."""
    return session.get(
        OutboxMail, mail_id, options=[undefer(OutboxMail.content)], populate_existing=True
    )


def counts(session: Session) -> dict[str, int]:
    """How many mails are in each state; states without any are left out."""
    rows = session.execute(select(OutboxMail.state, func.count()).group_by(OutboxMail.state))
    return dict(rows.all())


def overdue_since(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting mail should have left; None when none is late."""
    return session.scalar(
        select(func.min(OutboxMail.send_after)).where(
            OutboxMail.state == "queued", OutboxMail.send_after <= now
        )
    )
