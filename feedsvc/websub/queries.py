"""Read what is subscribed to, and what of it is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedsvc.content import generation
from feedsvc.websub.models import HUB, HubRequest, HubSubscription, HubTopic

Owned = type[HubRequest] | type[HubSubscription]


def topic(session: Session, digest: str) -> HubTopic | None:
    return session.scalar(select(HubTopic).where(HubTopic.digest == digest))


def is_subscribed(session: Session, topic_id: int, callback_digest: str) -> bool:
    """Whether that callback has a subscription, or has asked for one."""
    return any(
        session.scalar(
            select(
                exists().where(owned.topic_id == topic_id, owned.callback_digest == callback_digest)
            )
        )
        for owned in (HubSubscription, HubRequest)
    )


def count(session: Session, owned: Owned, *which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(owned).where(*which)) or 0


def unseen(session: Session, now: datetime) -> Sequence[HubTopic]:
    """Topics with subscribers that may have changed since somebody looked."""
    present = generation.current(session).value
    return session.scalars(
        select(HubTopic)
        .where(
            or_(HubTopic.generation != present, HubTopic.valid_until <= now),
            exists().where(
                HubSubscription.topic_id == HubTopic.id, HubSubscription.expires_at > now
            ),
        )
        .order_by(HubTopic.id)
    ).all()


def request_due(session: Session, now: datetime) -> bool:
    return bool(session.scalar(select(exists().where(HubRequest.send_after <= now))))


def delivery_due(session: Session, now: datetime) -> bool:
    owed = exists().where(HubSubscription.topic_id == HubTopic.id, *due(now))
    return bool(session.scalar(select(owed)))


def due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What makes a subscription due; it must be joined with its topic.

    A topic that nobody has looked at yet (its tag is empty) has no version to send.
    """
    return (
        HubSubscription.expires_at > now,
        HubSubscription.send_after <= now,
        HubSubscription.tag != HubTopic.tag,
        HubTopic.tag != "",
    )


def tally(session: Session, now: datetime) -> dict[str, int]:
    """How many subscriptions there are, how many are owed a version, how many requests wait."""
    owed = (
        select(func.count())
        .select_from(HubSubscription)
        .join(HubTopic, HubTopic.id == HubSubscription.topic_id)
        .where(*due(now))
    )
    return {
        "subscriptions": count(session, HubSubscription, HubSubscription.expires_at > now),
        "owed": session.scalar(owed) or 0,
        "requests": count(session, HubRequest),
    }


def free(owned: Owned, now: datetime) -> ColumnElement[bool]:
    """That no process holds the row, or one that has died does."""
    until: InstrumentedAttribute[datetime | None] = owned.lease_until
    return or_(until.is_(None), until <= now)


def told_hubs(session: Session) -> Sequence[tuple[str, str]]:
    """Each topic that an external hub is told of, with the address of the hub."""
    rows = session.execute(
        select(HubTopic.address, HubSubscription.callback)
        .join(HubTopic, HubTopic.id == HubSubscription.topic_id)
        .where(HubSubscription.kind == HUB)
    )
    return [(row.address, row.callback) for row in rows]
