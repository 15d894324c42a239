"""Try a mail again because a person asks for it: which ones, and how.

A mail that failed goes back into the queue as it is: the same bytes, the same Message-ID, the gate
before it as before every mail. What is expired or void is not tried again: its time has passed, or
what it says is not true any more, and what still holds is planned anew by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, defer

from feedsvc.errors import Conflict, NotFound
from feedsvc.i18n import N_
from feedsvc.mail import rules
from feedsvc.mail.models import OutboxMail
from feedsvc.statements import constant

ASKED_AGAIN = N_("an editor asked for another try")
REPLAYED = N_("nobody knows whether it arrived: an operator sends it once more")


def may_retry(mail: OutboxMail, now: datetime) -> bool:
    """Whether it failed, is still of use, and has an address: a forgotten reader's mail has none."""
    return mail.state == "failed" and bool(mail.address) and _in_time(mail, now)


def may_hasten(mail: OutboxMail, now: datetime) -> bool:
    """Whether it waits for its next try. The first one is at the reader's hour, and stays there."""
    deferred = mail.state == "queued" and mail.attempts > 0
    return deferred and mail.send_after > now and _in_time(mail, now)


def retry(session: Session, mail_id: int, *, now: datetime) -> OutboxMail:
    """Put a failed mail back into the queue, due now, its tries counted anew.

    `uncertain` stays: a mail that may have arrived gets one more try, not two.
    Raises: NotFound, Conflict.
    """
    mail = _locked(session, mail_id)
    _must(may_retry(mail, now))
    mail.state, mail.reason, mail.settled_at = "queued", ASKED_AGAIN, None
    mail.attempts, mail.crashes, mail.send_after = 0, 0, now
    session.flush()
    return mail


def hasten(session: Session, mail_id: int, *, now: datetime) -> OutboxMail:
    """Make the next try now, not after the rest of the pause. Raises: NotFound, Conflict."""
    mail = _locked(session, mail_id)
    _must(may_hasten(mail, now))
    mail.send_after = now
    session.flush()
    return mail


def unanswered(session: Session, *, now: datetime, limit: int) -> Sequence[OutboxMail]:
    """Mails that were given up because no answer came, and are still of use; the oldest first.

    They may have arrived. Those during which processes died are not among them: they may be why.
    """
    return session.scalars(
        select(OutboxMail)
        .where(
            OutboxMail.state == constant("failed"),  # ix_outbox_mail_failed
            OutboxMail.reason == rules.UNANSWERED,
            OutboxMail.address != "",
            or_(OutboxMail.expires_at.is_(None), OutboxMail.expires_at > now),
        )
        .options(defer(OutboxMail.content, raiseload=True))
        .order_by(OutboxMail.settled_at, OutboxMail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def replay(mail: OutboxMail, *, now: datetime) -> None:
    """Put one of those back into the queue: one more try, whose silence ends it again."""
    mail.state, mail.reason, mail.settled_at = "queued", REPLAYED, None
    mail.attempts, mail.send_after = 0, now


def _must(allowed: bool) -> None:
    if not allowed:
        raise Conflict(N_("This mail has moved on meanwhile. Look at it again."))


def _in_time(mail: OutboxMail, now: datetime) -> bool:
    return mail.expires_at is None or mail.expires_at > now


def _locked(session: Session, mail_id: int) -> OutboxMail:
    mail = session.scalar(
        select(OutboxMail)
        .where(OutboxMail.id == mail_id)
        .options(defer(OutboxMail.content, raiseload=True))
        .with_for_update()
    )
    if mail is None:
        raise NotFound(N_("There is no mail with this number."))
    return mail
