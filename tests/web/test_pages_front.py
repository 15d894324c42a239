"""The front answers for pages what Flask would answer, and only while they tell the truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from feedsvc.db import Database
from feedsvc.web.front import Front
from tests import builders
from tests.support.client import Browser
from tests.support.clock import FixedClock

PAGES = ("/fr/calls/?status=open", "/news/waste-heat", "/", "/embed/calls")
ASKED: tuple[dict[str, str], ...] = (
    {},
    {"Accept-Encoding": "gzip, br", "Sec-Fetch-Dest": "document"},
    {"Accept-Encoding": "gzip;q=0"},
    {"Accept-Language": "fr"},
    {"If-None-Match": "*"},
    {"If-None-Match": '"old", W/"older"'},
)


@pytest.fixture(autouse=True)
def _content(db: Database) -> None:
    with db.begin() as session:
        builders.make_call(session)
        builders.make_news(session, "Waste heat")


class Counted:
    """Flask, and how often it was asked."""

    def __init__(self, app: Flask) -> None:
        front = app.wsgi_app
        assert isinstance(front, Front)
        self.front, self.flask, self.asked = front, front._app, 0
        front._app = self

    def __call__(self, environ: dict[str, Any], respond: Any) -> Any:
        self.asked += 1
        return self.flask(environ, respond)


@pytest.fixture
def counted(app: Flask) -> Counted:
    return Counted(app)


def test_the_front_answers_for_pages_what_flask_answers(client: Browser, counted: Counted):
    alone = Client(counted.flask)
    by_front = []
    for page in PAGES:
        tag = client.get(page).headers["ETag"]
        counted.asked = 0
        for method in ("GET", "HEAD"):
            for headers in (*ASKED, {"If-None-Match": tag}):
                fast = client.open(page, method=method, headers=headers)
                slow = alone.open(page, method=method, headers=headers)
                assert fast.data == slow.data, (page, headers)
                assert fast.status_code == slow.status_code, (page, headers)
                assert sorted(fast.headers) == sorted(slow.headers), (page, headers)
        by_front += [page] if not counted.asked else []
    assert by_front == list(PAGES[:2])  # the others have headers of their own


def test_a_page_of_the_front_ends_with_its_generation_and_with_its_time(
    db: Database, client: Browser, counted: Counted, clock: FixedClock
):
    with db.begin() as session:
        builders.make_news(session, "At noon", publish_at=clock() + timedelta(seconds=10))
    assert "At noon" not in client.get("/news/").text
    clock.advance(seconds=9)
    assert "s-maxage=1," in client.get("/news/").headers["Cache-Control"]
    assert counted.asked == 1
    clock.advance(seconds=1)
    assert "At noon" in client.get("/news/").text
    with db.begin() as session:
        builders.make_news(session, "At once", now=clock(), publish_at=clock())
    assert "At once" in client.get("/news/").text
    assert counted.asked == 3


@pytest.mark.parametrize("address", ["/calls/%3Fq=a", "/calls/?q=%C3%A9", "/calls%2F?q=a"])
def test_another_address_that_is_spelled_alike_is_not_answered(
    client: Browser, counted: Counted, address: str
):
    for kept in ("/calls/?q=a?", "/calls/?q=a", "/calls/?q=%E9"):
        client.get(kept)
    fast, slow = client.get(address), Client(counted.flask).get(address)
    assert (fast.status_code, fast.data) == (slow.status_code, slow.data)
