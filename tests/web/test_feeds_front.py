"""The front answers what Flask would answer, or does not answer at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from feedsvc.calls import changes as call_changes
from feedsvc.content import publication
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.feeds.publish import Publisher
from feedsvc.feeds.query import Query
from feedsvc.settings import Settings
from feedsvc.web.front import MOST_ANSWERS, Front
from tests import builders
from tests.builders import BEGINNING
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.statements import recorded


@pytest.fixture(autouse=True)
def _content(db: Database) -> None:
    with db.begin() as session:
        builders.make_call(session)
        builders.make_news(session)


@pytest.fixture
def behind(app: Flask) -> Iterator[list[str]]:
    """The paths that came through the front to Flask."""
    front = app.wsgi_app
    assert isinstance(front, Front)
    inner: Callable[..., Any] = front._app
    seen: list[str] = []

    def spy(environ: dict[str, Any], respond: Any) -> Any:
        seen.append(environ["PATH_INFO"])
        return inner(environ, respond)

    front._app = spy
    yield seen
    front._app = inner


CONDITIONS: list[dict[str, str]] = [
    {},
    {"Accept-Encoding": "gzip"},
    {"If-None-Match": "*"},
    {"If-None-Match": '"old"'},
    {"If-Modified-Since": "Mon, 02 Mar 2026 09:00:00 GMT"},
    {"If-Modified-Since": "rubbish"},
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/feed.atom", "/fr/calls.ics?status=open", "/feeds.opml"])
def test_the_front_answers_what_flask_answers(
    client: Browser, app: Flask, behind: list[str], method: str, path: str
):
    for number, headers in enumerate(CONDITIONS, start=1):
        client.get(path)  # now it is ready
        behind.clear()
        fast = client.open(path, method=method, headers=headers)
        assert behind == []
        unseen = path + ("" if "?" in path else "?") + "&" * number  # the same, never spelled so
        slow = client.open(unseen, method=method, headers=headers)
        assert len(behind) == 1
        assert (fast.status_code, fast.data) == (slow.status_code, slow.data)
        assert sorted(fast.headers) == sorted(slow.headers)


def test_a_ready_feed_costs_one_look_at_the_generation(
    app: Flask, client: Browser, behind: list[str]
):
    client.get("/feed.atom")
    with recorded(app.extensions["feedsvc"].db) as statements:
        client.get("/feed.atom")
    assert statements == []  # the look goes past SQLAlchemy
    assert behind == ["/feed.atom"]


def test_an_edit_of_another_process_is_seen_by_the_very_next_request(
    client: Browser, database_url: str, clock: FixedClock
):
    other = Database(database_url)
    client.get("/news.atom")
    for number in range(5):
        clock.advance(seconds=1)
        with other.begin() as session:
            builders.make_news(session, f"News {number}", now=clock(), publish_at=clock())
        assert f"News {number}" in client.get("/news.atom").text
    other.close()


def test_an_edit_of_the_same_second_is_seen(client: Browser, db: Database, clock: FixedClock):
    for number in range(3):
        assert client.get("/news.atom").data == client.get("/news.atom").data
        with db.begin() as session:
            builders.make_news(session, f"News {number}", now=clock(), publish_at=clock())
        assert f"News {number}" in client.get("/news.atom").text


def test_the_answers_of_a_second_are_few_and_go_with_it(
    app: Flask, client: Browser, clock: FixedClock
):
    front = app.wsgi_app
    assert isinstance(front, Front)
    client.get("/news.atom")
    for number in range(MOST_ANSWERS + 5):
        answer = client.get("/news.atom", headers={"If-None-Match": f'"{number}"'})
        assert answer.status_code == 200
    assert len(front._moment.answers) == MOST_ANSWERS
    clock.advance(seconds=1)
    assert client.get("/news.atom").headers["Date"].endswith("09:00:01 GMT")
    assert len(front._moment.answers) == 1


def test_a_write_that_is_no_edit_keeps_feeds_ready(
    client: Browser, db: Database, behind: list[str]
):
    client.get("/news.atom")
    with db.begin() as session:
        builders.make_news(session, "Only a draft", publish_at=None)
    behind.clear()
    client.get("/news.atom")
    assert behind == []


def test_an_edit_that_is_not_committed_is_not_seen(client: Browser, db: Database):
    tag = client.get("/news.atom").headers["ETag"]
    with db.begin() as session:
        builders.make_news(session, "Never")
        session.rollback()
    assert client.get("/news.atom", headers={"If-None-Match": tag}).status_code == 304


def test_time_sends_a_request_on_to_flask(
    client: Browser, db: Database, clock: FixedClock, behind: list[str]
):
    with db.begin() as session:
        builders.make_news(session, "Later", publish_at=clock() + timedelta(hours=1))
    client.get("/news.atom")
    behind.clear()
    clock.advance(minutes=59)
    client.get("/news.atom")
    assert behind == []
    clock.advance(minutes=1)
    assert "Later" in client.get("/news.atom").text
    assert behind == ["/news.atom"]


def test_a_clock_that_goes_back_is_not_believed(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        builders.make_news(session, "Later", publish_at=clock() + timedelta(hours=1))
    clock.advance(hours=2)
    assert "Later" in client.get("/news.atom").text
    clock.advance(hours=-2)
    assert "Later" not in client.get("/news.atom").text


def test_without_the_database_the_front_stands_aside(
    app: Flask, client: Browser, behind: list[str], caplog: pytest.LogCaptureFixture
):
    client.get("/news.atom")
    behind.clear()
    front = app.wsgi_app
    assert isinstance(front, Front)

    def broken() -> None:
        raise OSError("no database")

    front._generation = broken  # type: ignore[assignment]
    assert client.get("/news.atom").status_code == 200
    assert behind == ["/news.atom"]


def test_other_methods_and_other_spellings_go_on_to_flask(client: Browser, behind: list[str]):
    client.get("/news.atom")
    behind.clear()
    client.post("/news.atom")
    client.get("/news.atom?")
    client.get("/news.atom?q=")
    assert len(behind) == 2  # `?` alone is the same address


def test_withdrawing_the_only_entry_empties_the_feed(
    client: Browser, db: Database, clock: FixedClock
):
    with db.begin() as session:
        item = builders.make_news(session, "Only here", now=clock())
    assert "Only here" in client.get("/news.json").text
    with db.begin() as session:
        publication.unpublish(session, item.id, actor=builders.ANA, now=clock())
    assert "Only here" not in client.get("/news.json").text


def test_many_threads_get_the_same_feed_made_once(app: Flask):

    def ask(_: int) -> bytes:
        return Client(app).get("/feed.atom", base_url="https://agency.example").data

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(32)))) == 1


def test_a_feed_after_an_edit_costs_a_handful_of_queries(db: Database, settings: Settings):
    publisher, query = Publisher(settings), Query(Filter(), "atom", "en")
    with db.begin() as session:
        calls = [builders.make_call(session, f"Call {n}").id for n in range(20)]
    with db.read() as session:
        publisher.current(session, query, BEGINNING)
    with db.begin() as session:
        edit = builders.call_edit("Edited")
        call_changes.edit_call(session, calls[3], edit, actor=builders.ANA, now=BEGINNING)
    with recorded(db) as statements, db.read() as session:
        assert b"Edited" in publisher.current(session, query, BEGINNING).body.data
    asked = [sql for sql in statements if sql.startswith("SELECT")]
    assert len(asked) <= 16, "\n".join(asked)
