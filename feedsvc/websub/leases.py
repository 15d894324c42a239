"""Who is calling whom: claim what is due with a lease, and let go of it.

A lease is a token and a time. What becomes of a call is written only while the row still has its
token: a process that slept past its lease, or whose request was replaced by a newer one, changes
nothing. Nobody holds more than a few calls to one host at once, so that a slow one keeps a few
threads busy and not all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session, joinedload

from feedsvc.websub import queries
from feedsvc.websub.models import HubRequest, HubSubscription, HubTopic
from feedsvc.websub.queries import Owned

LEASE = timedelta(minutes=5)  # longer than the slowest call with its look-up of the name
CALLS_OF_HOST = 2  # at once


def claim_requests(session: Session, token: str, now: datetime, *, most: int) -> list[HubRequest]:
    """The requests that wait the longest; served by ix_hub_request_send_after."""
    waiting = select(HubRequest.id, HubRequest.host, HubRequest.send_after).where(
        HubRequest.send_after <= now
    )
    ids = _claim(session, HubRequest, waiting, token=token, now=now, most=most)
    return list(
        session.scalars(
            select(HubRequest)
            .where(HubRequest.id.in_(ids))
            .options(joinedload(HubRequest.topic))
            .order_by(HubRequest.id)
        )
    )


def claim_deliveries(
    session: Session, token: str, now: datetime, *, most: int
) -> list[HubSubscription]:
    """The subscriptions whose version is not their topic's, those that wait the longest first."""
    waiting = (
        select(HubSubscription.id, HubSubscription.host, HubSubscription.send_after)
        .join(HubTopic, HubTopic.id == HubSubscription.topic_id)
        .where(*queries.due(now))
    )
    ids = _claim(session, HubSubscription, waiting, token=token, now=now, most=most)
    return list(
        session.scalars(
            select(HubSubscription)
            .where(HubSubscription.id.in_(ids))
            .options(joinedload(HubSubscription.topic))
            .order_by(HubSubscription.id)
        )
    )


def held(owned: Owned, row_id: int, token: str) -> tuple[ColumnElement[bool], ...]:
    """That it is this row, and that the lease is still ours."""
    return (owned.id == row_id, owned.lease_token == token)


def release(session: Session, owned: Owned, row_id: int, token: str) -> None:
    session.execute(
        update(owned).where(*held(owned, row_id, token)).values(lease_token=None, lease_until=None)
    )


def _claim(
    session: Session,
    owned: Owned,
    waiting: Select[int, str, datetime],
    *,
    token: str,
    now: datetime,
    most: int,
) -> Sequence[int]:
    """Rows that another process claims at this moment are passed over."""
    held_now = (
        select(owned.host, func.count().label("calls"))
        .where(owned.lease_until > now)
        .group_by(owned.host)
        .subquery()
    )
    found = waiting.where(queries.free(owned, now)).subquery()
    turn = func.row_number().over(
        partition_by=found.c.host, order_by=(found.c.send_after, found.c.id)
    )
    ranked = (
        select(found.c.id, (turn + func.coalesce(held_now.c.calls, 0)).label("call"))
        .outerjoin(held_now, held_now.c.host == found.c.host)
        .subquery()
    )
    ids = session.scalars(
        select(owned.id)
        .where(
            owned.id.in_(select(ranked.c.id).where(ranked.c.call <= CALLS_OF_HOST)),
            queries.free(owned, now),
        )
        .order_by(owned.send_after, owned.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    session.execute(
        update(owned)
        .where(owned.id.in_(ids))
        .values(lease_token=token, lease_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )
    return ids
