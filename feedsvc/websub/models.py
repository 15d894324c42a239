"""What our hub knows: topics, who subscribes to them, what waits for the subscriber's word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedsvc.db import Base

SUBSCRIBER, HUB = "subscriber", "hub"


class HubTopic(Base):
    """A feed of ours that somebody subscribed to, by its absolute address.

    `tag` names its bytes as they were in `generation`, which is true until `valid_until` (None:
    until the next generation). Generation -1: nobody has looked yet.
    """

    __tablename__ = "hub_topic"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # of the address
    generation: Mapped[int] = mapped_column(default=-1)
    valid_until: Mapped[datetime | None]
    tag: Mapped[str] = mapped_column(String(64), default="")


class HubSubscription(Base):
    """A callback that is sent each new version of a topic, until `expires_at`.

    `tag` is the version that it has: it is due while that is not the topic's, and `send_after` and
    a lapsed lease allow it. `kind` is subscriber, or hub: an external hub, which is told that the
    topic has changed and fetches it. `failing_since` is the first of the tries in a row that failed.
    """

    __tablename__ = "hub_subscription"
    __table_args__ = (UniqueConstraint("topic_id", "callback_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("hub_topic.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10), default=SUBSCRIBER)
    callback: Mapped[str] = mapped_column(Text)
    callback_digest: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(255), index=True)
    secret: Mapped[str] = mapped_column(String(200), default="")  # as it is: it signs
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    tag: Mapped[str] = mapped_column(String(64), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")  # why the last try failed
    send_after: Mapped[datetime]
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]

    topic: Mapped[HubTopic] = relationship()


class HubRequest(Base):
    """A subscription or its end that was asked for and not yet verified, or a refusal to be told.

    `mode` is subscribe, unsubscribe or denied (then `reason` says why). There is one for each topic
    and callback: a newer request takes the place of an older one. `tag` is the version that the
    topic had when it was asked for: what changes before the answer is sent at once after it.
    """

    __tablename__ = "hub_request"
    __table_args__ = (
        UniqueConstraint("topic_id", "callback_digest"),
        Index("ix_hub_request_send_after", "send_after"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("hub_topic.id", ondelete="CASCADE"))
    callback: Mapped[str] = mapped_column(Text)
    callback_digest: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(255), index=True)
    mode: Mapped[str] = mapped_column(String(12))
    lease_seconds: Mapped[int] = mapped_column(default=0)
    secret: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    tag: Mapped[str] = mapped_column(String(64), default="")
    asked_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    send_after: Mapped[datetime]
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]

    topic: Mapped[HubTopic] = relationship()


class HubAttempt(Base):
    """A request to the hub, by the client that sent it and by the host that it would call."""

    __tablename__ = "hub_attempt"
    __table_args__ = (Index("ix_hub_attempt_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))  # keyed digest of a client or a host
    at: Mapped[datetime] = mapped_column(index=True)
