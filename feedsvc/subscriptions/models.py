"""Readers who follow by mail: who, what, when, and the proof that they asked for it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedsvc.content import workdays
from feedsvc.content.workdays import Ahead
from feedsvc.db import Base, JSONValue


class Subscriber(Base):
    """An address. It is `confirmed_at` or it gets one confirmation mail and nothing else.

    `confirmation_sent_at` stands from such a mail until its link is used or a day has passed.
    Mails leave within the hour that begins at `hour`, in `zone`; none but those the reader asks
    for on the spot before `paused_until`. `active_at` is the last sign that somebody reads there:
    silent addresses are asked again (`renewal_sent_at`). `moved_at` stands from a change of zone or
    hour until the planner has looked at what the new hour has told already. Who wants to be ready so
    many `workdays` before each deadline, by the `holidays` of a place, is told that day as well.
    """

    __tablename__ = "subscriber"
    __table_args__ = (
        Index("ix_subscriber_place", "zone", "hour", "id"),
        Index(
            "ix_subscriber_moved",
            "id",
            postgresql_where=text("moved_at IS NOT NULL"),
            sqlite_where=text("moved_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # domain as A-label, lower case
    language: Mapped[str] = mapped_column(String(5))
    zone: Mapped[str] = mapped_column(String(60))
    hour: Mapped[int] = mapped_column(default=8)
    workdays: Mapped[int | None]
    holidays: Mapped[str] = mapped_column(String(6), default="LU")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmation_sent_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    active_at: Mapped[datetime | None]
    renewal_sent_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]

    subscriptions: Mapped[list[Subscription]] = relationship(
        back_populates="subscriber",
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="Subscription.id",
    )

    @property
    def ahead(self) -> Ahead | None:
        return workdays.ahead(self.workdays, self.holidays)


class StoredFilter(Base):
    """A filter that somebody follows; equal filters share a row, known by their digest.

    `kind` is call or news; None finds both.
    """

    __tablename__ = "stored_filter"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    query: Mapped[str] = mapped_column(Text)  # Filter.query()
    kind: Mapped[str | None] = mapped_column(String(8))
    award_max_from: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    cofinancing_from: Mapped[Decimal | None]  # percent
    q: Mapped[str] = mapped_column(String(200), default="")
    profile: Mapped[str] = mapped_column(Text, default="", server_default="")  # what it rules out

    keys: Mapped[list[FilterKey]] = relationship(cascade="all, delete-orphan")


class FilterKey(Base):
    """One conjunction of a filter's values: joined for equality with the keys of a call."""

    __tablename__ = "filter_key"

    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    filter_id: Mapped[int] = mapped_column(
        ForeignKey("stored_filter.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Subscription(Base):
    """What a subscriber follows, a filter or one entry, and how many days before a deadline.

    `digest` sums up what is new or changed (instant, daily, weekly; empty for none); what came up
    to `digested_until` has been told. `next_edition` asks to be told when a call comes again.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        CheckConstraint("(filter_id IS NULL) <> (entry_id IS NULL)", name="one_subject"),
        UniqueConstraint("subscriber_id", "filter_id"),
        UniqueConstraint("subscriber_id", "entry_id"),
        Index("ix_subscription_filter", "filter_id", "subscriber_id", "confirmed_at"),
        Index("ix_subscription_entry", "entry_id", "subscriber_id", "confirmed_at"),
        Index(  # who gets digests of what a filter finds
            "ix_subscription_digest",
            "filter_id",
            "digest",
            "digested_until",
            postgresql_where=text("digest <> ''"),
            sqlite_where=text("digest <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"))
    filter_id: Mapped[int | None] = mapped_column(ForeignKey("stored_filter.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(String(7), default="")
    digested_until: Mapped[datetime | None]
    next_edition: Mapped[bool] = mapped_column(default=False)

    subscriber: Mapped[Subscriber] = relationship(back_populates="subscriptions")
    filter: Mapped[StoredFilter | None] = relationship(lazy="joined", innerjoin=False)
    offsets: Mapped[list[SubscriptionOffset]] = relationship(
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="SubscriptionOffset.days.desc()",
    )


class SubscriptionOffset(Base):
    """One lead time: that many calendar days before a deadline."""

    __tablename__ = "subscription_offset"

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True
    )
    days: Mapped[int] = mapped_column(primary_key=True, index=True)


class CallMute(Base):
    """A call of which a reader wants to hear nothing more, whatever else they follow."""

    __tablename__ = "call_mute"

    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True
    )
    call_id: Mapped[int] = mapped_column(
        ForeignKey("call.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[datetime]


class PrivateFeed(Base):
    """The address of a reader's own feed, by the digest of its secret.

    Without a subscriber it has ended, and is kept: it says so for ever, and names nobody.
    """

    __tablename__ = "private_feed"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    subscriber_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscriber.id", ondelete="SET NULL"), unique=True
    )
    created_at: Mapped[datetime]


class ConsentEvent(Base):
    """What an address agreed to or took back: appended, never edited (the database refuses it).

    It outlives its reader, whom it names by a keyed digest (`subscriptions.retention`).
    """

    __tablename__ = "consent_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    subscriber_uid: Mapped[str] = mapped_column(String(36), index=True)
    # requested | confirmed | changed | unsubscribed | restored | muted | unmuted | paused | resumed
    # renewed | lapsed | objected | complained | erased | feed_begun | feed_ended
    act: Mapped[str] = mapped_column(String(20))
    wording: Mapped[str] = mapped_column(String(40))  # version of the text that was shown
    language: Mapped[str] = mapped_column(String(5))
    details: Mapped[dict[str, object]] = mapped_column(JSONValue, default=dict)


class Suppression(Base):
    """An address that gets no mail, kept as a keyed digest so that nothing can revive it.

    The row is what counts: when `until` has passed, it is taken away. `evidence` is what a mail
    server said; `mail_id` is the mail that it was said of, while that is kept.
    """

    __tablename__ = "suppression"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(
        String(20)
    )  # hard_bounce | soft_bounce | complaint | objection
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    evidence: Mapped[str] = mapped_column(String(300), default="")
    mail_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True
    )


class Lift(Base):
    """A suppression that an editor took away: which, when, who. Appended, never edited."""

    __tablename__ = "suppression_lift"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]
    lifted_at: Mapped[datetime]
    lifted_by: Mapped[str] = mapped_column(String(200))


class AskingClient(Base):
    """How often one client asked for subscriptions on one day, by a digest that is good that day."""

    __tablename__ = "asking_client"

    client: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    number: Mapped[int]
