"""Read the outbox: for editors, who may look at every mail, and for those who watch the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, defer, undefer

from feedsvc.mail.models import MailRelay, OutboxMail


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which mails: an empty field asks for all.

    `search` finds parts of the address or the subject, `reply` parts of the reason, which is the
    mail server's reply or our own words; `recipient_key` names one reader.
    """

    state: str = ""
    kind: str = ""
    search: str = ""
    reply: str = ""
    recipient_key: str = ""


ALL = Wanted()


def recent(
    session: Session, wanted: Wanted = ALL, *, before: int | None = None, limit: int = 50
) -> Sequence[OutboxMail]:
    """Mails without their content, newest first; `before` is the id to go on from."""
    query = select(OutboxMail).options(defer(OutboxMail.content, raiseload=True))
    query = query.where(*_conditions(wanted))
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


def counts_by_kind(session: Session) -> dict[str, dict[str, int]]:
    """How many mails of each kind are in each state, the most frequent kind first."""
    rows = session.execute(
        select(OutboxMail.kind, OutboxMail.state, func.count()).group_by(
            OutboxMail.kind, OutboxMail.state
        )
    ).all()
    found: dict[str, dict[str, int]] = {}
    for kind, state, number in rows:
        found.setdefault(kind, {})[state] = number
    return dict(sorted(found.items(), key=lambda pair: -sum(pair[1].values())))


def shut(session: Session, now: datetime) -> MailRelay | None:
    """The mail server through which no mail may go now, if there is one: until when, and why."""
    return session.scalar(
        select(MailRelay)
        .where(MailRelay.state != "closed", MailRelay.until > now)
        .order_by(MailRelay.until.desc())
        .limit(1)
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    exact = {
        OutboxMail.state: wanted.state,
        OutboxMail.kind: wanted.kind,
        OutboxMail.recipient_key: wanted.recipient_key,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value]
    if wanted.search:
        found.append(
            or_(
                OutboxMail.address.icontains(wanted.search, autoescape=True),
                OutboxMail.subject.icontains(wanted.search, autoescape=True),
            )
        )
    if wanted.reply:
        found.append(OutboxMail.reason.icontains(wanted.reply, autoescape=True))
    return found
