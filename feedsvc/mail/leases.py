"""Who holds which mail: claim, mark, record and free rows of the outbox, each in one statement.

A lease is a token and a time. What is written about a mail under a token is written only while the
row still has that token: a process that slept past its lease changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from feedsvc.mail import rules, tries
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import Fate
from feedsvc.mail.tries import CRASHED, Try

LEASE = timedelta(minutes=20)  # longer than the slowest hand-over of one mail


def anything_due(session: Session, now: datetime) -> bool:
    due = exists().where(OutboxMail.state == "queued", OutboxMail.send_after <= now)
    return bool(session.scalar(select(due)))


def claim(session: Session, token: str, now: datetime, *, most: int) -> Sequence[int]:
    """Served by ix_outbox_mail_due. Rows that another process holds are passed over."""
    ids = session.scalars(
        select(OutboxMail.id)
        .where(OutboxMail.state == "queued", OutboxMail.send_after <= now)
        .order_by(OutboxMail.priority, OutboxMail.send_after, OutboxMail.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    session.execute(
        update(OutboxMail)
        .where(OutboxMail.id.in_(ids))
        .values(state="leased", lease_token=token, lease_until=now + LEASE)
    )
    return ids


def mark(session: Session, mail_id: int, token: str, now: datetime) -> OutboxMail | None:
    """The mail, marked `sending` with a fresh lease; None if the lease has gone to another."""
    return session.scalar(
        update(OutboxMail)
        .where(
            OutboxMail.id == mail_id,
            OutboxMail.lease_token == token,
            OutboxMail.state == "leased",
        )
        .values(state="sending", lease_until=now + LEASE)
        .returning(OutboxMail)
    )


def record(
    session: Session, mail_id: int, fate: Fate, now: datetime, *, token: str | None = None
) -> bool:
    """Write what became of the mail; with a token only while that lease holds."""
    values = {
        "state": fate.state,
        "reason": fate.reason,
        "attempts": fate.attempts,
        "uncertain": fate.uncertain,
        "lease_token": None,
        "lease_until": None,
        "settled_at": None if fate.send_after else now,
    }
    if fate.send_after is not None:
        values["send_after"] = fate.send_after
    mine = [OutboxMail.lease_token == token] if token is not None else []
    found = session.scalar(
        update(OutboxMail)
        .where(OutboxMail.id == mail_id, *mine)
        .values(values)
        .returning(OutboxMail.id)
    )
    return found is not None


def release(session: Session, *which: ColumnElement[bool]) -> int:
    """Put back what was claimed and not handed over: as if it had never been touched."""
    freed = session.scalars(
        update(OutboxMail)
        .where(OutboxMail.state.in_(("leased", "sending")), *which)
        .values(state="queued", lease_token=None, lease_until=None)
        .returning(OutboxMail.id)
    )
    return len(freed.all())


def expire(session: Session, now: datetime) -> int:
    ended = session.scalars(
        update(OutboxMail)
        .where(OutboxMail.state == "queued", OutboxMail.expires_at <= now)
        .values(state="expired", reason=rules.EXPIRED, settled_at=now)
        .returning(OutboxMail.id)
    )
    return len(ended.all())


def reap(session: Session, now: datetime) -> int:
    """Free what dead processes held, and end what waited past its time; how many mails that was."""
    idle = release(session, OutboxMail.state == "leased", OutboxMail.lease_until <= now)
    lapsed = session.scalars(
        select(OutboxMail)
        .where(OutboxMail.state == "sending", OutboxMail.lease_until <= now)
        .with_for_update(skip_locked=True)
    ).all()
    for mail in lapsed:
        record(session, mail.id, rules.after_crash(attempts=mail.attempts, now=now), now)
    tries.note(session, [Try(mail_id=mail.id, at=now, word=CRASHED) for mail in lapsed])
    return idle + len(lapsed) + expire(session, now)
