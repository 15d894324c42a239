"""A reader's own feed and calendar: what it holds, who may keep it, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import feedparser
import pytest
from flask import Flask
from icalendar import Calendar
from lxml import etree
from sqlalchemy.orm import Session

from feedsvc.app import create_app
from feedsvc.content import clusters
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes, links, private_feeds, queries
from feedsvc.subscriptions.models import Subscriber
from tests.builders import ANA, make_call, make_cluster, make_news
from tests.support.client import Browser
from tests.support.clock import NOW, FixedClock
from tests.support.feeds import ATOM
from tests.support.readers import READER, follow

FEEDS = {
    "feed.atom": "application/atom+xml; charset=utf-8",
    "feed.rss": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json",
    "calendar.ics": "text/calendar; charset=utf-8",
}


@pytest.fixture
def secret(db: Database, settings: Settings) -> str:
    """That of a reader who follows a cluster and a single call, neither of which is all there is."""
    with db.begin() as session:
        make_cluster(session, "CleanTech")
        make_call(session, "Reuse of process heat", clusters=("cleantech",))
        wood = make_call(session, "Wood for houses")
        make_call(session, "Followed by nobody")
        make_news(session, "News of the cluster", clusters=("cleantech",))
        follow(session, settings, filter=Filter(cluster=("cleantech",)))
        reader = follow(session, settings, entry_id=wood.id)
        found = private_feeds.begin(session, reader, "a", settings=settings, now=NOW)
    assert found is not None
    return found


@contextmanager
def the_reader(db: Database) -> Iterator[tuple[Session, Subscriber]]:
    """The reader's row, to be changed."""
    with db.begin() as session:
        reader = queries.by_address(session, READER)
        assert reader is not None
        yield session, reader


def titles(client: Browser, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found = feedparser.parse(answer.data)
    assert not found.bozo
    return [entry.title for entry in found.entries]


@pytest.mark.parametrize("name", FEEDS)
def test_it_comes_in_every_form(client: Browser, secret: str, name: str) -> None:
    answer = client.get(f"/own/{secret}/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == FEEDS[name]
    assert "Reuse of process heat" in answer.text
    assert "Wood for houses" in answer.text
    assert "Followed by nobody" not in answer.text
    assert "News of the cluster" not in answer.text


@pytest.mark.parametrize("name", FEEDS)
def test_it_is_for_one_reader(client: Browser, secret: str, name: str) -> None:
    first = client.get(f"/own/{secret}/{name}")
    for answer in (
        first,
        client.get(f"/own/{secret}/{name}", headers={"If-None-Match": first.headers["ETag"]}),
        client.get("/own/unknown/feed.atom"),
    ):
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        for absent in ("Access-Control-Allow-Origin", "Link", "Set-Cookie"):
            assert absent not in answer.headers
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers.getlist("Vary") == ["Accept-Encoding"]
    assert 'rel="hub"' not in first.text


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_has_not_changed_is_not_sent_again(
    client: Browser, secret: str, clock: FixedClock, coding: str
) -> None:
    clock.advance(minutes=1)
    path, accept = f"/own/{secret}/feed.atom", {"Accept-Encoding": coding}
    first = client.get(path, headers=accept)
    for condition in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = client.get(path, headers={**accept, **condition})
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["Cache-Control"] == "private, no-cache"


def test_head_says_what_get_says(client: Browser, secret: str) -> None:
    path = f"/own/{secret}/feed.rss"
    get, head = client.get(path), client.head(path)
    assert head.data == b""
    assert dict(head.headers) == dict(get.headers)
    assert client.post(path).status_code == 405


def test_what_is_stopped_or_added_shows_at_the_next_poll(
    client: Browser, db: Database, settings: Settings, secret: str, clock: FixedClock
) -> None:
    path = f"/own/{secret}/feed.atom"
    clock.advance(hours=1)
    first = client.get(path).headers
    clock.advance(hours=1)
    with the_reader(db) as (session, reader):
        uid = reader.subscriptions[0].uid
        changes.unsubscribe(session, reader, uid, settings=settings, now=clock())
    clock.advance(hours=1)
    for condition in (
        {"If-None-Match": first["ETag"]},
        {"If-Modified-Since": first["Last-Modified"]},
    ):
        assert client.get(path, headers=condition).status_code == 200
    assert titles(client, path) == ["Wood for houses"]
    with db.begin() as session:
        follow(session, settings, filter=Filter(q="nobody"), now=clock())
    assert titles(client, path) == ["Followed by nobody", "Wood for houses"]


def test_who_follows_nothing_has_an_empty_feed(
    client: Browser, db: Database, settings: Settings, secret: str, clock: FixedClock
) -> None:
    with the_reader(db) as (session, reader):
        changes.unsubscribe(session, reader, settings=settings, now=clock())
    assert titles(client, f"/own/{secret}/feed.rss") == []
    calendar = Calendar.from_ical(client.get(f"/own/{secret}/calendar.ics").data)
    assert calendar.walk("VEVENT") == []


def test_an_editors_change_shows_at_the_next_poll(
    client: Browser, db: Database, settings: Settings, secret: str, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_call(session, "New in the cluster", clusters=("cleantech",))
    path = f"/own/{secret}/feed.atom"
    assert "New in the cluster" in titles(client, path)
    with db.begin() as session:
        cluster = content.clusters(session)[0]
        edit = clusters.ClusterEdit(slug="green", texts={"en": clusters.NameEdit("Green")})
        clusters.edit_cluster(session, cluster.id, edit, actor=ANA, now=clock())
    assert "New in the cluster" in titles(client, path)


def test_one_secret_tells_another_readers_feed_nothing(
    client: Browser, db: Database, settings: Settings, secret: str
) -> None:
    with db.begin() as session:
        other = follow(session, settings, email="b@example.org", filter=Filter(q="nobody"))
        theirs = private_feeds.begin(session, other, "a", settings=settings, now=NOW)
    assert titles(client, f"/own/{theirs}/feed.atom") == ["Followed by nobody"]
    assert len(titles(client, f"/own/{secret}/feed.atom")) == 2


def test_a_long_feed_has_pages_that_are_private_too(
    app: Flask, db: Database, settings: Settings, secret: str, clock: FixedClock
) -> None:
    with db.begin() as session:
        for number in range(3):
            make_call(session, f"Call {number}", clusters=("cleantech",))
    small = create_app(replace(settings, feed_size=2), clock=clock)
    small.test_client_class = Browser
    walker, path, seen = small.test_client(), f"/own/{secret}/feed.atom", []
    while path:
        answer = walker.get(path)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        feed = feedparser.parse(answer.data)
        seen += [entry.title for entry in feed.entries]
        found = [link.href for link in feed.feed.links if link.rel == "next"]
        path = found[0].removeprefix("https://agency.example") if found else ""
    assert len(seen) == len(set(seen)) == 5
    small.extensions["feedsvc"].db.close()


def test_a_filter_chooses_among_what_is_followed(client: Browser, secret: str) -> None:
    assert titles(client, f"/own/{secret}/feed.atom?q=wood") == ["Wood for houses"]
    assert titles(client, f"/own/{secret}/feed.atom?q=nobody") == []
    for query, sentence in (("colour=red", "colour"), ("kind=news", "contradicts")):
        answer = client.get(f"/own/{secret}/feed.atom?{query}")
        assert answer.status_code == 400
        assert sentence in answer.text
        assert answer.mimetype == "text/plain"


def test_the_feed_says_what_it_is_in_its_language(client: Browser, secret: str) -> None:
    for prefix, title in (
        ("", "What I follow"),
        ("/fr", "Mes suivis"),
        ("/de", "Was ich verfolge"),
    ):
        path = f"{prefix}/own/{secret}/feed.atom"
        root = etree.fromstring(client.get(path).data)
        assert root.findtext(f"{{{ATOM}}}title") == f"Innovation Agency – {title}"
        assert root.find(f"{{{ATOM}}}link[@rel='self']").get("href").endswith(path)


def test_its_id_stays_when_the_address_does_not_and_tells_no_secret(
    client: Browser, db: Database, settings: Settings, secret: str, clock: FixedClock
) -> None:
    def ids(token: str) -> set[str]:
        return {feedparser.parse(client.get(f"/own/{token}/feed.atom").data).feed.id}

    before = ids(secret)
    with the_reader(db) as (session, reader):
        new = private_feeds.begin(session, reader, "b", settings=settings, now=clock())
        assert reader.uid not in str(before)
    assert new is not None
    assert ids(new) == before
    assert secret not in str(before)
    public = feedparser.parse(client.get("/calls.atom").data).feed.id
    assert before != {public}


@pytest.mark.parametrize("name", FEEDS)
def test_an_address_that_ended_is_gone_and_an_unknown_one_was_never_there(
    client: Browser, db: Database, settings: Settings, secret: str, clock: FixedClock, name: str
) -> None:
    path = f"/own/{secret}/{name}"
    etag = client.get(path).headers["ETag"]
    with the_reader(db) as (session, reader):
        private_feeds.end(session, reader, settings=settings, now=clock())
    for answer in (client.get(path), client.get(path, headers={"If-None-Match": etag})):
        assert answer.status_code == 410
        assert answer.mimetype == "text/plain"
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/own/{'0' * 32}/{name}").status_code == 404
    assert client.head(f"/own/{secret}/{name}").status_code == 410


def test_who_is_forgotten_leaves_an_address_that_is_gone(
    client: Browser, db: Database, settings: Settings, secret: str, clock: FixedClock
) -> None:
    with the_reader(db) as (session, reader):
        changes.erase(session, reader, settings=settings, now=clock())
    assert client.get(f"/own/{secret}/calendar.ics").status_code == 410


def test_tokens_of_mails_open_no_feed_and_the_feeds_secret_opens_no_page(
    client: Browser, db: Database, settings: Settings, secret: str
) -> None:
    with the_reader(db) as (_, reader):
        manage = links.manage_token(settings, reader.uid)
        ending = links.unsubscribe_token(settings, reader.uid)
    for token in (manage, ending, reader.uid, "%00", "%ff", "a" * 3000):
        answer = client.get(f"/own/{token}/feed.atom")
        assert answer.status_code == 404
        assert answer.text == "There is no feed at this address.\n"
    for page in ("manage", "confirm", "unsubscribe"):
        assert client.get(f"/{page}/{secret}").status_code == 400


def test_other_formats_are_refused_by_name(client: Browser, secret: str) -> None:
    for extension in ("ics", "csv", "xml"):
        answer = client.get(f"/own/{secret}/feed.{extension}")
        assert answer.status_code == 404
        assert "atom, rss, json" in answer.text


def test_it_is_never_answered_before_its_address_was_looked_up(
    app: Flask, client: Browser, db: Database, settings: Settings, secret: str
) -> None:
    path = f"/own/{secret}/feed.atom"
    for _ in range(2):
        client.get(path)
    assert app.extensions["feedsvc.publisher"].ready(path, "") is None


def test_crawlers_find_no_way_to_it(client: Browser, secret: str) -> None:
    for public in ("/sitemap.xml", "/feeds.opml", "/feeds/", "/calls.atom"):
        assert "/own/" not in client.get(public).text


def test_deadlines_are_in_the_calendar_and_leave_it_with_what_is_followed(
    client: Browser, db: Database, settings: Settings, secret: str, clock: FixedClock
) -> None:
    def events() -> set[str]:
        calendar = Calendar.from_ical(client.get(f"/own/{secret}/calendar.ics").data)
        return {str(event["SUMMARY"]) for event in calendar.walk("VEVENT")}

    assert {name.partition(": ")[2] for name in events()} == {
        "Reuse of process heat", "Wood for houses",
    }  # fmt: skip
    with the_reader(db) as (session, reader):
        uid = reader.subscriptions[1].uid
        changes.unsubscribe(session, reader, uid, settings=settings, now=clock())
    assert {name.partition(": ")[2] for name in events()} == {"Reuse of process heat"}
