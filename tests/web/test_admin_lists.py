"""The lists of the desk as pages: conditions in the address, chips, order, pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import update

from feedsvc.auth.rules import AUTHOR, EDITOR, SYSTEM
from feedsvc.content import publication, rules
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.web.admin.listing import found
from tests.builders import make_call, make_cluster, make_news, put_entries
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock


def names(text: str) -> list[str]:
    """The titles of the rows."""
    return [a.text_content() for a in html.fromstring(text).xpath("//td[@class='name']/a")]


def link(text: str, words: str) -> str:
    """Where the first link with these words leads."""
    found = html.fromstring(text).xpath("//main//a[normalize-space()=$words]", words=words)
    return str(found[0].get("href"))


def test_a_list_is_narrowed_put_in_order_and_widened_again(
    db: Database, editor_client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_news(session, "Public heat", clusters=("wood",))
        for title in ("Draft heat 10", "Draft heat 9", "Draft wood"):
            make_news(session, title, publish_at=None, clusters=("wood",))
        make_news(session, "Other heat", publish_at=None)
    text = editor_client.get("/admin/news/?state=draft&q=HEAT&cluster=wood&sort=title").text
    assert names(text) == ["Draft heat 9", "Draft heat 10"]
    assert html.fromstring(text).xpath("//th[@aria-sort]/@aria-sort") == ["ascending"]
    turned = editor_client.get(link(text, "Title")).text
    assert names(turned) == ["Draft heat 10", "Draft heat 9"]
    wider = editor_client.get(link(text, "Remove: Cluster: Wood ×")).text
    assert names(wider) == ["Draft heat 9", "Draft heat 10", "Other heat"]
    assert names(editor_client.get(link(wider, "All 4")).text) == [
        "Draft heat 9", "Draft heat 10", "Other heat", "Public heat",
    ]  # fmt: skip


def numbers(browser: Browser, query: str = "") -> str:
    """What each state is called, and how many are in it."""
    page = html.fromstring(browser.get(f"/admin/news/{query}").text)
    return " ".join(a.text_content() for a in page.xpath("//nav[@aria-label='State']/a"))


@pytest.mark.parametrize("query", ["", "?cluster=wood", "?cluster=wood&sort=title"])
def test_the_numbers_over_a_list_follow_what_is_written_and_the_time(
    db: Database, editor_client: Browser, clock: FixedClock, query: str
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        soon = clock() + timedelta(seconds=30)
        make_news(session, "To come", publish_at=soon, clusters=("wood",))
    assert numbers(editor_client, query) == "All 1 Scheduled 1"
    with db.begin() as session:
        make_news(session, "Draft", publish_at=None, clusters=("wood",))
    assert numbers(editor_client, query) == "All 2 Draft 1 Scheduled 1"
    clock.advance(seconds=30)
    assert numbers(editor_client, query) == "All 2 Draft 1 Published 1"
    with db.begin() as session:
        make_news(session, "At once", clusters=("wood",))
    assert numbers(editor_client, query) == "All 3 Draft 1 Published 2"
    with db.begin() as session:
        publication.unpublish(session, 1, actor=SYSTEM, now=clock())
    assert numbers(editor_client, query) == "All 3 Draft 1 Published 1 Withdrawn 1"


def test_numbers_are_counted_anew_after_a_minute(
    db: Database, editor_client: Browser, clock: FixedClock
) -> None:
    """A line of the history that PostgreSQL shows late does not make them wrong for long."""
    with db.begin() as session:
        make_news(session, "One")
    assert numbers(editor_client) == "All 1 Published 1"
    with db.begin() as session:
        session.execute(update(Entry).values(withdrawn_at=clock()))
    clock.advance(seconds=59)
    assert numbers(editor_client) == "All 1 Published 1"
    clock.advance(seconds=1)
    assert numbers(editor_client) == "All 1 Withdrawn 1"


def test_the_numbers_are_those_of_whoever_looks(
    app: Flask, db: Database, editor_client: Browser, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_news(session, "Published by another")
    assert numbers(editor_client) == "All 1 Published 1"
    theirs = team.browser(app, db, team.join(db, "Ben", AUTHOR, now=clock()), now=clock())
    assert numbers(theirs) == "All 0"
    assert numbers(editor_client) == "All 1 Published 1"


def test_what_is_mine_is_not_what_is_anothers(
    app: Flask, db: Database, editor_client: Browser, clock: FixedClock
) -> None:
    ben = team.join(db, "Ben", EDITOR, now=clock())
    with db.begin() as session:
        make_news(session, "Written by Ben").created_by = ben.id
    assert names(editor_client.get("/admin/news/?author=me").text) == []
    theirs = team.browser(app, db, ben, now=clock())
    assert names(theirs.get("/admin/news/?author=me").text) == ["Written by Ben"]
    assert names(editor_client.get("/admin/news/?author=me").text) == []


def test_of_more_than_a_thousand_the_states_have_no_numbers(
    db: Database, editor_client: Browser
) -> None:
    """Not even where those in the state that is asked for are few."""
    with db.begin() as session:
        waiting = make_news(session, "Waits", publish_at=None)
        waiting.review = rules.ASKED
        put_entries(session, [{"languages": " en "}] * 1000)
    text = editor_client.get("/admin/news/?missing=fr&state=review").text
    assert names(text) == ["Waits"]
    page = html.fromstring(text)
    states = [a.text_content() for a in page.xpath("//nav[@aria-label='State']/a")]
    assert " ".join(states) == "All Draft In review Refused Scheduled Published Withdrawn"
    assert "1 entry" in text


def test_of_more_than_are_counted_the_page_is_never_an_older_one(
    db: Database, editor_client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(found.counts.__kwdefaults__, "most", 1)
    with db.begin() as session:
        for title in ("One", "Two"):
            make_news(session, title)
    first = editor_client.get("/admin/news/?missing=fr").text
    assert "more than 1 entries" in first
    assert names(first) == ["Two", "One"]
    with db.begin() as session:
        make_news(session, "Three")
    assert names(editor_client.get("/admin/news/?missing=fr").text) == ["Three", "Two", "One"]


def test_a_long_list_has_pages(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        for number in range(51):
            make_news(session, f"Item {number:02}", publish_at=None)
    first = editor_client.get("/admin/news/").text
    assert len(names(first)) == 50
    second = editor_client.get(link(first, "Next page")).text
    assert names(second) == ["Item 00"]
    assert names(editor_client.get(link(second, "First page")).text) == names(first)


def test_a_wrong_part_of_an_address_is_named(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
    for query, words in {
        "state=lost": "“lost” is no value of the filter “state”",
        "cluster=none": "There is no cluster “none” to filter by",
        "closes_within=soon": "“closes_within” takes a number of days",
        "page=2": "There is no filter called “page”",
        "after=x": "The address of this page is not complete",
    }.items():
        answer = editor_client.get(f"/admin/calls/?{query}")
        assert answer.status_code == 400
        assert words in answer.text
