"""Put mails into the outbox, and take them back before they leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.mail import keeping, message, texts
from feedsvc.mail.casting import Mould
from feedsvc.mail.message import Message
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import PRIORITIES
from feedsvc.settings import Settings
from feedsvc.statements import insert_new


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


@dataclass(frozen=True, kw_only=True)
class Post:
    """A mail that is ready to be put into the outbox.

    `content` is the whole message or, with a `mould`, what is the reader's own in it.
    """

    slot: Slot
    address: str
    subject: str
    content: str
    message_id: str
    dated_at: datetime
    send_after: datetime
    expires_at: datetime | None
    priority: int = 5
    mould: Mould | None = None


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
    post = Post(
        slot=slot,
        address=mail.to,
        subject=mail.subject,
        content=message.build(mail).decode("ascii"),
        message_id=mail.message_id,
        dated_at=mail.date,
        send_after=send_after,
        expires_at=expires_at,
        priority=priority,
    )
    return enqueue_many(session, [post], now=now).get(slot)


def enqueue_many(session: Session, posts: Sequence[Post], *, now: datetime) -> dict[Slot, int]:
    """Put many mails into the outbox at once; the ids of those whose slot had none, by slot."""
    if not posts:
        return {}
    texts.keep(session, (post.mould for post in posts if post.mould), now)
    made = insert_new(
        session, OutboxMail, [_row(post, now) for post in posts],
        OutboxMail.id, OutboxMail.recipient_key, OutboxMail.kind, OutboxMail.slot_key,
    )  # fmt: skip
    return {
        Slot(recipient_key=reader, kind=kind, slot_key=key): mail_id
        for mail_id, reader, kind, key in made
    }


def _row(post: Post, now: datetime) -> dict[str, object]:
    assert post.priority in PRIORITIES, "only these are looked for when mails are due"
    return {
        "recipient_key": post.slot.recipient_key,
        "kind": post.slot.kind,
        "slot_key": post.slot.slot_key,
        "address": post.address,
        "subject": message.shortened(post.subject),
        "content": post.content,
        "mould": post.mould.digest if post.mould else None,
        "message_id": post.message_id,
        "priority": post.priority,
        "created_at": now,
        "dated_at": post.dated_at,
        "send_after": post.send_after,
        "expires_at": post.expires_at,
    }


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
    session.execute(update(OutboxMail).where(theirs).values(keeping.BLANK))
