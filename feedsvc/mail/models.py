"""The outbox: one row for each mail, from the moment it is decided until its fate is known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.db import Base, JSONValue

STATES = (
    "queued",
    "sending",
    "accepted",
    "bounced",
    "failed",
    "expired",
    "void",
)


class MailMould(Base):
    """What many mails have in common: the pieces between what is each reader's own (`mail.casting`).

    It names nobody. `digest` is made of the content, so that writing it twice keeps it once.
    """

    __tablename__ = "mail_mould"

    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class OutboxMail(Base):
    """A mail to one address.

    `recipient_key` names the reader for whoever enqueued it; (recipient_key, kind, slot_key) is
    unique, so deciding twice sends once. `content` is the whole message in 7-bit text, or, with a
    `mould`, what is this reader's own in it (`mail.texts`): a retry sends the very same bytes. Every
    final state (accepted, bounced, failed, expired, void) has a
    `reason`. `send_after` moves with every retry, `dated_at` (the message's Date) never does.
    `uncertain` says that it was handed over once without an answer: a repeat may be a second copy.
    `stage` is how far the last try got with the mail server, `crashes` how often the process ended
    that was sending it.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        UniqueConstraint("recipient_key", "kind", "slot_key"),
        Index(
            "ix_outbox_mail_due",
            "priority",
            "send_after",
            "id",
            postgresql_where=text("state = 'queued'"),
            sqlite_where=text("state = 'queued'"),
        ),
        Index("ix_outbox_mail_state", "state", "lease_until"),
        Index(
            "ix_outbox_mail_failed",
            "settled_at",
            postgresql_where=text("state = 'failed'"),
            sqlite_where=text("state = 'failed'"),
        ),
        Index(
            "ix_outbox_mail_mould",
            "mould",
            postgresql_where=text("mould IS NOT NULL"),
            sqlite_where=text("mould IS NOT NULL"),
        ),
        Index(  # whose text and address are still here, the oldest first
            "ix_outbox_mail_readable",
            "id",
            postgresql_where=text("address <> ''"),
            sqlite_where=text("address <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))  # confirmation | reminder | ...
    slot_key: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    content: Mapped[str] = mapped_column(Text)  # the message as RFC 5322 has it, or its own values
    mould: Mapped[str | None] = mapped_column(ForeignKey("mail_mould.digest"))
    message_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="queued")
    reason: Mapped[str] = mapped_column(String(300), default="")
    priority: Mapped[int] = mapped_column(default=5)  # 0 leaves first
    created_at: Mapped[datetime]
    dated_at: Mapped[datetime]
    send_after: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(40))
    settled_at: Mapped[datetime | None]
    stage: Mapped[str] = mapped_column(String(10), default="")
    crashes: Mapped[int] = mapped_column(default=0)


class MailTry(Base):
    """A try that did not end with yes, kept so that the way of a mail can be told.

    `word` is deferred, refused or uncertain, or crashed when its process died; `stage` is how far
    the talk with the mail server got, where that is known. What was accepted needs no row: its
    mail says when, and in whose words.
    """

    __tablename__ = "mail_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(
        ForeignKey("outbox_mail.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    word: Mapped[str] = mapped_column(String(10))
    stage: Mapped[str] = mapped_column(String(10), default="")
    reply: Mapped[str] = mapped_column(String(300), default="")


class ReportTally(Base):
    """How many messages in the mailbox of returned mail had which outcome, ever."""

    __tablename__ = "report_tally"

    outcome: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int]
    last_at: Mapped[datetime]


class MailRelay(Base):
    """A mail server as all processes that use it know it: may it be used now, and how fast.

    `state` is closed (mails go through), open (none does before `until`, because of `why`) or
    half_open (one process tries, until `until`). `faults` counts how often it opened since a mail
    last went through; `doubts` holds whom it refused lately, for reasons that may be ours.
    `tokens` mails may leave at once; they grow with time since `refilled_at`.
    """

    __tablename__ = "mail_relay"

    scope: Mapped[str] = mapped_column(String(200), primary_key=True)
    state: Mapped[str] = mapped_column(String(9), default="closed")
    until: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(300), default="")
    faults: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[dict[str, list[str]]] = mapped_column(JSONValue, default=dict)
    tokens: Mapped[float] = mapped_column(Double, default=0.0)
    refilled_at: Mapped[datetime | None]
