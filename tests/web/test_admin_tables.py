"""Lists of the desk as files: the same entries in the same order, and nothing that calculates."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from flask import Flask

from feedsvc.auth.rules import AUTHOR
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from tests.builders import make_call, make_cluster, make_news
from tests.support import team, workbooks
from tests.support.client import Browser
from tests.support.clock import NOW


@pytest.fixture
def filled(db: Database) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_call(
            session, clusters=("wood",), currency="CHF", award_max=Decimal("200000.50"),
            texts={"en": TextEdit(title="=HYPERLINK(1)"), "fr": TextEdit(title="Chaleur")},
        )  # fmt: skip
        make_call(session, "Wood again", clusters=("wood",), publish_at=None, key_dates=())
        make_call(session, "Elsewhere")


@pytest.mark.usefixtures("filled")
def test_a_list_is_taken_away_as_it_is_narrowed_and_ordered(editor_client: Browser) -> None:
    asked = "?cluster=wood&sort=-title"
    answer = editor_client.get(f"/admin/calls/table.csv{asked}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=calls.csv"
    again, heat = csv.DictReader(answer.text.splitlines())
    assert (again["title"], again["state"], again["next_deadline"]) == ("Wood again", "draft", "")
    assert heat["title"] == "'=HYPERLINK(1)"
    assert (heat["currency"], heat["award_max"]) == ("CHF", "200000.50")
    assert (heat["next_deadline"], heat["deadline_timezone"]) == (
        "2026-04-30 17:00", "Europe/Luxembourg",
    )  # fmt: skip
    assert (heat["clusters"], heat["languages"], heat["published"], heat["timezone"]) == (
        "wood", "EN, FR", "2026-03-02 10:00", "Europe/Luxembourg",
    )  # fmt: skip
    book = editor_client.get(f"/admin/calls/table.xlsx{asked}").data
    head, *rows = workbooks.rows(book)
    names = {text: column for column, (_, text) in head.items()}
    assert [row[names["title"]][1] for row in rows] == ["Wood again", "=HYPERLINK(1)"]
    assert rows[1][names["award_max"]] == ("n", "200000.50")
    assert rows[1][names["next_deadline"]][0] == "n"
    assert not workbooks.calculates(book)


@pytest.mark.parametrize("path", ["table.csv", "table.xlsx"])
def test_a_wrong_condition_is_named_before_anything_is_sent(
    editor_client: Browser, path: str
) -> None:
    for asked, named in (("state=bogus", "bogus"), ("funder=nobody", "nobody"), ("x=1", "x")):
        answer = editor_client.get(f"/admin/calls/{path}?{asked}")
        assert (answer.status_code, f"“{named}”" in answer.text) == (400, True)


def test_an_author_takes_away_what_they_see(app: Flask, db: Database) -> None:
    ben = team.join(db, "Ben", AUTHOR, now=NOW)
    with db.begin() as session:
        make_news(session, "Of Ben", publish_at=None).created_by = ben.id
        make_news(session, "Of Ana")
    text = team.browser(app, db, ben, now=NOW).get("/admin/news/table.csv").text
    assert [row["title"] for row in csv.DictReader(text.splitlines())] == ["Of Ben"]
