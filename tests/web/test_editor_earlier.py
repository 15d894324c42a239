"""Acts of the desk through the API: versions brought back, the next edition, the day of leaving."""

from __future__ import annotations

import pytest
from flask import Flask

from feedsvc.auth.access.rules import READ, WRITE
from feedsvc.auth.rules import AUTHOR, EDITOR
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.support import team
from tests.support.clock import FixedClock
from tests.support.described import held_to
from tests.support.editor import CALL, Program, program
from tests.support.readers import follow

# What is asked of the database here is to find rows by their number.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def ana(app: Flask, db: Database, clock: FixedClock) -> Program:
    return program(app, db, team.join(db, "Ana", EDITOR, now=clock()), now=clock())


def made(whose: Program, path: str = "/calls", **more: object) -> str:
    return f"{path}/{whose.told('POST', path, {**CALL, **more})['about']['uid']}"


def test_what_stands_beside_the_form_is_told(ana: Program) -> None:
    weekend = [{"type": "submission", "date": "2026-05-02", "zone": "Europe/Luxembourg"}]
    path = made(ana, texts={"en": {"title": "Heat"}, "fr": {"body": "Chaud"}}, key_dates=weekend)
    told = held_to("remarks_on_call", 200, ana.ask("GET", f"{path}/remarks"))
    assert [one["pointer"] for one in told["missing"]] == ["#/texts/fr/title"]
    remarks = {one["field"]: one for one in told["remarks"]}
    assert remarks["key_dates.0.date"]["severity"] == "warning"
    assert "Saturday" in remarks["key_dates.0.date"]["detail"]
    french = ana.told("GET", f"{path}/remarks", Accept_Language="fr")
    assert french["missing"][0]["detail"] == "Saisissez un titre."


def test_an_earlier_version_comes_back_as_an_edit_of_what_was_seen(ana: Program) -> None:
    ana.told("POST", "/clusters", {"texts": {"en": {"name": "Wood"}}})
    path = made(ana, clusters=["wood"])
    ana.told("PATCH", path, {"clusters": [], "edition": "2027"}, tag="*")
    [wood] = ana.told("GET", "/clusters")["items"]
    ana.told("DELETE", f"/clusters/{wood['about']['uid']}", tag="*")
    found = held_to("versions_of_call", 200, ana.ask("GET", f"{path}/versions"))["items"]
    assert [one["act"] for one in found] == ["edited", "created"]
    first = f"{path}/versions/{found[1]['number']}"
    told = held_to("version_of_call", 200, ana.ask("GET", first))
    assert told["changes"]["edition"] == ["2027", ""]
    assert ana.ask("POST", f"{first}/restore").status_code == 428
    assert ana.ask("POST", f"{first}/restore", tag='"1"').status_code == 412
    back = held_to("restore_call", 200, ana.ask("POST", f"{first}/restore", tag='"2"'))
    assert back["left_out"] == ["wood"], "it is not there any more"
    assert back["entry"]["edition"] == ""
    assert ana.told("GET", f"{path}/history")["items"][0]["changes"]["edition"] == ["2027", ""]
    for wrong in ("99999", "x", "9" * 30):
        assert ana.ask("GET", f"{path}/versions/{wrong}").status_code == 404


def test_the_next_edition_is_a_draft_of_the_same_series(ana: Program) -> None:
    path = made(ana, edition="2026", reference="R-1")
    copy = held_to("duplicate_call", 201, ana.ask("POST", f"{path}/duplicate", key="next"))
    again = ana.told("POST", f"{path}/duplicate", key="next")
    assert again["about"]["uid"] == copy["about"]["uid"], "a key makes it once"
    assert (copy["about"]["state"], copy["edition"], copy["reference"]) == ("draft", "2027", "")
    assert copy["about"]["stale"] == ["en"]
    assert [(date["date"], date["certainty"]) for date in copy["key_dates"]] == [
        ("2027-04-29", "estimated")
    ]
    assert copy["series"] == ana.told("GET", path)["series"] == CALL["texts"]["en"]["title"]


def test_who_may_not_change_the_call_begins_a_series_with_the_draft(
    app: Flask, db: Database, ana: Program, clock: FixedClock
) -> None:
    path = made(ana)
    ana.told("POST", f"{path}/publish")
    eva = team.join(db, "Eva", EDITOR, now=clock())
    drafting = program(app, db, eva, scopes=(READ, WRITE), now=clock())
    copy = drafting.told("POST", f"{path}/duplicate")
    assert (copy["series"], ana.told("GET", path)["series"]) == (CALL["texts"]["en"]["title"], "")
    max_ = program(app, db, team.join(db, "Max", AUTHOR, now=clock()), now=clock())
    assert max_.ask("POST", f"{path}/duplicate").status_code == 404, "it is not his to see"


def test_whom_it_concerns_is_told_before_a_date_moves(
    ana: Program, db: Database, settings: Settings
) -> None:
    path = made(ana)
    ana.told("POST", f"{path}/publish")
    with db.begin() as session:
        follow(session, settings, entry_id=1)
    [date] = ana.told("GET", f"{path}/key-dates")["items"]
    place = f"{path}/key-dates/{date['uid']}/impact"
    told = held_to("impact_of_key_date", 200, ana.ask("GET", place))
    assert (told["followers"], told["waiting"], told["lists"]) == (1, 0, 2)
    assert ana.ask("GET", f"{path}/key-dates/x/impact").status_code == 404


def test_the_day_of_leaving_is_set_and_taken_back(ana: Program, clock: FixedClock) -> None:
    path = made(ana)
    keep = f"{path}/keep"
    draft = ana.ask("POST", keep, {"until": "2026-03-10"})
    assert [one["field"] for one in draft.get_json()["errors"]] == ["until"]
    ana.told("POST", f"{path}/publish")
    until = {"until": "2026-03-10T09:00", "zone": "UTC"}
    about = held_to("keep_call", 200, ana.ask("POST", keep, until))["about"]
    assert (about["state"], about["withdrawn_at"]) == ("published", "2026-03-10T09:00:00Z")
    past = ana.ask("POST", keep, {"until": "2026-03-01T09:00"}).get_json()["errors"]
    assert [one["field"] for one in past] == ["until"]
    assert ana.told("POST", keep)["about"]["withdrawn_at"] is None
    acts = [row["act"] for row in ana.told("GET", f"{path}/history")["items"]]
    assert acts == ["ending", "ending", "published", "created"], "as by the form"
