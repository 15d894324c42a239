"""What many mails share is kept once; a mail is put together as it was written, each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.mail import keeping, message, outbox, texts
from feedsvc.mail.casting import Own
from feedsvc.mail.delivery import deliver_due
from feedsvc.mail.message import Message
from feedsvc.mail.models import MailMould, OutboxMail
from feedsvc.mail.outbox import Post, Slot
from feedsvc.settings import Settings
from tests.support.mail import MemoryTransport
from tests.support.outbox import free

DAY = timedelta(days=1)


def put_two(db: Database, settings: Settings, now: datetime) -> list[bytes]:
    """Two readers get the same; how their mails read."""
    shared = Message(
        message_id="", date=now, sender=settings.mail_from, to="", subject="s", text="@@link@@",
        html="<p>@@link@@</p>", language="en", kind="reminder", host=settings.host,
    )  # fmt: skip
    mould = message.mould(shared, ["@@link@@"])
    posts = []
    for name in ("ana", "ben"):
        link = {"@@link@@": f"https://agency.example/{name}"}
        own = Own(
            message_id=f"<{name}@agency.example>", date=now, to=f"{name}@x.example", links=link
        )
        posts.append(
            Post(
                slot=Slot(recipient_key=name, kind="reminder", slot_key="s"), address=own.to,
                subject="s", content=mould.values(own), mould=mould, message_id=own.message_id,
                dated_at=now, send_after=now, expires_at=None,
            )
        )  # fmt: skip
    with db.begin() as session:
        outbox.enqueue_many(session, posts, now=now)
    return [mould.cast(post.content).encode("ascii") for post in posts]


def moulds(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(MailMould)) or 0


def test_mails_leave_as_they_were_written_and_share_a_mould(
    db: Database, settings: Settings, now: datetime
) -> None:
    written = put_two(db, settings, now)
    transport = MemoryTransport()
    deliver_due(db, transport, now, gate=free)
    assert [content for _, content in transport.sent] == written
    with db.read() as session:
        mails = session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
        assert [texts.whole(session, mail).encode() for mail in mails] == written
        assert moulds(session) == 1


def test_a_mould_goes_with_the_last_text_that_it_is_part_of(
    db: Database, settings: Settings, now: datetime
) -> None:
    put_two(db, settings, now)
    deliver_due(db, MemoryTransport(), now, gate=free)
    with db.begin() as session:
        assert texts.drop_unused(session, now + DAY) == 0
        outbox.forget(session, "ana", reason="gone", now=now)
        assert texts.drop_unused(session, now + DAY) == 0
        keeping.blank(session, now)
        assert texts.drop_unused(session, now) == 0  # another may be written with it just now
        assert texts.drop_unused(session, now + DAY) == 1
        assert moulds(session) == 0
