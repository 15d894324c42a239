"""What is planned: occasions (a deadline and a lead time) and items (an occasion for a reader)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedsvc.calls.models import Call, KeyDate
from feedsvc.db import Base
from feedsvc.mail.models import OutboxMail
from feedsvc.subscriptions.models import Subscriber, Subscription


class Occasion(Base):
    """A deadline at a given instant, a lead time in days, and a zone that readers live in.

    A moved deadline has new occasions. `due_at` is when its readers are to be told; `known_at` is
    when the planner first saw it: later than `due_at` for a deadline that was published or moved
    too late for this lead time. `state` is open, done (its items are written) or void with a
    reason.
    """

    __tablename__ = "occasion"
    __table_args__ = (
        UniqueConstraint("key_date_id", "deadline_at", "days", "zone"),
        Index(
            "ix_occasion_due",
            "due_at",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key_date_id: Mapped[int] = mapped_column(ForeignKey("key_date.id", ondelete="CASCADE"))
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    deadline_at: Mapped[datetime] = mapped_column(index=True)
    days: Mapped[int]
    zone: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime]
    known_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(6), default="open")
    reason: Mapped[str] = mapped_column(String(20), default="")  # of a void one

    key_date: Mapped[KeyDate] = relationship()
    call: Mapped[Call] = relationship()


class Item(Base):
    """A reminder that one reader is to get: unique, so that planning twice plans once.

    `state` is planned, mailed (its fate is that of `mail`) or void with a reason. `turn` counts how
    often it was planned: a mail that was taken back before it left is written anew. `subscription`
    is the one that asked for it, None once the reader has ended that.
    """

    __tablename__ = "reminder_item"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "key_date_id", "deadline_at", "days"),
        Index(
            "ix_reminder_item_planned",
            "subscriber_id",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    occasion_id: Mapped[int] = mapped_column(
        ForeignKey("occasion.id", ondelete="CASCADE"), index=True
    )
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"))
    subscription_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscription.id", ondelete="SET NULL"), index=True
    )
    key_date_id: Mapped[int] = mapped_column(
        ForeignKey("key_date.id", ondelete="CASCADE"), index=True
    )
    deadline_at: Mapped[datetime]
    days: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="planned")
    reason: Mapped[str] = mapped_column(String(30), default="")
    turn: Mapped[int] = mapped_column(default=1)
    mail_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True
    )
    planned_at: Mapped[datetime]

    occasion: Mapped[Occasion] = relationship()
    subscriber: Mapped[Subscriber] = relationship()
    subscription: Mapped[Subscription | None] = relationship()
    mail: Mapped[OutboxMail | None] = relationship()


class JobHeartbeat(Base):
    """When each job of the scheduler last came to its end, and what it said."""

    __tablename__ = "job_heartbeat"

    job: Mapped[str] = mapped_column(String(30), primary_key=True)
    finished_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(300), default="")
