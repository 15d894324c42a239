"""Mails in the outbox, without a plan behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.mail import message, outbox
from feedsvc.mail.leases import Leaving
from feedsvc.mail.message import Message
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.outbox import Post, Slot
from feedsvc.settings import Settings


def free(_session: Session, _mails: Sequence[Leaving], _now: datetime) -> dict[int, str]:
    """The gate that lets all pass."""
    return {}


def put(
    db: Database,
    settings: Settings,
    names: Iterable[str],
    now: datetime,
    *,
    priority: int = 3,
    expires_at: datetime | None = None,
) -> None:
    """A mail for each name, to that name at example.org, due now."""
    posts = [_post(settings, name, now, priority, expires_at) for name in names]
    with db.begin() as session:
        outbox.enqueue_many(session, posts, now=now)


def rows(db: Database) -> dict[str, OutboxMail]:
    """The mails by the names they were put with."""
    with db.read() as session:
        in_order = select(OutboxMail).order_by(OutboxMail.id)
        return {mail.recipient_key: mail for mail in session.scalars(in_order)}


def states(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.scalars(select(OutboxMail.state).order_by(OutboxMail.id)))


def _post(
    settings: Settings, name: str, now: datetime, priority: int, expires_at: datetime | None
) -> Post:
    slot = Slot(recipient_key=name, kind="reminder", slot_key="s")
    mail = Message(
        message_id=outbox.message_id(settings, slot), date=now, sender=settings.mail_from,
        to=f"{name}@example.org", subject="s", text="t", html="<p>t</p>", language="en",
        kind="reminder", host=settings.host,
    )  # fmt: skip
    return Post(
        slot=slot, address=mail.to, subject=mail.subject, message_id=mail.message_id,
        content=message.build(mail).decode("ascii"), dated_at=now, send_after=now,
        expires_at=expires_at, priority=priority,
    )  # fmt: skip
