"""The outbox in figures, for those who watch the service. Every query stays cheap when it is large."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.mail.models import MailRelay, OutboxMail, ReportTally
from feedsvc.mail.rules import PRIORITIES

WAITING = ("queued", "sending")


@dataclass(frozen=True)
class Late:
    """How many should have left, and since when the first of them."""

    number: int = 0
    since: datetime | None = None


def late(session: Session, before: datetime) -> Late:
    """Mails that still wait although they should have left by then: ix_outbox_mail_due."""
    number, since = session.execute(
        select(func.count(), func.min(OutboxMail.send_after)).where(
            OutboxMail.state == "queued",
            OutboxMail.priority.in_(PRIORITIES),  # the index is ordered by that first
            OutboxMail.send_after <= before,
        )
    ).one()
    return Late(number, since)


def waiting(session: Session) -> dict[tuple[str, str], int]:
    """How many mails are on their way, by state and kind: ix_outbox_mail_state."""
    rows = session.execute(
        select(OutboxMail.state, OutboxMail.kind, func.count())
        .where(OutboxMail.state.in_(WAITING))
        .group_by(OutboxMail.state, OutboxMail.kind)
    )
    return {(state, kind): number for state, kind, number in rows}


def relays(session: Session) -> dict[str, str]:
    """Each mail server that was used, and whether it may be: closed, open or half_open."""
    rows = session.execute(select(MailRelay.scope, MailRelay.state).order_by(MailRelay.scope))
    return dict(rows.all())


def reports(session: Session) -> dict[str, int]:
    """How many messages in the mailbox of returned mail had which outcome."""
    rows = session.execute(select(ReportTally.outcome, ReportTally.number))
    return dict(rows.all())
