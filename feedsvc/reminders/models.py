"""What is planned: due dates, occasions (a date and a lead time), items (an occasion for a reader)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from feedsvc.calls.models import Call, KeyDate
from feedsvc.db import Base, JSONValue
from feedsvc.mail.models import OutboxMail
from feedsvc.subscriptions.models import Subscriber, Subscription


class DueDate(Base):
    """An instant of a key date that readers are reminded of; a date that moves has several.

    `state` is stands, falling (what was planned is being taken back) or fallen, with the reason.
    Here the planner compares what it did with how things are, however many readers there are.
    """

    __tablename__ = "due_date"
    __table_args__ = (
        UniqueConstraint("key_date_id", "at"),
        Index("ix_due_date_state", "state", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key_date_id: Mapped[int] = mapped_column(ForeignKey("key_date.id", ondelete="CASCADE"))
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(7), default="stands")
    reason: Mapped[str] = mapped_column(String(20), default="")


class ReaderHour(Base):
    """A zone and an hour at which readers are told, and up to when their days were looked at."""

    __tablename__ = "reader_hour"

    zone: Mapped[str] = mapped_column(String(60), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    looked_until: Mapped[datetime]


class Occasion(Base):
    """A deadline at a given instant, a lead time in days, and the readers of a zone and an hour.

    A moved deadline has new occasions. `due_at` is when its readers are to be told, those who
    followed at `followed_by`; `known_at` is when the planner could first know of it: not before
    `due_at` for a deadline that was published or moved too late for this lead time, or whose hour
    was over when writing its items failed. `state` is open, done (its items are written) or void
    with a reason. `cursor` is the last reader whose items are written; `turn` goes up when an
    occasion comes back.
    """

    __tablename__ = "occasion"
    __table_args__ = (
        UniqueConstraint("key_date_id", "deadline_at", "days", "zone", "hour"),
        Index(
            "ix_occasion_due",
            "due_at",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(  # what was told lately
            "ix_occasion_done",
            "due_at",
            "call_id",
            postgresql_where=text("state = 'done'"),
            sqlite_where=text("state = 'done'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key_date_id: Mapped[int] = mapped_column(ForeignKey("key_date.id", ondelete="CASCADE"))
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    deadline_at: Mapped[datetime]
    days: Mapped[int]
    zone: Mapped[str] = mapped_column(String(60))
    hour: Mapped[int]
    due_at: Mapped[datetime]
    followed_by: Mapped[datetime]
    known_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(6), default="open")
    reason: Mapped[str] = mapped_column(String(20), default="")  # of a void one
    cursor: Mapped[int] = mapped_column(default=0)
    turn: Mapped[int] = mapped_column(default=1)

    key_date: Mapped[KeyDate] = relationship()
    call: Mapped[Call] = relationship()


class Item(Base):
    """A reminder that one reader is to get: unique, so that planning twice plans once.

    `state` is planned, mailed (its fate is that of `mail`) or void with a reason. `turn` counts how
    often it was planned: a mail that was taken back before it left is written anew. `subscription`
    is the one that asked for it, None once the reader has ended that. When a reader is forgotten
    the row stays for the ledger, without them.

    There is one of these for each mail line that ever was, so every index is paid for millions of
    times: the unique key begins with what an occasion has, and its rows go in side by side. An
    occasion goes with its key date only, as its items do, and needs no index of theirs. Nor are reader,
    date and subscription keys of the database's: triggers do what these would when one of them goes
    (migrations 0018 and 0034), and who writes items locks reader and date meanwhile (`locking`). A
    subscription that ends then on PostgreSQL may still be named.
    """

    __tablename__ = "reminder_item"
    __table_args__ = (
        UniqueConstraint("key_date_id", "deadline_at", "days", "subscriber_id"),
        Index(
            "ix_reminder_item_planned",
            "subscriber_id",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
        Index(
            "ix_reminder_item_mail_id",
            "mail_id",
            postgresql_where=text("mail_id IS NOT NULL"),
            sqlite_where=text("mail_id IS NOT NULL"),
        ),
        Index(  # those of a round for whom no mail was written, reader by reader
            "ix_reminder_item_void",
            "key_date_id",
            "deadline_at",
            "days",
            "subscriber_id",
            postgresql_where=text("state = 'void'"),
            sqlite_where=text("state = 'void'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    occasion_id: Mapped[int]
    subscriber_id: Mapped[int] = mapped_column(index=True, nullable=True)
    subscription_id: Mapped[int | None]
    key_date_id: Mapped[int]
    deadline_at: Mapped[datetime]
    days: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="planned")
    reason: Mapped[str] = mapped_column(String(30), default="")
    turn: Mapped[int] = mapped_column(default=1)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_mail.id", ondelete="SET NULL"))
    planned_at: Mapped[datetime]

    occasion: Mapped[Occasion] = relationship(
        primaryjoin=lambda: foreign(Item.occasion_id) == Occasion.id, viewonly=True
    )
    subscriber: Mapped[Subscriber] = relationship(
        primaryjoin=lambda: foreign(Item.subscriber_id) == Subscriber.id, viewonly=True
    )
    subscription: Mapped[Subscription | None] = relationship(
        primaryjoin=lambda: foreign(Item.subscription_id) == Subscription.id, viewonly=True
    )
    mail: Mapped[OutboxMail | None] = relationship()


class Notice(Base):
    """Something about a call that must be told apart from its deadlines, once, to some readers.

    `kind` is changed, cancelled or edition. A notice of changes sums up the events of its call from
    `first_event_id` to `last_event_id`; `key` names what it is about, so that it is made once.
    From `expires_at` on nobody needs to know any more. `state` is open, done (its items are
    written) or void with a reason.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "ix_notice_due",
            "due_at",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    first_event_id: Mapped[int | None] = mapped_column(
        ForeignKey("call_event.id", ondelete="CASCADE")
    )
    last_event_id: Mapped[int | None] = mapped_column(
        ForeignKey("call_event.id", ondelete="CASCADE")
    )
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(6), default="open")
    reason: Mapped[str] = mapped_column(String(30), default="")

    call: Mapped[Call] = relationship()


class NoticeItem(Base):
    """A notice that one reader is to get: unique, as an item is; states and turns are the same.

    `subscription` is by what the reader follows the call, None once that has ended. The mail tells
    what happened up to `told_event_id`. It stays without its reader when they are forgotten, as an
    item does.
    """

    __tablename__ = "notice_item"
    __table_args__ = (
        UniqueConstraint("notice_id", "subscriber_id"),
        Index(
            "ix_notice_item_planned",
            "subscriber_id",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscriber.id", ondelete="SET NULL"), index=True, nullable=True
    )
    subscription_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscription.id", ondelete="SET NULL"), index=True
    )
    told_event_id: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(8), default="planned")
    reason: Mapped[str] = mapped_column(String(30), default="")
    turn: Mapped[int] = mapped_column(default=1)
    mail_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True
    )
    planned_at: Mapped[datetime]

    notice: Mapped[Notice] = relationship()
    subscriber: Mapped[Subscriber] = relationship()
    subscription: Mapped[Subscription | None] = relationship()
    mail: Mapped[OutboxMail | None] = relationship()


class DigestEntry(Base):
    """An entry that a digest told of, and why: new or changed.

    `revision` is the entry's as it was told; `event_id` the last of its events that the reader
    knows by it, 0 if it had none. The row outlives its entry: what was deleted must be missed
    before the mail leaves.
    """

    __tablename__ = "digest_entry"
    __table_args__ = (Index("ix_digest_entry_entry", "entry_id", "mail_id"),)

    mail_id: Mapped[int] = mapped_column(
        ForeignKey("outbox_mail.id", ondelete="CASCADE"), primary_key=True
    )
    entry_id: Mapped[int] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(String(8))
    revision: Mapped[int] = mapped_column(default=1)
    event_id: Mapped[int] = mapped_column(default=0)


class DigestPart(Base):
    """A subscription that a digest serves, and since when: where to begin again if it does not leave.

    The subscription is None once the reader has ended it. `again` says that its mail was stopped at
    the gate and has to be written anew.
    """

    __tablename__ = "digest_part"
    __table_args__ = (
        Index(
            "ix_digest_part_again",
            "subscription_id",
            postgresql_where=text("again"),
            sqlite_where=text("again"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(
        ForeignKey("outbox_mail.id", ondelete="CASCADE"), index=True
    )
    subscription_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscription.id", ondelete="SET NULL"), index=True
    )
    since: Mapped[datetime]
    again: Mapped[bool] = mapped_column(default=False)


class DigestRound(Base):
    """Up to when all digests are written, whatever was due: one row."""

    __tablename__ = "digest_round"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[datetime]


class ToldTally(Base):
    """How many reminders and notices of a call ended how, of those whose rows are no longer kept."""

    __tablename__ = "told_tally"

    call_id: Mapped[int] = mapped_column(
        ForeignKey("call.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)  # reminder, or of the notice
    word: Mapped[str] = mapped_column(String(10), primary_key=True)  # accepted, void, ...
    number: Mapped[int]


class ToldCount(Base):
    """What the rows of a large call add up to, counted ahead: see `counting`."""

    __tablename__ = "told_count"

    call_id: Mapped[int] = mapped_column(
        ForeignKey("call.id", ondelete="CASCADE"), primary_key=True
    )
    counted_at: Mapped[datetime]
    numbers: Mapped[dict[str, Any]] = mapped_column(JSONValue)


class JobHeartbeat(Base):
    """When each job of the scheduler last came to its end, what it said, and how it fared so far.

    `milliseconds` is how long that took. `skipped` counts turns that fell out because the one before was
    still running.
    """

    __tablename__ = "job_heartbeat"

    job: Mapped[str] = mapped_column(String(30), primary_key=True)
    finished_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(300), default="")
    milliseconds: Mapped[int] = mapped_column(default=0, server_default="0")
    runs: Mapped[int] = mapped_column(default=0, server_default="0")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    skipped: Mapped[int] = mapped_column(default=0, server_default="0")


class SchedulerProcess(Base):
    """A scheduler that is at work: it writes `beat_at` every few seconds, and goes when it ends."""

    __tablename__ = "scheduler_process"

    uid: Mapped[str] = mapped_column(String(36), primary_key=True)
    host: Mapped[str] = mapped_column(String(100))
    pid: Mapped[int]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime] = mapped_column(index=True)
