"""The audit log as administrators read it: filtered, page after page, and as a harmless table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from feedsvc.auth import audit
from feedsvc.auth.rules import ADMINISTRATOR, Actor
from feedsvc.db import Database
from tests.builders import make_news
from tests.support import team
from tests.support.client import Browser


@pytest.fixture
def boss(db: Database, now: datetime) -> Actor:
    return team.join(db, "Boss", ADMINISTRATOR, now=now)


@pytest.fixture
def reading(app: Flask, db: Database, boss: Actor, now: datetime) -> Browser:
    return team.browser(app, db, boss, now=now)


def fill(db: Database, who: Actor, number: int, at: datetime, subject: str = "cluster") -> None:
    with db.begin() as session:
        for place in range(number):
            changes = {"name": (None, f"act {place:03}")}
            audit.record(session, subject, 1000 + place, "edited", changes, actor=who, now=at)


def test_the_log_says_who_did_what_and_from_where(
    db: Database, reading: Browser, client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        make_news(session, "Waste heat")
    client.submit("/admin/sign-in", {"email": "boss@agency.example", "password": team.PASSWORD})
    page = reading.get("/admin/log/").text
    assert "signed in" in page
    assert "127.0.0.1" in page
    assert "Waste heat" in page


def test_pages_follow_one_another_without_gap_or_repetition(
    db: Database, reading: Browser, now: datetime
) -> None:
    fill(db, Actor(None, "feedsvc"), 120, now)
    seen: list[str] = []
    address = "/admin/log/?kind=cluster"
    while address:
        page = reading.get(address).text
        seen += [line.partition("<")[0] for line in page.split("<ins>")[1:]]
        older = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        address = older.replace("&amp;", "&") if 'rel="next"' in page else ""
        fill(db, Actor(None, "feedsvc"), 1, now)  # what comes meanwhile moves nothing
    assert seen == [f"act {place:03}" for place in reversed(range(120))]


def test_the_log_is_filtered_by_person_kind_and_day(
    db: Database, reading: Browser, boss: Actor, now: datetime
) -> None:
    fill(db, boss, 1, now, "programme")
    fill(db, Actor(None, "importer"), 1, now - timedelta(days=3), "cluster")
    # Midnight in Luxembourg: the second of March begins at 23:00 UTC of the first.
    fill(db, Actor(None, "nightly"), 1, datetime(2026, 3, 1, 23, tzinfo=UTC), "organisation")

    def lines(query: str) -> list[str]:
        table = reading.get(f"/admin/log.csv?{query}").text.splitlines()[1:]
        return [line.split(",")[1] for line in table if ",account," not in line]

    assert lines(f"who={boss.id}") == ["Boss"]
    assert lines("who=processes") == ["nightly", "importer"]
    assert lines("kind=cluster") == ["importer"]
    assert lines("from=2026-03-02&to=2026-03-02") == ["nightly", "Boss"]
    assert lines("to=2026-03-01") == ["importer"]
    assert lines("who=x&kind=%3B&from=yesterday&to=9999-12-31") == ["nightly", "importer", "Boss"]
    assert "Nothing matches." in reading.get("/admin/log/?to=2001-01-01").text


def test_the_table_can_do_nothing_in_a_spreadsheet(
    db: Database, reading: Browser, now: datetime
) -> None:
    fill(db, Actor(None, "=HYPERLINK(1)"), 1, now)
    answer = reading.get("/admin/log.csv?who=processes&kind=cluster")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert ",'=HYPERLINK(1)," in answer.text
