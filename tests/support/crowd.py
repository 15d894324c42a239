"""Many readers who all wait for the reminder of one call, written in bulk."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import insert, select, update

from feedsvc.db import Database
from feedsvc.mail.models import OutboxMail
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import Subscriber, Subscription, SubscriptionOffset
from tests.builders import BEGINNING, deadline, make_call
from tests.support.readers import follow


def follow_all(
    db: Database,
    settings: Settings,
    number: int,
    *,
    closes: str = "2026-04-30",
    zone: str = "",
    now: datetime = BEGINNING,
    calls: int = 1,
) -> None:
    """Calls that close on the same day, and that many readers who asked for all calls.

    Their confirmations have left.
    """
    with db.begin() as session:
        for place in range(calls):
            make_call(
                session,
                f"Reuse of process heat {place}",
                key_dates=(deadline(closes),),
                now=now,
                publish_at=now,
            )
        if number:
            follow(session, settings, email="reader0@example.org", zone=zone, now=now)
        session.execute(update(OutboxMail).values(state="accepted", reason="read long ago"))
    if number > 1:
        _copy_first(db, number - 1)


def _copy_first(db: Database, number: int) -> None:
    with db.begin() as session:
        first = session.scalars(select(Subscriber)).one()
        [asked] = first.subscriptions
        people = [
            {
                "uid": str(uuid.uuid4()), "email": f"reader{index + 1}@example.org",
                "language": first.language, "zone": first.zone,
                "created_at": first.created_at, "confirmed_at": first.confirmed_at,
            }
            for index in range(number)
        ]  # fmt: skip
        ids = session.scalars(insert(Subscriber).returning(Subscriber.id), people).all()
        wishes = [
            {
                "uid": str(uuid.uuid4()), "subscriber_id": subscriber_id,
                "filter_id": asked.filter_id, "created_at": asked.created_at,
                "confirmed_at": asked.confirmed_at,
            }
            for subscriber_id in ids
        ]  # fmt: skip
        made = session.scalars(insert(Subscription).returning(Subscription.id), wishes).all()
        days = [{"subscription_id": n, "days": d} for n in made for d in (7, 1)]
        session.execute(insert(SubscriptionOffset), days)
