"""A kept feed is a fresh one: over histories of edits and of passing time, nothing is ever stale.

Each history is written to a database of its own; each time a reader asks, the answer is compared
with one made from the rows alone by a publisher that has never seen anything.
"""

from __future__ import annotations

import contextlib
import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    rule,
    run_state_machine_as_test,
)

from feedsvc.calls import changes as call_changes
from feedsvc.calls import rules as call_rules
from feedsvc.calls import struck
from feedsvc.content import clusters, publication
from feedsvc.content.cursors import Cursor
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.errors import Invalid
from feedsvc.feeds.publish import Published, Publisher
from feedsvc.feeds.query import Query
from feedsvc.news import changes as news_changes
from feedsvc.settings import Settings
from feedsvc.subscriptions.rules import Following
from tests import builders
from tests.support import guards
from tests.support.clock import NOW
from tests.support.databases import Backend, Backends, SqliteBackend
from tests.support.postgres import PostgresUnavailable

ANA = builders.ANA
OWN = Following("a reader", (Filter(cluster=("cleantech",)), Filter(q="wood")), (), NOW)
QUERIES = (
    Query(Filter(), "atom", "en"),
    Query(Filter(kind="news"), "rss", "fr", "/news/"),
    Query(Filter(kind="call"), "json", "en", "/calls/"),
    Query(Filter(kind="call"), "ics", "en", "/calls/"),
    Query(Filter(kind="call"), "csv", "de", "/calls/"),
    Query(Filter(cluster=("cleantech",)), "atom", "en", "/clusters/cleantech"),
    Query(Filter(kind="call", status=("open",)), "atom", "en", "/calls/"),
    Query(Filter(kind="call", status=("closing_soon", "forecast")), "rss", "en", "/calls/"),
    Query(Filter(kind="call", status=("closed",)), "csv", "en", "/calls/"),
    Query(Filter(kind="call", status=("archived", "cancelled")), "json", "fr", "/calls/"),
    Query(Filter(kind="call", closes_within=30), "atom", "en", "/calls/"),
    Query(Filter(published_within=7), "atom", "en", "/search"),
    Query(Filter(kind="call", published_within=30), "ics", "en", "/calls/"),
    Query(Filter(q="heat"), "atom", "en", "/search"),
    Query(Filter(), "atom", "all"),
    Query(Filter(kind="call"), "ics", "all", "/calls/"),
    Query(Filter(), "atom", "en", before=Cursor(NOW, 3)),
    Query(Filter(), "rss", "en", before=Cursor(NOW + timedelta(days=20), 1)),
    Query(Filter(kind="news", published="2026-03"), "atom", "en", "/news/"),
    Query(Filter(published="2026-04"), "json", "en"),
    Query(Filter(kind="call", published="2026"), "rss", "de", "/calls/"),
    Query(Filter(kind="call"), "atom", "en", "/changes/"),
    Query(Filter(kind="call", cluster=("cleantech",)), "rss", "fr", "/changes/"),
    Query(Filter(kind="call", status=("open",)), "ics", "fr", "/calls/"),
    Query(Filter(q="heat"), "ics", "en", "/search", alarms=(timedelta(days=7),)),
    Query(Filter(kind="call"), "atom", "en", "/own/secret/feed", own=OWN),
    Query(Filter(kind="call"), "ics", "en", "/own/secret/calendar", own=OWN),
)
TITLES = st.sampled_from(["Heat", "Wood", "Process heat & <water>", "Été"])
DAYS = st.integers(0, 40)
CLUSTERS = st.sampled_from([(), ("cleantech",), ("healthtech",), ("cleantech", "healthtech")])


class Site(RuleBasedStateMachine):
    """Editors, the clock, and readers who ask for every feed after each step."""

    entries: Any = Bundle("entries")
    backend: Backend
    settings: Settings

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.database = self.backend.fresh()
        self.db = Database(next(self.database))
        self.publisher = Publisher(self.settings)
        self.names = itertools.count(1)
        self.seen: dict[Query, tuple[Published, datetime]] = {}
        with self.db.begin() as session:
            self.cluster_id = builders.make_cluster(session, "CleanTech").id
            builders.make_cluster(session, "HealthTech")

    def teardown(self) -> None:
        for query in QUERIES:
            self.read(query)
        self.db.close()
        next(self.database, None)

    @rule(target=entries, title=TITLES, names=CLUSTERS)
    def write_news(self, title: str, names: tuple[str, ...]) -> tuple[str, int]:
        with self.db.begin() as session:
            item = builders.make_news(session, title, now=self.now, publish_at=None, clusters=names)
            return "news", item.id

    @rule(target=entries, title=TITLES, names=CLUSTERS, opens=DAYS, closes=st.integers(1, 60))
    def write_call(
        self, title: str, names: tuple[str, ...], opens: int, closes: int
    ) -> tuple[str, int]:
        with self.db.begin() as session:
            call = builders.make_call(
                session, title, now=self.now, publish_at=None, clusters=names,
                key_dates=self._dates(opens, closes),
            )  # fmt: skip
            return "call", call.id

    @rule(entry=entries, later=st.one_of(st.just(0), st.integers(0, 20)))
    def publish(self, entry: tuple[str, int], later: int) -> None:
        kind, entry_id = entry
        publish = call_changes.publish_call if kind == "call" else publication.publish
        with self.db.begin() as session:
            publish(session, entry_id, at=self.now + timedelta(days=later), actor=ANA, now=self.now)

    @rule(entry=entries)
    def withdraw(self, entry: tuple[str, int]) -> None:
        kind, entry_id = entry
        withdraw = call_changes.withdraw_call if kind == "call" else publication.unpublish
        with self.db.begin() as session:
            withdraw(session, entry_id, actor=ANA, now=self.now)

    @rule(entry=entries, days=st.integers(0, 20))
    def let_it_leave_by_itself(self, entry: tuple[str, int], days: int) -> None:
        kind, entry_id = entry
        keep = call_changes.keep_call_until if kind == "call" else publication.keep_until
        until = self.now + timedelta(days=days, seconds=30) if days else None
        with contextlib.suppress(Invalid), self.db.begin() as session:
            keep(session, entry_id, until=until, actor=ANA, now=self.now)

    @rule(entry=consumes(entries))
    def delete(self, entry: tuple[str, int]) -> None:
        kind, entry_id = entry
        delete = publication.delete
        if kind == "call":
            self.withdraw(entry)
            self.now += call_rules.TOLD_WITHIN
            delete = call_changes.delete_call
        with self.db.begin() as session:
            delete(session, entry_id, actor=ANA, now=self.now)

    @rule()
    def forget_struck_dates(self) -> None:
        with self.db.begin() as session:
            struck.purge(session, now=self.now)

    @rule(entry=entries, title=TITLES, left=st.integers(0, 2))
    def edit(self, entry: tuple[str, int], title: str, left: int) -> None:
        """Of a call, `left` of its dates are taken away."""
        kind, entry_id = entry
        with self.db.begin() as session:
            if kind == "news":
                edit = builders.news_edit(title, texts=self._texts(title))
                news_changes.edit_news(session, entry_id, edit, actor=ANA, now=self.now)
            else:
                dates = self._dates(len(title), 3 * len(title) + 1)[left:]
                change = builders.call_edit(
                    title, key_dates=dates, award_max=Decimal(len(title)), deadline_model="rolling"
                )
                call_changes.edit_call(session, entry_id, change, actor=ANA, now=self.now)

    @rule(entry=entries)
    def cancel(self, entry: tuple[str, int]) -> None:
        kind, entry_id = entry
        if kind == "call":
            with self.db.begin() as session:
                call_changes.cancel_call(session, entry_id, {}, actor=ANA, now=self.now)

    @rule()
    def rename_the_cluster(self) -> None:
        name = f"CleanTech {next(self.names)}"
        edit = clusters.ClusterEdit(slug="cleantech", texts={"en": clusters.NameEdit(name)})
        with self.db.begin() as session:
            clusters.edit_cluster(session, self.cluster_id, edit, actor=ANA, now=self.now)

    @rule(days=st.one_of(DAYS, st.just(366)))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days, seconds=1)

    @rule()
    def time_passes_to_the_next_change(self) -> None:
        """The instants that matter are met to the second, and just missed."""
        coming = [feed.valid_until for feed, _ in self.seen.values() if feed.valid_until]
        if coming:
            self.now = max(self.now, min(coming) - timedelta(seconds=len(coming) % 2))

    @rule(query=st.sampled_from(QUERIES))
    def read(self, query: Query) -> None:
        """A reader asks: what is kept is what a publisher makes that has kept nothing."""
        with self.db.read() as session:
            kept = self.publisher.current(session, query, self.now)
        with self.db.read() as session:
            made = Publisher(self.settings).current(session, query, self.now)
        assert kept.body.data == made.body.data
        assert kept.tag == made.tag
        assert kept.last_modified == made.last_modified
        self._compare_with_before(query, kept)
        self.seen[query] = (kept, self.now)

    def _compare_with_before(self, query: Query, kept: Published) -> None:
        """Both validators change with the bytes, and Last-Modified never goes back.

        A feed of this very second is not dated yet (`web.conditional`): it may still change.
        """
        before, at = self.seen.get(query, (kept, self.now))
        assert (kept.tag == before.tag) == (kept.body.data == before.body.data)
        assert kept.last_modified >= before.last_modified
        if kept.tag != before.tag and before.last_modified < at:
            assert kept.last_modified > before.last_modified

    def _texts(self, title: str) -> dict[str, TextEdit]:
        return {"en": TextEdit(title=title, body="Heat."), "fr": TextEdit(title=f"{title} (fr)")}

    def _dates(self, opens: int, closes: int) -> tuple[Any, ...]:
        first = self.now.date() + timedelta(days=opens)
        last = first + timedelta(days=closes)
        return (builders.opening(str(first)), builders.deadline(str(last)))


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest, _backends: Backends) -> Backend:
    """Where each history gets a database of its own."""
    try:
        return _backends[request.param]
    except PostgresUnavailable as reason:
        guards.missing(str(reason))


def test_a_kept_feed_is_always_a_fresh_one(backend: Backend, tmp_path: Path):
    histories = 25 if isinstance(backend, SqliteBackend) else 5  # a fresh one costs more

    class Here(Site):
        settings = Settings(instance_path=tmp_path, base_url="https://agency.example", feed_size=4)

    Here.backend = backend
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=histories,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
        ),
    )
