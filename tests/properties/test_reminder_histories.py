"""No reminder is lost, doubled or wrong: over histories of moved deadlines, withdrawn calls, readers
who come and go, relays that are away and schedulers that stand still.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedsvc.calls import changes as calls
from feedsvc.content import publication
from feedsvc.db import Database
from feedsvc.mail.rules import Outcome
from feedsvc.reminders import ledger
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes as subscriptions
from feedsvc.subscriptions import queries
from tests.builders import ANA, BEGINNING, call_edit, deadline, make_call
from tests.support.databases import SqliteBackend
from tests.support.readers import READER, Service, follow

LUXEMBOURG = ZoneInfo("Europe/Luxembourg")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 15)),
    st.tuples(st.just("stand still"), st.integers(1, 200)),
    st.tuples(st.just("move"), st.integers(1, 20)),
    st.tuples(st.sampled_from(["plan", "withdraw", "publish", "leave", "return"]), st.just(0)),
    st.tuples(st.just("relay"), st.integers(0, 2)),
)


@dataclass(frozen=True)
class Told:
    """A reminder, and when it was handed over, what the deadline then was, who then followed."""

    subject: str
    message_id: str
    at: datetime
    closes: str
    following: bool


class History:
    """One call, one reader, and what both were like whenever a reminder was handed over."""

    def __init__(self, url: str, settings: Settings) -> None:
        self.db = Database(url)
        self.settings = settings
        self.service = Service(self.db, settings)
        self.service.transport.answer = self.take
        self.relay = "accepted"
        self.now = BEGINNING
        self.public = self.following = True
        self.following_since = BEGINNING
        self.taken: list[tuple[datetime, str, bool]] = []
        with self.db.begin() as session:
            self.call_id = make_call(session, key_dates=(deadline("2026-03-20"),)).id
            follow(session, settings, offsets=(14, 7, 1))
        self.closes = datetime(2026, 3, 20, 17, 0, tzinfo=LUXEMBOURG)

    def take(self, _address: str) -> Outcome:
        if self.relay == "accepted":
            self.taken.append((self.now, f"{self.closes:%-d %B %Y}", self.following))
        return Outcome(self.relay, "as the history says")

    def step(self, name: str, number: int) -> None:
        if name == "wait":
            for _ in range(number):
                self.turn()
        elif name == "stand still":
            self.now += number * HOUR
            self.turn()
        elif name == "plan":
            self.service.plan(self.now)
        elif name == "move":
            self.move((self.now + number * DAY).astimezone(LUXEMBOURG).replace(hour=17, minute=0))
        elif name == "relay":
            self.relay = ("accepted", "deferred", "refused")[number]
        else:
            self.change(name)

    def turn(self) -> None:
        """Half a day passes, and all jobs run."""
        self.now += DAY / 2
        self.service.turn(self.now)

    def move(self, closes: datetime) -> None:
        self.closes = closes
        edit = call_edit(key_dates=(deadline(closes.date().isoformat()),))
        with self.db.begin() as session:
            calls.edit_call(session, self.call_id, edit, actor=ANA, now=self.now)

    def change(self, name: str) -> None:
        with self.db.begin() as session:
            if name == "withdraw":
                publication.unpublish(session, self.call_id, actor=ANA, now=self.now)
                self.public = False
            elif name == "publish":
                publication.publish(session, self.call_id, at=self.now, actor=ANA, now=self.now)
                self.public = True
            elif name == "leave":
                reader = queries.by_address(session, READER)
                assert reader is not None
                subscriptions.unsubscribe(session, reader, settings=self.settings, now=self.now)
                self.following = False
            elif not self.following:
                follow(session, self.settings, offsets=(14, 7, 1), now=self.now)
                self.following, self.following_since = True, self.now

    def told(self) -> list[Told]:
        """The reminders that were taken, with how things were at that moment."""
        heads = [dict(letter.headers) for letter in self.service.letters]
        return [
            Told(head["Subject"], head["Message-ID"], *facts)
            for head, facts in zip(heads, self.taken, strict=True)
            if head["Feedback-ID"].startswith("reminder")
        ]

    def finish(self) -> None:
        """Everything works again, and time goes on until the deadline is long past."""
        self.relay = "accepted"
        while self.now < self.closes + DAY:
            self.turn()


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> SqliteBackend:
    return SqliteBackend(tmp_path_factory.mktemp("histories"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        instance_path=tmp_path, base_url="https://agency.example", secret_key="known to every test"
    )


@hypothesis_settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=8))
def test_nobody_is_told_wrongly_twice_or_too_late_and_the_last_call_is_heard(
    backend: SqliteBackend, settings: Settings, steps: list[tuple[str, int]]
) -> None:
    fresh: Iterator[str] = backend.fresh()
    history = History(next(fresh), settings)
    for name, number in steps:
        history.step(name, number)
    hears = (
        history.public
        and history.following
        and history.closes - max(history.now, history.following_since) > 3 * DAY
    )
    before = len(history.told())
    history.finish()
    told = history.told()
    assert_right(told)
    assert_accounted_for(history.db)
    history.db.close()
    if hears:
        last = f"{history.closes:%-d %B %Y}"
        assert any(one.closes == last for one in told[before:]), "the last deadline was not told"


def assert_right(told: list[Told]) -> None:
    assert len({one.message_id for one in told}) == len(told), "no mail comes twice"
    for one in told:
        assert one.closes in one.subject, "a wrong date"
        assert one.following, "a reader who left"


def assert_accounted_for(db: Database) -> None:
    with db.read() as session:
        fates = ledger.fates(session)
    assert {fate.word for fate in fates} <= set(ledger.FINAL)
    assert all(fate.reason for fate in fates)
