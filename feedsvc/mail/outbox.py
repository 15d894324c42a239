"""Put mails into the outbox, and take them back before they leave."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.db import insert
from feedsvc.mail import message
from feedsvc.mail.message import Message
from feedsvc.mail.models import OutboxMail
from feedsvc.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Which mail this is: one reader, one kind, one slot is one mail, however often it is decided."""

    recipient_key: str
    kind: str
    slot_key: str


def message_id(settings: Settings, slot: Slot) -> str:
    """The same for every try, so that a second copy can be recognised; tells nobody who reads it."""
    value = f"{slot.recipient_key}\0{slot.kind}\0{slot.slot_key}"
    return f"<r.{tokens.keyed(settings.secret_key, 'message-id', value)}@{settings.host}>"


def enqueue(
    session: Session,
    slot: Slot,
    mail: Message,
    *,
    send_after: datetime,
    expires_at: datetime | None,
    priority: int = 5,
    now: datetime,
) -> int | None:
    """The id of the new mail; None if that slot already has its mail. Flushes nothing else."""
    values = {
        "recipient_key": slot.recipient_key,
        "kind": slot.kind,
        "slot_key": slot.slot_key,
        "address": mail.to,
        "subject": message.shortened(mail.subject),
        "content": message.build(mail).decode("ascii"),
        "message_id": mail.message_id,
        "priority": priority,
        "created_at": now,
        "dated_at": mail.date,
        "send_after": send_after,
        "expires_at": expires_at,
    }
    statement = insert(session, OutboxMail).values(values).on_conflict_do_nothing()
    return session.execute(statement.returning(OutboxMail.id)).scalar_one_or_none()


def take_back(
    session: Session, mail_ids: Collection[int], *, reason: str, now: datetime
) -> list[int]:
    """Void those that still wait; the ids of these. One that is being sent is its gate's to stop."""
    return list(
        session.scalars(
            update(OutboxMail)
            .where(OutboxMail.id.in_(mail_ids), OutboxMail.state == "queued")
            .values(state="void", reason=reason, settled_at=now)
            .returning(OutboxMail.id)
        )
    )


def forget(session: Session, recipient_key: str, *, reason: str, now: datetime) -> None:
    """Void what waits for this reader, and blank address and text of every mail there ever was."""
    theirs = OutboxMail.recipient_key == recipient_key
    take_back(session, session.scalars(select(OutboxMail.id).where(theirs)).all(),
              reason=reason, now=now)  # fmt: skip
    session.execute(update(OutboxMail).where(theirs).values(address="", subject="", content=""))
