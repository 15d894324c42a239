"""What the event loop answers is what the front answers, never older than its request."""

from __future__ import annotations

import asyncio
import threading

import pytest
from flask import Flask

from feedsvc.db import Database
from feedsvc.serving.answers import Lines, Wire, wire
from feedsvc.web.counting import Counted
from feedsvc.web.front import Front, Moment
from feedsvc.web.ready import Ready
from tests import builders
from tests.support.client import Browser
from tests.support.clock import FixedClock

PATH, PAGE = "/news.atom", "/calls/?status=open"
SENT = b"as it was sent"


@pytest.fixture
def front(app: Flask, db: Database, client: Browser) -> Front:
    """With a feed and a page that are ready."""
    with db.begin() as session:
        builders.make_news(session)
    client.get(PATH)
    client.get(PAGE)
    assert isinstance(app.wsgi_app, Front)
    return app.wsgi_app


@pytest.fixture
def ready(front: Front) -> Ready:
    return Ready(front)


def lines(**headers: str) -> Lines:
    return {name.replace("_", "-").encode(): text.encode() for name, text in headers.items()}


def asked(ready: Ready, target: str = PATH, method: str = "GET", **headers: str) -> Wire | None:
    """At once if that can be, else as soon as the database has said what it knows."""
    request = method.encode(), target.encode(), lines(**headers)
    at_once = ready.answer(*request)
    if at_once is not None:
        return at_once
    found = asyncio.run(ready.soon(*request))
    return None if found is None else wire(found)


def test_the_loop_says_what_the_front_says(ready: Ready, client: Browser):
    for headers in ({}, {"If-None-Match": "*"}, {"Accept-Encoding": "br"}):
        for method in ("GET", "HEAD"):
            for path in (PATH, PAGE):
                expected = client.open(path, method=method, headers=headers)
                names = {name.replace("-", "_").lower(): text for name, text in headers.items()}
                found = asked(ready, path, method, **names)
                assert found is not None
                first, *rest = found.head.decode().split("\r\n")
                assert first.upper() == f"HTTP/1.1 {expected.status}".upper()
                assert sorted(rest[:-2]) == sorted(f"{n}: {v}" for n, v in expected.headers)
                assert found.body == expected.data


def test_what_is_not_ready_is_for_the_app(ready: Ready):
    assert asked(ready, "/calls.atom") is None  # nobody asked for it yet
    assert asked(ready, "/news") is None
    assert asked(ready, method="POST") is None
    assert asked(ready, sec_fetch_dest="document") is None
    assert asked(ready, "/news%2Eatom") is None
    assert asked(ready, "https://agency.example" + PATH) is None


def test_polls_are_counted_whichever_way_they_are_answered(app: Flask, ready: Ready):
    counted: Counted = app.extensions["feedsvc"].counted
    counted.polls.take()
    agent = "Liferea/1.15 " + "x" * 300
    for _ in range(3):
        asked(ready, user_agent=agent)
        asked(ready, PAGE, user_agent=agent)  # a page is no poll
    ways = 3 + known(ready, user_agent=agent)
    found = counted.polls.take()
    assert found[PATH, agent[:200]] >= ways
    assert len(found) == 1


def known(ready: Ready, **headers: str) -> bool:
    """Whether bytes are known once they were asked; the database is asked once a second at least."""
    for _ in range(20):
        asked(ready, **headers)
        if ready.answer(b"GET", PATH.encode(), lines(**headers)) is not None:
            ready.remember(SENT)
            return ready.same(SENT) is not None
    return False


def test_bytes_that_are_known_get_the_answer_of_now(ready: Ready, db: Database, clock: FixedClock):
    assert known(ready) == db.is_sqlite  # PostgreSQL says nothing without being asked
    ready.remember(b"a" * 10_000)  # too long
    assert ready.same(b"a" * 10_000) is None
    assert ready.same(b"else") is None
    clock.advance(seconds=1)
    assert ready.same(SENT) is None


def test_bytes_are_not_known_after_an_edit(ready: Ready, db: Database, clock: FixedClock):
    known(ready)
    with db.begin() as session:
        builders.make_news(session, "New", now=clock(), publish_at=clock())
    assert ready.same(SENT) is None
    assert asked(ready) is None  # Flask makes it anew


def test_an_answer_is_never_older_than_its_request(front: Front, clock: FixedClock):
    """Who asks while the database is being asked waits until it is asked again."""
    inner, begun, let, asks = front.present, threading.Event(), threading.Event(), [0]

    def present() -> Moment | None:
        found = inner()
        asks[0] += 1
        begun.set()
        assert let.wait(20)
        return found

    front.present = present  # type: ignore[method-assign]
    ready = Ready(front)

    async def ask() -> list[bytes]:
        request = b"GET", PATH.encode(), lines()
        first = asyncio.ensure_future(ready.soon(*request))
        await asyncio.to_thread(begun.wait, 20)
        clock.advance(seconds=1)
        later = [asyncio.ensure_future(ready.soon(*request)) for _ in range(5)]
        await asyncio.sleep(0)
        let.set()
        return [wire(found).head for found in await asyncio.gather(first, *later) if found]

    seconds = [head.partition(b"09:00:0")[2][:1] for head in asyncio.run(ask())]
    assert asks == [2]  # once for the first, once for all the others
    assert seconds == [b"0", *[b"1"] * 5]


def test_without_the_database_the_app_answers(front: Front):
    front.known = front.present = lambda: None  # type: ignore[method-assign]
    assert asked(Ready(front)) is None
