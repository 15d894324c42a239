"""Whatever stands behind the question mark: a right answer, or a page that says what is wrong."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.errors import TooSlow
from tests.builders import make_call, make_news
from tests.support.client import Browser

OTHERS = ("/search", "/fr/news/", "/search.atom", "/calls.csv")
FOUND = {  # what is asked, and whether it finds "Reuse of process heat"
    "heat": True, "HEAT": True, "hea": True, "heat*": True, '"process heat"': True,
    '"process heat': True, "process-heat": True, "ｈｅａｔ": True, "he\u00adat": True,
    "heat\u200b": True, "“heat”": True, "heat 'reuse": True, "heat; DROP TABLE entry": False,
    "heat OR nothing": False, "NOT heat": False, "NEAR(heat reuse)": False, "title:heat": False,
    "-heat": True, "^heat": True, "heat & reuse": True, "heat | reuse": True, "!heat": True,
    "heat:*": True, "heat <-> reuse": True, "'heat'": True, "heat\\": True, "(heat": True,
    '"heat process"': False, "%": False, "_": False, "*": False, '"': False, '""""': False,
    "שלום heat": False, "\u202etaeh\u202c": False, "\u202eheat\u202c": True, "🔥": False,
    "a" * 200: False, "heat " * 40: True, '"heat" ' * 28: True, "東京": False, "{}[]$^~`": False,
}  # fmt: skip
REFUSED = {
    "q=" + "x" * 10_000: "200",
    "q=" + quote("é" * 201): "200",
    "q=%00": "“q”",
    "q=%01%02": "“q”",
    "q=heat&q=cold": "“q”",
    "Q=heat": "“Q”",
    "heat": "“heat”",
    "cofinancing_from=much": "“much”",
    "cofinancing_from=%E2%85%A7": "“cofinancing_from”",
    "published_within=0": "“published_within”",
    "published_within=7&published_within=30": "“published_within”",
    "geography=Lux": "“Lux”",
    "&".join(f"geography={a}{b}" for a in "LM" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"): "30",
    "award_max_from=1e99": "“1e99”",
}


@pytest.fixture
def site(db: Database, client: Browser) -> Browser:
    with db.begin() as session:
        make_call(session, "Reuse of process heat")
        make_news(session, "Process heat: reuse it")
    return client


def test_every_question_is_answered_rightly(site: Browser) -> None:
    wrong = {}
    for q, finds in FOUND.items():
        answer = site.get(f"/calls/?q={quote(q)}")
        found = "/calls/reuse-of-process-heat" in answer.text
        if (answer.status_code, found) != (200, finds):
            wrong[q] = (answer.status_code, found)
    assert wrong == {}


def test_no_question_breaks_a_list_or_a_feed(site: Browser) -> None:
    statuses = {
        (page, q): site.get(f"{page}?q={quote(q)}").status_code
        for page in OTHERS
        for q in list(FOUND)[3::6]
    }
    assert set(statuses.values()) == {200}, statuses


@pytest.mark.parametrize("query", REFUSED)
def test_what_has_no_meaning_is_named_on_the_page(site: Browser, query: str) -> None:
    for page in ("/calls/", "/calls.atom"):
        answer = site.get(f"{page}?{query}")
        assert answer.status_code == 400, page
        assert REFUSED[query] in answer.text, page


def test_a_statement_that_takes_too_long_is_stopped(db: Database) -> None:
    with pytest.raises(TooSlow), db.read(limit=0.05) as session:
        session.execute(_endless(session))
    with db.read() as session:  # the same connection, without the limit
        assert session.scalar(select(func.count()).select_from(text("entry"))) == 0


def _endless(session: Session) -> object:
    if session.get_bind().dialect.name == "postgresql":
        return text("SELECT pg_sleep(60)")
    return text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )
