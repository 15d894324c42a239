"""Turns of our hub in a test's process, and the requests that subscribers send it."""

from __future__ import annotations

import ssl
from datetime import datetime

from sqlalchemy import select
from werkzeug.test import TestResponse

from feedsvc.db import Database
from feedsvc.feeds.publish import Publisher
from feedsvc.settings import Settings
from feedsvc.websub.http import Caller, Patience
from feedsvc.websub.models import HubSubscription
from feedsvc.websub.push import Hub, push_due
from tests.support.client import Browser

SOON = Patience(connect=1.0, read=5.0, whole=5.0)
# Subscribers of tests speak plain HTTP: nobody need read the system's certificates for them.
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def hub_of(db: Database, settings: Settings, *, patience: Patience = SOON) -> Hub:
    """A hub as a process of the scheduler has it, with less patience."""
    private = settings.websub_private_callbacks
    return Hub(
        db=db,
        settings=settings,
        publisher=Publisher(settings),
        caller=Caller(agent="test", private=private, patience=patience, tls=TLS),
        hub_caller=Caller(agent="test", private=True, patience=patience, tls=TLS),
    )


def turn(db: Database, settings: Settings, now: datetime, *, patience: Patience = SOON) -> int:
    """One turn of a scheduler that has just been started; how many calls it made."""
    return push_due(hub_of(db, settings, patience=patience), now)


def ask(
    client: Browser, callback: str, topic: str, mode: str = "subscribe", **more: str
) -> TestResponse:
    """The request of a subscriber; `lease_seconds` and `secret` are fields of it."""
    fields = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
    return client.post("/hub", data={**fields, **{f"hub.{k}": v for k, v in more.items()}})


def subscriptions(db: Database) -> list[HubSubscription]:
    with db.read() as session:
        return list(session.scalars(select(HubSubscription).order_by(HubSubscription.id)))
