"""The library through the API for editors: what the forms of pictures and documents do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from feedsvc.auth.rules import AUTHOR, EDITOR
from feedsvc.content.media.models import Photo
from feedsvc.db import Database
from feedsvc.web.api.editor.openapi import BASE
from tests.support import team
from tests.support.clock import FixedClock
from tests.support.described import held_to
from tests.support.editor import Program, program
from tests.support.uploads import image, pdf

# The library itself is tested on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SAID = {"alts": {"en": "A field"}, "credit": "The agency", "focus_x": 20, "focus_y": 80}


@pytest.fixture
def ana(app: Flask, db: Database, clock: FixedClock) -> Program:
    return program(app, db, team.join(db, "Ana", EDITOR, now=clock()), now=clock())


@pytest.fixture
def max_(app: Flask, db: Database, clock: FixedClock) -> Program:
    return program(app, db, team.join(db, "Max", AUTHOR, now=clock()), now=clock())


def upload(whose: Program, path: str, data: bytes, kind: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {whose.secret}"}
    return whose.browser.post(BASE + path, headers=headers, data=data, content_type=kind)


def photo(whose: Program) -> str:
    """The address of one that was brought just now."""
    return f"/photos/{upload(whose, '/photos', image(), 'image/png').get_json()['id']}"


def fields(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["field"] for one in answer.get_json()["errors"]]


def test_a_photo_is_described_and_its_crops_follow_its_focus(ana: Program, db: Database) -> None:
    path = photo(ana)
    assert fields(ana.ask("PUT", path, {}, tag="*")) == ["alts", "credit"]
    outside = ana.ask("PUT", path, {**SAID, "focus_x": 101}, tag="*")
    assert fields(outside) == ["focus_x"]
    assert outside.get_json()["detail"] == "Write a number from 0 to 100.", "as the form says it"
    assert ana.ask("PUT", path, SAID).status_code == 428
    said = held_to("replace_photo", 200, ana.ask("PUT", path, SAID, tag='"1"'))
    assert {name: said[name] for name in SAID} == SAID
    assert (said["decorative"], said["width"] > 0) == (False, True)
    with db.read() as session:
        assert session.get_one(Photo, said["id"]).ready, "its crops are cut anew"
    late = held_to("replace_photo", 412, ana.ask("PUT", path, SAID, tag='"1"'))
    assert late["changes"][0]["changes"]["credit"] == ["", "The agency"]
    decorative = {"alts": {"en": None}, "decorative": True}
    only = held_to("change_photo", 200, ana.ask("PATCH", path, decorative, tag='"2"'))
    assert (only["alts"], only["decorative"], only["focus_x"]) == ({}, True, 20)
    assert ana.told("PUT", path, only, tag="*") == only, "what was got can be put back"
    assert fields(ana.ask("PUT", path, {**only, "width": 1}, tag="*")) == ["width"]
    past = held_to("history_of_photo", 200, ana.ask("GET", f"{path}/history"))["items"]
    assert [(row["act"], row["who"]) for row in past] == [("edited", "Ana (Website)")] * 2


def test_a_file_goes_when_no_entry_has_it_any_more(ana: Program, max_: Program) -> None:
    for shelf, data, kind, of_entry in (
        ("photo", image(), "image/png", lambda number: {"photo_id": number}),
        ("document", pdf(), "application/pdf", lambda number: {"files": [number]}),
    ):
        number = upload(ana, f"/{shelf}s", data, kind).get_json()["id"]
        path = f"/{shelf}s/{number}"
        item: dict[str, Any] = {"texts": {"en": {"title": "Heat"}}, **of_entry(number)}
        uid = ana.told("POST", "/news", item)["about"]["uid"]
        used = held_to(f"uses_of_{shelf}", 200, ana.ask("GET", f"{path}/uses"))
        assert used == {"items": [{"kind": "news", "uid": uid, "state": "draft"}], "hidden": 0}
        assert max_.ask("DELETE", path, tag="*").status_code == 404
        assert fields(ana.ask("DELETE", path, tag="*")) == [""]
        ana.told("DELETE", f"/news/{uid}", tag="*")
        assert ana.ask("DELETE", path).status_code == 428
        assert ana.ask("DELETE", path, tag='"1"').status_code == 204
        assert ana.ask("GET", path).status_code == 404


def test_everybody_looks_through_what_they_may_see(ana: Program, max_: Program) -> None:
    mine = photo(max_)
    ana.told("PUT", mine, SAID, tag="*")
    upload(ana, "/documents", pdf(), "application/pdf")
    found = held_to("list_photos", 200, ana.ask("GET", "/photos?q=field&unused=true"))
    assert ([one["credit"] for one in found["items"]], found["pages"]) == (["The agency"], 1)
    assert ana.told("GET", "/photos?q=wood")["items"] == []
    held_to("list_documents", 200, ana.ask("GET", "/documents?page=1"))
    assert max_.told("GET", "/documents")["items"] == [], "nobody showed it to him"
    assert max_.told("PATCH", mine, {"credit": "Max"}, tag="*")["credit"] == "Max"
    for wrong in ("page=0", "page=x", "page=9999999", "unused=1", "limit=2"):
        assert ana.ask("GET", f"/photos?{wrong}").status_code == 422, wrong


def test_an_author_changes_no_photo_of_others_though_readers_see_it(
    ana: Program, max_: Program
) -> None:
    path = photo(ana)
    ana.told("PUT", path, SAID, tag="*")
    item = {"texts": {"en": {"title": "Heat"}}, "photo_id": int(path.rpartition("/")[2])}
    uid = ana.told("POST", "/news", item)["about"]["uid"]
    ana.told("POST", f"/news/{uid}/publish")
    assert max_.told("GET", path)["credit"] == "The agency"
    assert max_.told("GET", f"{path}/uses")["items"][0]["uid"] == uid
    for method in ("PUT", "PATCH", "DELETE"):
        body = None if method == "DELETE" else SAID
        assert max_.ask(method, path, body, tag="*").status_code == 403


def test_that_a_photo_only_decorates_is_said_with_its_entry(ana: Program) -> None:
    path = photo(ana)
    number = int(path.rpartition("/")[2])
    item = {"texts": {"en": {"title": "Heat"}}, "photo_id": number, "photo_credit": "Staff"}
    uid = ana.told("POST", "/news", item)["about"]["uid"]
    assert fields(ana.ask("POST", f"/news/{uid}/publish")) == ["texts.en.photo_alt"]
    said = ana.told("PATCH", f"/news/{uid}", {"photo_decorative": True}, tag="*")
    assert said["photo_decorative"] is True
    assert ana.told("GET", path)["decorative"] is True, "the library has learned it"
    assert ana.told("POST", f"/news/{uid}/publish")["about"]["state"] == "published"
