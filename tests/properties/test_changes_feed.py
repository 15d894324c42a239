"""Over any history of edits the feed of changes tells each event once, and nothing else.

It is read as a reader would: page by page, while editors go on between the pages.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from feedsvc.calls import changes, rules
from feedsvc.calls.models import Call, CallEvent
from feedsvc.content.cursors import Cursor
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.feeds.publish import Publisher
from feedsvc.feeds.query import Query
from feedsvc.settings import Settings
from tests import builders
from tests.builders import ANA
from tests.support.clock import NOW
from tests.support.databases import Backend, Backends, SqliteBackend
from tests.support.guards import missing
from tests.support.postgres import PostgresUnavailable

ACTS = st.tuples(
    st.sampled_from(["edit", "edit", "edit", "cancel", "withdraw", "publish", "delete", "wait"]),
    st.integers(0, 2),  # which call
    st.integers(-3, 40),  # days from now to the deadline
    st.integers(1, 3),  # money
    st.booleans(),  # whether readers need to know
)


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest, _backends: Backends) -> Backend:
    try:
        return _backends[request.param]
    except PostgresUnavailable as reason:
        missing(str(reason))


class Office:
    """Editors of three calls, and a clock that moves by a quarter of an hour with each act."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db, self.now, self.settings = db, NOW, settings
        self.publisher = Publisher(settings)
        with db.begin() as session:
            self.ids = [builders.make_call(session, f"Call {n}").id for n in range(3)]

    def act(self, kind: str, number: int, days: int, money: int, material: bool) -> None:
        self.now += timedelta(days=5) if kind == "wait" else timedelta(minutes=15)
        more: dict[str, Any] = {"actor": ANA, "now": self.now}
        with self.db.begin() as session:
            call = session.get(Call, self.ids[number])
            if call is None or kind == "wait":
                return
            if kind == "edit":
                day = str(self.now.date() + timedelta(days=days))
                edit = builders.call_edit(
                    f"Call {number}",
                    key_dates=(builders.deadline(day),),
                    award_max=Decimal(money),
                    material=material,
                )
                changes.edit_call(session, call.id, edit, **more)
            elif kind == "publish":
                changes.publish_call(session, call.id, at=self.now, **more)
            elif kind == "cancel":
                changes.cancel_call(session, call.id, {}, **more)
            elif kind == "withdraw":
                changes.withdraw_call(session, call.id, **more)
            else:
                changes.withdraw_call(session, call.id, **more)
                self.now += rules.TOLD_WITHIN
                changes.delete_call(session, call.id, actor=ANA, now=self.now)

    def events(self) -> list[str]:
        """What the feed must tell: the newest first."""
        with self.db.read() as session:
            rows = session.execute(
                select(CallEvent, Call)
                .join(Call, Call.id == CallEvent.call_id)
                .where(Call.withdrawn_at.is_(None))
                .order_by(CallEvent.at.desc(), CallEvent.id.desc())
            )
            return [f"urn:uuid:{event.uid}" for event, _ in rows if rules.is_news(event)]

    def read(self, before: Cursor | None = None) -> tuple[list[str], Cursor | None]:
        """The ids on a page, and where the next one begins; what is kept is what is fresh."""
        query = Query(Filter(kind="call"), "atom", "en", "/changes/", before=before)
        with self.db.read() as session:
            kept = self.publisher.current(session, query, self.now)
            fresh = Publisher(self.settings).current(session, query, self.now)
        assert kept.body.data == fresh.body.data
        found = feedparser.parse(kept.body.data)
        coming = next((link.href for link in found.feed.links if link.rel == "next"), "")
        ids = [entry.id for entry in found.entries]
        return ids, Cursor.parse(coming.partition("before=")[2]) if coming else None


def test_each_event_is_told_once(backend: Backend, tmp_path: Path):
    where = Settings(instance_path=tmp_path, base_url="https://agency.example", feed_size=3)

    @settings(
        max_examples=30 if isinstance(backend, SqliteBackend) else 5,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(ACTS, max_size=30), st.lists(ACTS.filter(lambda a: a[0] == "edit"), max_size=4))
    def holds(first: list[Any], meanwhile: list[Any]) -> None:
        database = backend.fresh()
        db = Database(next(database))
        try:
            office = Office(db, where)
            for act in first:
                office.act(*act)
                office.read()
            told, seen, place = office.events(), [], None
            while True:
                ids, place = office.read(place)
                seen += ids
                if place is None:
                    break
                if meanwhile:
                    office.act(*meanwhile.pop())
            assert seen == told
        finally:
            db.close()
            next(database, None)

    holds()
