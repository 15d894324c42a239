"""What is planned: occasions (a deadline and a lead time) and items (an occasion for a reader)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.db import Base


class Occasion(Base):
    """A deadline at a given instant, and that many days before it. A moved deadline has new ones.

    `due_at` is the instant from which it is to be told; `state` is open, done or void.
    """

    __tablename__ = "occasion"
    __table_args__ = (
        UniqueConstraint("key_date_id", "deadline_at", "days"),
        Index(
            "ix_occasion_due",
            "due_at",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key_date_id: Mapped[int] = mapped_column(
        ForeignKey("key_date.id", ondelete="CASCADE")
    )
    call_id: Mapped[int] = mapped_column(
        ForeignKey("call.id", ondelete="CASCADE"), index=True
    )
    deadline_at: Mapped[datetime]
    days: Mapped[int]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(6), default="open")
    reason: Mapped[str] = mapped_column(String(20), default="")  # of a void one


class Item(Base):
    """A reminder that one reader is to get: unique, so that planning twice plans once.

    `state` is planned, mailed (in `mail_id`) or void with a reason.
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
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscriber.id", ondelete="CASCADE")
    )
    subscription_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscription.id", ondelete="SET NULL")
    )
    key_date_id: Mapped[int] = mapped_column(
        ForeignKey("key_date.id", ondelete="CASCADE")
    )
    deadline_at: Mapped[datetime]
    days: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="planned")
    reason: Mapped[str] = mapped_column(String(30), default="")
    mail_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True
    )
    planned_at: Mapped[datetime]


class JobHeartbeat(Base):
    """When each job of the scheduler last came to its end, and what it said."""

    __tablename__ = "job_heartbeat"

    job: Mapped[str] = mapped_column(String(30), primary_key=True)
    finished_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(300), default="")
