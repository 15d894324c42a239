"""Digests as readers see them: what is in them, when they come, that they come once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from feedsvc.calls import changes as calls
from feedsvc.content import publication
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.mail.message import Reading
from feedsvc.reminders.digests import turn
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes as subscriptions
from feedsvc.subscriptions.models import CallMute
from tests.builders import (
    ANA,
    BEGINNING,
    call_edit,
    deadline,
    make_call,
    make_cluster,
    make_news,
)
from tests.support.readers import READER, Service, follow, utc

HEAT = "Reuse of process heat"  # closes on 30 April 2026 at 17:00 in Luxembourg
MONDAY = "2026-03-02"  # readers begin at 09:00 UTC, 10:00 in Luxembourg
TUESDAY_HOUR = "2026-03-03 07:00"  # 08:00 in Luxembourg
TUESDAY = "2026-03-03 08:00"  # when all mails of that hour have left
WEDNESDAY = "2026-03-04 08:00"
NEXT_MONDAY = "2026-03-09 08:00"
NOON = "2026-03-02 12:00"


@pytest.fixture
def service(db: Database, settings: Settings) -> Service:
    return Service(db, settings)


def reads(
    db: Database, settings: Settings, *kinds: str, filter: Filter | None = None, **more: object
) -> None:
    """A reader with a digest of each of these kinds: of that filter, or of everything."""
    with db.begin() as session:
        for kind in kinds:
            reader = follow(session, settings, filter=filter or Filter(), digest=kind, **more)  # type: ignore[arg-type]
            assert reader.subscriptions


def publish(db: Database, *titles: str, at: str = NOON, **more: object) -> list[int]:
    with db.begin() as session:
        made = [make_call(session, title, now=utc(at), publish_at=utc(at), **more) for title in titles]
        return [call.id for call in made]


def told(service: Service, at: str) -> list[Reading]:
    """One turn: the slot is planned, and what leaves until then leaves; the digests of it."""
    before = len(service.transport.sent)
    service.turn(utc(at) - timedelta(hours=1))
    service.turn(at)
    return [
        letter
        for letter in service.letters[before:]
        if dict(letter.headers)["Feedback-ID"].startswith("digest")
    ]
