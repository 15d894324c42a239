"""Calls through the API for editors: what the form does, with its rules, errors and history."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, text

from feedsvc.auth.access.models import AccessToken
from feedsvc.auth.rules import Actor
from feedsvc.db import Database
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.editor import CALL, Program, program

WHY = {
    "en": "More time to find partners.", "fr": "Plus de temps.", "de": "Mehr Zeit.",
}  # fmt: skip
# Where nothing is asked of the database but to find a row.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def ana(app: Flask, db: Database, editor: Actor, clock: FixedClock) -> Program:
    return program(app, db, editor, now=clock())


def test_a_call_is_written_published_extended_and_withdrawn(ana: Program, client: Browser) -> None:
    made = ana.ask("POST", "/calls", CALL)
    assert made.status_code == 201, made.text
    call, uid = made.get_json(), made.get_json()["about"]["uid"]
    assert made.headers["Location"] == f"https://agency.example/api/editor/v1/calls/{uid}"
    assert (call["about"]["state"], call["award_max"]) == ("draft", "200000.00")
    assert client.get("/calls.json").get_json()["items"] == []

    published = ana.ask("POST", f"/calls/{uid}/publish")
    assert published.get_json()["about"]["state"] == "published"
    [item] = client.get("/calls.json").get_json()["items"]
    assert item["id"] == f"urn:uuid:{uid}"

    [date] = published.get_json()["key_dates"]
    path, moved = f"/calls/{uid}/key-dates/{date['uid']}", {"date": "2026-05-29", "reasons": WHY}
    unexplained = {**moved, "reasons": {"en": WHY["en"]}}
    refused = ana.ask("PATCH", path, unexplained, tag="*").get_json()["errors"]
    assert [one["pointer"] for one in refused] == ["#/reasons/fr", "#/reasons/de"]
    extended = ana.ask("PATCH", path, moved, tag=published.headers["ETag"])
    assert extended.status_code == 200, extended.text
    assert (extended.get_json()["uid"], extended.get_json()["date"]) == (date["uid"], "2026-05-29")
    [change] = client.get("/changes.json").get_json()["items"]
    assert "More time to find partners." in str(change)

    assert ana.told("POST", f"/calls/{uid}/withdraw")["about"]["state"] == "withdrawn"
    assert client.get("/calls.json").get_json()["items"] == []
    past = ana.told("GET", f"/calls/{uid}/history")["items"]
    assert [row["act"] for row in past] == ["unpublished", "edited", "published", "created"]
    assert {row["who"] for row in past} == {"Ana Editor (Website)"}


def test_what_is_got_can_be_put_back_and_changes_nothing(ana: Program, db: Database) -> None:
    ana.told("POST", "/clusters", {"texts": {"en": {"name": "CleanTech"}}})
    ana.told("POST", "/organisations", {"names": {"en": "Example Fund"}})
    ana.told("POST", "/programmes", {"name": "Horizon", "owner": "example-fund"})
    full = {
        **CALL, "clusters": ["cleantech"], "funders": ["example-fund"], "programme": "horizon",
        "applicants": ["sme"], "geographies": ["LU", "EU"], "aid_types": ["grant"],
        "cofinancing_max": "62.50", "trl_min": 3, "deadline_model": "two_stage",
        "documents": [{"title": "Guide", "url": "https://example.org/g.pdf", "size": 120}],
        "key_dates": [
            {"type": "opens", "date": "2026-03-09", "zone": "AoE"},
            {"type": "stage_2", "date": "2026-09-01", "precision": "month", "zone": "UTC",
             "certainty": "estimated", "labels": {"fr": "Deuxième étape"}},
            {"type": "stage_1", "date": "2026-04-30", "time": "23:59:59", "zone": "UTC"},
        ],
    }  # fmt: skip
    uid = ana.told("POST", "/calls", full)["about"]["uid"]
    for path in (f"/calls/{uid}", "/pages/about", *(f"/{p}/{u}" for p, u in of_parts(ana))):
        got = ana.ask("GET", path)
        put = ana.ask("PUT", path, got.get_json(), tag=got.headers["ETag"])
        assert put.status_code == 200, put.text
        assert (put.get_json(), put.headers["ETag"]) == (got.get_json(), got.headers["ETag"])
    assert [row["act"] for row in ana.told("GET", f"/calls/{uid}/history")["items"]] == ["created"]


def of_parts(ana: Program) -> list[tuple[str, str]]:
    paths = ("clusters", "organisations", "programmes")
    return [(path, ana.told("GET", f"/{path}")["items"][0]["about"]["uid"]) for path in paths]


@ON_SQLITE
def test_who_has_not_seen_the_last_change_is_told_of_it(ana: Program) -> None:
    made = ana.ask("POST", "/calls", CALL)
    path, old = f"/calls/{made.get_json()['about']['uid']}", made.headers["ETag"]
    assert ana.ask("PATCH", path, {"edition": "2026"}).status_code == 428
    assert ana.ask("PATCH", path, {"edition": "2026"}, tag=old).status_code == 200
    late = ana.ask("PUT", path, CALL, tag=old)
    assert (late.status_code, late.mimetype) == (412, "application/problem+json")
    assert late.get_json()["changes"][0]["changes"] == {"edition": ["", "2026"]}
    assert late.headers["ETag"] == f'"{late.get_json()["version"]}"' != old
    assert ana.ask("POST", f"{path}/publish", {}, tag=old).status_code == 412
    assert ana.ask("DELETE", path, tag=old).status_code == 412
    assert (
        ana.ask("PATCH", path, {"edition": "2027"}, tag=f"W/{late.headers['ETag']}").status_code
        == 412
    )
    assert ana.ask("DELETE", path, tag="*").status_code == 204
    assert ana.ask("GET", path).status_code == 404


@ON_SQLITE
def test_problems_are_those_of_the_form_with_their_places_in_the_language_asked(
    ana: Program,
) -> None:
    body = {
        "texts": {"en": {"title": ""}},
        "key_dates": [{"type": "submission", "date": "1926-04-30", "zone": "Europe/Luxembourg"}],
        "award_min": "2.00", "award_max": "1.00",
    }  # fmt: skip
    english = ana.ask("POST", "/calls", body)
    assert (english.status_code, english.mimetype) == (422, "application/problem+json")
    told = {one["field"]: one for one in english.get_json()["errors"]}
    assert set(told) == {"texts.en.title", "key_dates.0.date", "award_max"}
    assert told["key_dates.0.date"]["pointer"] == "#/key_dates/0/date"
    assert told["texts.en.title"]["detail"] == "Enter a title."
    french = ana.ask("POST", "/calls", body, Accept_Language="fr-LU, en;q=0.5")
    assert "Saisissez un titre." in [one["detail"] for one in french.get_json()["errors"]]
    assert french.headers["Content-Language"] == "fr"


@ON_SQLITE
def test_a_date_alone_is_refused_by_the_names_of_its_own_fields(ana: Program) -> None:
    made = ana.ask("POST", "/calls", CALL)
    dates = f"/calls/{made.get_json()['about']['uid']}/key-dates"
    tag = made.headers["ETag"]
    bad = ana.ask("POST", dates, {"type": "opens", "date": "1926-01-01", "zone": "UTC"}, tag=tag)
    assert [one["field"] for one in bad.get_json()["errors"]] == ["date"]
    good = ana.ask("POST", dates, {"type": "opens", "date": "2026-03-09", "zone": "UTC"}, tag=tag)
    assert good.status_code == 201
    assert good.headers["Location"].endswith(f"{dates}/{good.get_json()['uid']}")
    other = {"uid": "another", "type": "opens", "date": "2026-03-09", "zone": "UTC"}
    path = f"{dates}/{good.get_json()['uid']}"
    assert ana.ask("PUT", path, other, tag="*").status_code == 422
    assert ana.ask("DELETE", path, tag=good.headers["ETag"]).status_code == 204
    assert len(ana.told("GET", dates)["items"]) == 1
    assert ana.ask("GET", path).status_code == 404


@ON_SQLITE
def test_nobody_publishes_by_writing_that_it_is_published(ana: Program) -> None:
    made = ana.told("POST", "/calls", CALL)
    path = f"/calls/{made['about']['uid']}"
    refused = ana.ask("PATCH", path, {"about": {"state": "published"}}, tag="*")
    assert [one["field"] for one in refused.get_json()["errors"]] == ["about.state"]
    with_uid = {**CALL, "key_dates": made["key_dates"]}
    assert ana.ask("POST", "/calls", with_uid).get_json()["errors"][0]["field"] == "key_dates.0.uid"
    for at in ("2026-03-01T09:00", "2026-03-29T02:30", "tomorrow"):
        refused = ana.ask("POST", f"{path}/publish", {"at": at})
        assert [one["field"] for one in refused.get_json()["errors"]] == ["at"], at
    later = ana.told("POST", f"{path}/publish", {"at": "2026-04-01T09:00", "zone": "Europe/Paris"})
    assert later["about"]["state"] == "scheduled"
    assert later["about"]["publish_at"] == "2026-04-01T07:00:00Z"
    cancelled = ana.told("POST", f"{path}/cancel", {"reasons": {"en": "No budget."}})
    assert cancelled["about"]["cancelled_at"] == "2026-03-02T09:00:00Z"


def test_lists_go_page_by_page_and_by_state_and_words(ana: Program) -> None:
    for title in ("Heat", "Wood", "Heat again"):
        ana.told("POST", "/news", {"texts": {"en": {"title": title}}})
    first = ana.told("GET", "/news?limit=2")
    rest = ana.told("GET", f"/news?limit=2&after={first['next']}")
    titles = [one["texts"]["en"]["title"] for one in (*first["items"], *rest["items"])]
    assert (titles, rest["next"]) == (["Heat again", "Wood", "Heat"], None)
    assert len(ana.told("GET", "/news?q=heat&state=draft")["items"]) == 2
    assert ana.told("GET", "/news?state=published")["items"] == []
    for query in ("state=new", "limit=0", "limit=x", "page=2", "q=a&q=b", "q=%00"):
        assert ana.ask("GET", f"/news?{query}").status_code == 422, query
    assert ana.ask("GET", "/news?after=x").status_code == 400


@ON_SQLITE
def test_what_is_not_there_is_told_as_a_problem_too(ana: Program) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/calls/1", 404),
        ("DELETE", "/calls", 405),
        ("GET", "/pages/imprints", 404),
        ("GET", "/photos/99999999999999999999", 404),
    ):
        answer = ana.ask(method, path, tag="*")
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), path
    assert ana.ask("DELETE", "/calls", tag="*").headers["Allow"] == "GET, POST, HEAD"


def test_of_two_changes_at_once_one_is_told_of_the_other(ana: Program, app: Flask) -> None:
    made = ana.ask("POST", "/calls", CALL)
    path, tag = f"/calls/{made.get_json()['about']['uid']}", made.headers["ETag"]

    def change(edition: str) -> int:
        mine = Program(app.test_client(), ana.secret)  # type: ignore[arg-type]
        return mine.ask("PATCH", path, {"edition": edition}, tag=tag).status_code

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(change, ("1", "2", "3"))) == [200, 412, 412]


def test_of_two_requests_with_one_key_at_once_one_is_done(ana: Program, app: Flask) -> None:
    """The other waits and hears the same, or is told to ask again."""

    def make(_: int) -> int:
        mine = Program(app.test_client(), ana.secret)  # type: ignore[arg-type]
        return mine.ask("POST", "/calls", CALL, key="a-1").status_code

    with ThreadPoolExecutor(3) as threads:
        assert set(threads.map(make, range(3))) <= {201, 409}
    assert len(ana.told("GET", "/calls")["items"]) == 1


def test_who_asks_while_the_same_is_being_answered_is_told_so(ana: Program, db: Database) -> None:
    """On SQLite the second one waits, for there is one writer: it is answered the same."""
    if db.is_sqlite:
        return
    with db.read() as session:
        number = session.scalars(select(AccessToken.id)).one()
    with db.begin() as session:
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        session.execute(lock, {"name": f"{number} a-1"})
        assert ana.ask("POST", "/calls", CALL, key="a-1").status_code == 409
    assert ana.ask("POST", "/calls", CALL, key="a-1").status_code == 201
