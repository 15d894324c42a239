"""Write which version topics have, what was sent of it, and what has ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.feeds.publish import Published
from feedsvc.websub import asking, leases, rules
from feedsvc.websub.models import (
    HUB,
    SUBSCRIBER,
    HubAttempt,
    HubRequest,
    HubSubscription,
    HubTopic,
)
from feedsvc.websub.rules import Fate


def look(session: Session, topic_id: int, published: Published) -> None:
    """Keep which version a topic has, unless somebody has seen a later generation already."""
    session.execute(
        update(HubTopic)
        .where(HubTopic.id == topic_id, HubTopic.generation <= published.generation)
        .values(
            generation=published.generation,
            valid_until=published.valid_until,
            tag=published.tag,
        )
    )


def delivered(session: Session, subscription_id: int, token: str, tag: str) -> None:
    """The subscriber has that version."""
    session.execute(
        update(HubSubscription)
        .where(*leases.held(HubSubscription, subscription_id, token))
        .values(
            tag=tag, attempts=0, failing_since=None, reason="", lease_token=None, lease_until=None,
        )
    )  # fmt: skip


def failed(
    session: Session, subscription_id: int, token: str, fate: Fate, *, tag: str, reason: str
) -> None:
    """A version was not taken: it, or the one that is there by then, is sent again later."""
    values: dict[str, Any] = {
        "attempts": fate.attempts,
        "failing_since": None if fate.given_up else fate.failing_since,
        "send_after": fate.send_after,
        "reason": reason[:200],
        "lease_token": None,
        "lease_until": None,
    }
    if fate.given_up:
        values["tag"] = tag
    session.execute(
        update(HubSubscription)
        .where(*leases.held(HubSubscription, subscription_id, token))
        .values(values)
    )


def gone(session: Session, subscription_id: int, token: str) -> None:
    """The callback answered 410: it wants no more (section 7)."""
    session.execute(
        delete(HubSubscription).where(*leases.held(HubSubscription, subscription_id, token))
    )


def close_topic(session: Session, topic_id: int, reason: str, now: datetime) -> None:
    """The feed is no more: its subscriptions end, and each subscriber is to be told."""
    ended = session.scalars(
        delete(HubSubscription)
        .where(HubSubscription.topic_id == topic_id)
        .returning(HubSubscription)
        .execution_options(synchronize_session=False)
    ).all()
    for row in ended:
        if row.kind == SUBSCRIBER and row.expires_at > now:
            asking.put(session, topic_id, row.callback, now, mode="denied", reason=reason[:300])


def put_hub(session: Session, address: str, hub: str, *, now: datetime, until: datetime) -> None:
    """Tell the external hub of that topic from now on."""
    session.add(
        HubSubscription(
            topic=asking.topic_at(session, address), kind=HUB, callback=hub,
            callback_digest=tokens.digest(hub), host=rules.host_of(hub), created_at=now,
            expires_at=until, send_after=now,
        )
    )  # fmt: skip


def drop_hub(session: Session, address: str, hub: str) -> None:
    """Tell that hub nothing more of that topic."""
    topics = select(HubTopic.id).where(HubTopic.digest == tokens.digest(address))
    session.execute(
        delete(HubSubscription).where(
            HubSubscription.kind == HUB,
            HubSubscription.callback_digest == tokens.digest(hub),
            HubSubscription.topic_id.in_(topics),
        )
    )


def purge(session: Session, *, now: datetime) -> int:
    """Delete subscriptions whose lease has ended, and what nobody needs; how many ended."""
    ended = session.scalars(
        delete(HubSubscription)
        .where(HubSubscription.expires_at <= now)
        .returning(HubSubscription.id)
    ).all()
    session.execute(delete(HubAttempt).where(HubAttempt.at <= now - rules.ATTEMPT_WINDOW))
    _sweep_topics(session)
    return len(ended)


def _sweep_topics(session: Session) -> None:
    """Delete topics that nobody asks for; locked first, then looked at again.

    Who asks for one at this moment holds its lock, or waits for ours and makes it anew.
    """
    unused = (
        ~exists().where(HubSubscription.topic_id == HubTopic.id),
        ~exists().where(HubRequest.topic_id == HubTopic.id),
    )
    ids = session.scalars(
        select(HubTopic.id).where(*unused).with_for_update(skip_locked=True)
    ).all()
    session.execute(delete(HubTopic).where(HubTopic.id.in_(ids), *unused))
