"""What is asked of the hub, from the request until the callback's answer has been heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.errors import NotFound, TooMany
from feedsvc.i18n import N_
from feedsvc.statements import insert
from feedsvc.websub import leases, queries, rules
from feedsvc.websub.models import (
    SUBSCRIBER,
    HubAttempt,
    HubRequest,
    HubSubscription,
    HubTopic,
)
from feedsvc.websub.rules import Wish

LATER = 3600  # seconds after which a full hub may have room


@dataclass(frozen=True)
class _Limit:
    """How many of a kind there may be at most."""

    found: int
    most: int


def count_attempt(session: Session, wish: Wish, client: str, *, key: str, now: datetime) -> None:
    """Count a request before anything is done about it. Raises: TooMany.

    For the client that sends it, and for the host that it names: many clients together could
    otherwise have the hub call one victim without end. A refused request is not counted.
    """
    start = now - rules.ATTEMPT_WINDOW
    session.execute(delete(HubAttempt).where(HubAttempt.at <= start))
    subjects = (
        (tokens.keyed(key, "hub client", rules.client_of(client)), rules.ATTEMPTS_OF_CLIENT),
        (tokens.keyed(key, "hub host", wish.host), rules.ATTEMPTS_FOR_HOST),
    )
    for subject, most in subjects:
        count, first = session.execute(
            select(func.count(), func.min(HubAttempt.at)).where(HubAttempt.subject == subject)
        ).one()
        if count >= most:
            raise TooMany(
                N_("Too many requests. Try again in a few minutes."),
                retry_after=max(1, int((first - start).total_seconds())),
            )
        session.add(HubAttempt(subject=subject, at=now))


def ask(session: Session, wish: Wish, *, tag: str, now: datetime) -> None:
    """Keep a request until its callback has been asked; it replaces an older one.

    `tag` is the version of the topic now. Raises: NotFound, if there is nothing to unsubscribe
    from; TooMany.
    """
    topic = topic_at(session, wish.topic) if wish.mode == "subscribe" else _known(session, wish)
    callback_digest = tokens.digest(wish.callback)
    if not queries.is_subscribed(session, topic.id, callback_digest):
        if wish.mode == "unsubscribe":
            raise _not_subscribed()
        _check_room(session, topic.id, wish.host, now)
    put(
        session, topic.id, wish.callback, now,
        mode=wish.mode, lease_seconds=int(wish.lease.total_seconds()), secret=wish.secret, tag=tag,
    )  # fmt: skip


def put(session: Session, topic_id: int, callback: str, now: datetime, **values: Any) -> None:
    """A lease on an older request goes with it: its answer will count for nothing."""
    fresh: dict[str, Any] = {
        "lease_seconds": 0, "secret": "", "reason": "", "tag": "", **values,
        "asked_at": now, "attempts": 0, "send_after": now, "lease_token": None, "lease_until": None,
    }  # fmt: skip
    statement = insert(session, HubRequest).values(
        topic_id=topic_id, callback=callback, callback_digest=tokens.digest(callback),
        host=rules.host_of(callback), **fresh,
    )  # fmt: skip
    session.execute(
        statement.on_conflict_do_update(index_elements=["topic_id", "callback_digest"], set_=fresh)
    )


def postpone(session: Session, request_id: int, token: str, now: datetime) -> None:
    """The callback did not answer: ask again some times, then let the request go."""
    request = session.scalar(select(HubRequest).where(*leases.held(HubRequest, request_id, token)))
    if request is None:
        return
    request.attempts += 1
    if request.attempts >= rules.QUESTIONS:
        session.delete(request)
        return
    request.send_after = now + rules.QUESTION_PAUSES[request.attempts - 1]
    request.lease_token = request.lease_until = None


def settle(session: Session, request_id: int, token: str) -> HubRequest | None:
    """Take the request away; None if it is no longer the one that was asked about."""
    return session.scalar(
        delete(HubRequest)
        .where(*leases.held(HubRequest, request_id, token))
        .returning(HubRequest)
        .execution_options(synchronize_session=False)
    )


def grant(session: Session, request: HubRequest, now: datetime) -> None:
    """Begin the subscription, or renew it: lease and secret are those of the request.

    A subscriber that was away shows that it is back: what it still has to get is sent at once.
    """
    values: dict[str, Any] = {
        "secret": request.secret,
        "expires_at": now + timedelta(seconds=request.lease_seconds),
        "attempts": 0,
        "failing_since": None,
        "reason": "",
        "send_after": request.asked_at,
    }
    renewed = session.scalar(
        update(HubSubscription)
        .where(*_of(request), HubSubscription.expires_at > now)
        .values(values)
        .returning(HubSubscription.id)
    )
    if renewed is None:
        end(session, request)
        session.add(
            HubSubscription(
                topic_id=request.topic_id, kind=SUBSCRIBER, callback=request.callback,
                callback_digest=request.callback_digest, host=request.host, tag=request.tag,
                created_at=now, **values,
            )
        )  # fmt: skip


def end(session: Session, request: HubRequest) -> None:
    """End the subscription that a request is about, if there is one."""
    session.execute(delete(HubSubscription).where(*_of(request)))


def topic_at(session: Session, address: str) -> HubTopic:
    """The topic's row, made if it is not there, and locked: it must not be swept away now."""
    statement = insert(session, HubTopic).values(
        address=address, digest=tokens.digest(address), generation=-1, tag=""
    )
    return session.scalars(
        statement.on_conflict_do_update(
            index_elements=["digest"], set_={"address": statement.excluded.address}
        ).returning(HubTopic)
    ).one()


def _known(session: Session, wish: Wish) -> HubTopic:
    found = queries.topic(session, tokens.digest(wish.topic))
    if found is None:
        raise _not_subscribed()
    return found


def _not_subscribed() -> NotFound:
    return NotFound(N_("This callback has no subscription to that topic."))


def _check_room(session: Session, topic_id: int, host: str, now: datetime) -> None:
    lives = HubSubscription.expires_at > now
    limits = (
        _Limit(queries.count(session, HubRequest), rules.PENDING),
        _Limit(queries.count(session, HubRequest, HubRequest.host == host), rules.PENDING_FOR_HOST),
        _Limit(
            queries.count(session, HubSubscription, HubSubscription.host == host, lives),
            rules.SUBSCRIPTIONS_OF_HOST,
        ),
        _Limit(
            queries.count(session, HubSubscription, HubSubscription.topic_id == topic_id, lives),
            rules.SUBSCRIPTIONS_OF_TOPIC,
        ),
    )
    if any(limit.found >= limit.most for limit in limits):
        raise TooMany(
            N_("This hub has no room for more subscriptions like this one now. Try again later."),
            retry_after=LATER,
        )


def _of(request: HubRequest) -> tuple[Any, ...]:
    return (
        HubSubscription.topic_id == request.topic_id,
        HubSubscription.callback_digest == request.callback_digest,
    )
