"""The rules of the desk hold for programs too: drafts, reviews, two persons, days of leaving."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from feedsvc.auth.rules import AUTHOR, EDITOR
from feedsvc.content.desk import reviews
from feedsvc.content.media import documents
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.mail.models import OutboxMail
from feedsvc.settings import Settings
from feedsvc.web.api.editor.openapi import BASE
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends
from tests.support.editor import CALL, Program, program
from tests.support.uploads import pdf

ITEM = {"texts": {"en": {"title": "Heat"}, "fr": {"title": "Chaleur"}}}


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    """SQLite is enough: what is asked of the database here is to find rows by their number."""
    yield from _backends["sqlite"].fresh()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, two_persons=True)


@pytest.fixture
def ana(app: Flask, db: Database, clock: FixedClock) -> Program:
    return program(app, db, team.join(db, "Ana", EDITOR, now=clock()), now=clock())


@pytest.fixture
def eva(app: Flask, db: Database, clock: FixedClock) -> Program:
    return program(app, db, team.join(db, "Eva", EDITOR, now=clock()), now=clock())


def made(whose: Program, path: str, body: Any) -> str:
    """The address of a new one."""
    return f"{path}/{whose.told('POST', path, body)['about']['uid']}"


def state(whose: Program, path: str) -> str:
    return str(whose.told("GET", path)["about"]["state"])


def test_a_draft_may_lack_what_readers_must_have(ana: Program, eva: Program) -> None:
    path = made(ana, "/calls", {"texts": {"en": {"title": "Heat"}, "fr": {"body": "Chaud"}}})
    refused = eva.ask("POST", f"{path}/publish")
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    fields = {one["field"] for one in refused.get_json()["errors"]}
    assert fields == {"texts.fr.title", "key_dates"}
    whole = {"texts": {"fr": {"title": "Chaleur"}}, "key_dates": CALL["key_dates"]}
    ana.told("PATCH", path, whole, tag="*")
    assert eva.told("POST", f"{path}/publish")["about"]["state"] == "published"
    assert ana.ask("PATCH", path, {"key_dates": None}, tag="*").status_code == 422


def test_nobody_lets_go_what_they_edited_last_and_a_program_is_no_second_person(
    ana: Program, eva: Program
) -> None:
    path = made(ana, "/news", ITEM)
    refused = ana.ask("POST", f"{path}/publish")
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert "Somebody else" in refused.get_json()["detail"]
    assert state(ana, path) == "draft"
    later = eva.told("POST", f"{path}/publish", {"at": "2026-03-10T09:00"})
    assert later["about"]["state"] == "scheduled"
    assert ana.told("PATCH", path, {}, tag="*")["about"]["state"] == "scheduled", "nothing differs"
    changed = ana.ask("PATCH", path, {"texts": {"en": {"summary": "Hot"}}}, tag="*")
    assert changed.get_json()["about"]["state"] == "draft", "it waits for somebody else again"
    assert changed.headers["ETag"] == f'"{changed.get_json()["about"]["version"]}"'
    assert eva.told("POST", f"{path}/publish")["about"]["state"] == "published"
    corrected = ana.told("PATCH", path, {"texts": {"en": {"summary": "Warm"}}}, tag="*")
    assert corrected["about"]["state"] == "published", "a correction is seen at once"


def test_a_version_of_what_is_scheduled_waits_for_a_second_person(
    ana: Program, eva: Program
) -> None:
    path = made(ana, "/news", ITEM)
    ana.told("PATCH", path, {"texts": {"en": {"summary": "Hot"}}}, tag="*")
    eva.told("POST", f"{path}/publish", {"at": "2026-03-10T09:00"})
    oldest = ana.told("GET", f"{path}/versions")["items"][-1]["number"]
    back = ana.told("POST", f"{path}/versions/{oldest}/restore", tag="*")
    assert back["entry"]["about"]["state"] == "draft"


def test_what_is_in_review_is_its_author_s_no_more(
    app: Flask, db: Database, ana: Program, clock: FixedClock
) -> None:
    max_ = team.join(db, "Max", AUTHOR, now=clock())
    his = program(app, db, max_, now=clock())
    path = made(his, "/news", ITEM)
    with db.begin() as session:
        reviews.submit(session, 1, comment="", actor=max_, now=clock())
    assert state(his, path) == "review"
    assert his.ask("PATCH", path, {"texts": {"fr": None}}, tag="*").status_code == 403
    assert [one["about"]["state"] for one in ana.told("GET", "/news?state=review")["items"]] == [
        "review"
    ]
    with db.begin() as session:
        session.get_one(Entry, 1).review = "rejected"
    assert his.ask("PATCH", path, {"texts": {"fr": None}}, tag="*").status_code == 403
    assert ana.told("GET", "/news?state=draft")["items"] == []
    assert his.ask("DELETE", path, tag="*").status_code == 204


def told_by_mail(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        rows = session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
        return [(row.kind, row.address) for row in rows]


def test_a_draft_is_read_and_answered_as_by_the_forms(
    app: Flask, db: Database, ana: Program, eva: Program, clock: FixedClock
) -> None:
    his = program(app, db, team.join(db, "Max", AUTHOR, now=clock()), now=clock())
    path = made(his, "/news", ITEM)
    assert ana.ask("POST", f"{path}/review", {"verdict": "approve"}).status_code == 409
    asked = his.told("POST", f"{path}/submit", {"comment": "Please read"})
    assert asked["about"]["state"] == "review"
    assert told_by_mail(db)[-2:] == [
        ("review", "ana@agency.example"),
        ("review", "eva@agency.example"),
    ]
    assert his.ask("POST", f"{path}/review", {"verdict": "approve"}).status_code == 403
    assert his.told("POST", f"{path}/take-back")["about"]["state"] == "draft"
    his.told("POST", f"{path}/submit")
    for wrong, field in (({}, "verdict"), ({"verdict": "x"}, "verdict"),
                         ({"verdict": "reject"}, "comment")):  # fmt: skip
        refused = ana.ask("POST", f"{path}/review", wrong).get_json()["errors"]
        assert [one["field"] for one in refused] == [field]
    back = ana.told("POST", f"{path}/review", {"verdict": "request_changes", "comment": "Shorter"})
    assert back["about"]["state"] == "draft"
    assert told_by_mail(db)[-1] == ("reviewed", "max@agency.example")
    his.told("POST", f"{path}/submit")
    stale = ana.ask("POST", f"{path}/review", {"verdict": "approve"}, tag='"999"')
    assert stale.status_code == 412
    later = {"verdict": "approve", "at": "2026-03-10T09:00"}
    assert ana.told("POST", f"{path}/review", later)["about"]["state"] == "scheduled"
    comments = [
        row["changes"].get("comment") for row in ana.told("GET", f"{path}/history")["items"]
    ]
    assert ["", "Shorter"] in comments


def test_who_edited_it_last_does_not_approve_it_either(ana: Program, eva: Program) -> None:
    path = made(ana, "/news", {"texts": {"en": {"title": "Heat"}, "fr": {"body": "Chaud"}}})
    ana.told("POST", f"{path}/submit")
    refused = ana.ask("POST", f"{path}/review", {"verdict": "approve"})
    assert refused.status_code == 422
    assert "Somebody else" in refused.get_json()["detail"]
    assert state(ana, path) == "review"
    [lacks] = eva.ask("POST", f"{path}/review", {"verdict": "approve"}).get_json()["errors"]
    assert lacks["field"] == "texts.fr.title"
    assert lacks["pointer"] == f"https://agency.example{BASE}{path}#/texts/fr/title"
    ana.told("PATCH", path, {"texts": {"fr": {"title": "Chaleur"}}}, tag="*")
    wrong = {"verdict": "approve", "at": "2026-03-09T09:00", "until": "2026-03-03"}
    [early] = eva.ask("POST", f"{path}/review", wrong).get_json()["errors"]
    assert early["pointer"] == "#/until"


def test_a_document_comes_in_and_is_handed_out(ana: Program, client: Browser) -> None:
    headers = {"Authorization": f"Bearer {ana.secret}"}
    form = {"document": (io.BytesIO(pdf()), "Guide.pdf")}
    answer = ana.browser.post(f"{BASE}/documents", headers=headers, data=form)
    assert answer.status_code == 201
    document = answer.get_json()
    assert (document["kind"], document["label"], document["runs"]) == ("pdf", "Guide.pdf", False)
    assert document["checksum"] == hashlib.sha256(pdf()).hexdigest()
    assert ana.told("GET", f"/documents/{document['id']}") == document
    place, titles = f"/documents/{document['id']}", {"titles": {"en": "Guide", "fr": "Guide"}}
    assert ana.ask("PUT", place, titles).status_code == 428
    named = ana.told("PUT", place, {**titles, "language": "en"}, tag='"1"')
    assert (named["titles"], named["language"]) == (titles["titles"], "en")
    assert ana.ask("PUT", place, titles, tag='"1"').status_code == 412
    for wrong in ({}, {"titles": {"en": " "}}, {**titles, "language": "it"}):
        assert ana.ask("PUT", place, wrong, tag="*").status_code == 422
    path = made(ana, "/news", {**ITEM, "files": [document["id"]]})
    assert ana.told("GET", path)["files"] == [document["id"]]
    assert client.get(document["url"]).status_code == 404, "readers see no entry that has it"
    again = ana.browser.post(
        f"{BASE}/documents", headers=headers, data=pdf(), content_type="application/pdf"
    )
    assert again.get_json()["id"] == document["id"], "the same bytes are kept once"
    for data, kind, status in (
        (b"<svg/>", "application/pdf", 422),
        (pdf(), "text/html", 415),
        (pdf(b"5 0 obj<</S/Launch/F(x)>>endobj\n"), "application/pdf", 422),
    ):
        refused = ana.browser.post(
            f"{BASE}/documents", headers=headers, data=data, content_type=kind
        )
        assert refused.status_code == status
    assert [one["field"] for one in refused.get_json()["errors"]] == ["document"]


def test_it_leaves_the_site_on_the_day_that_was_said(
    ana: Program, eva: Program, client: Browser, clock: FixedClock
) -> None:
    path = made(ana, "/news", ITEM)
    for wrong in ({"until": "2026-03-02T08:00"}, {"at": "2026-03-09T09:00", "until": "2026-03-03"}):
        refused = eva.ask("POST", f"{path}/publish", wrong).get_json()["errors"]
        assert [one["field"] for one in refused] == ["until"]
    until = {"until": "2026-03-03T09:00", "zone": "UTC"}
    about = eva.told("POST", f"{path}/publish", until)["about"]
    assert (about["state"], about["withdrawn_at"]) == ("published", "2026-03-03T09:00:00Z")
    assert client.get("/news/heat").status_code == 200
    assert len(eva.told("GET", "/news?state=published")["items"]) == 1
    clock.advance(days=1)
    assert state(eva, path) == "withdrawn"
    assert eva.told("GET", "/news?state=published")["items"] == []
    assert eva.told("POST", f"{path}/publish")["about"]["withdrawn_at"] is None


def test_a_translation_that_lags_is_told_and_may_stand_as_it_is(ana: Program) -> None:
    path = made(ana, "/news", ITEM)
    changed = ana.told("PATCH", path, {"texts": {"en": {"title": "More heat"}}}, tag="*")
    assert changed["about"]["stale"] == ["fr"]
    stands = ana.told("PATCH", path, {"texts": {"fr": {"stands": True}}}, tag="*")
    assert stands["about"]["stale"] == []


def test_documents_of_the_library_are_handed_out_in_order(
    ana: Program, db: Database, settings: Settings, clock: FixedClock
) -> None:
    eve = team.join(db, "Eve", EDITOR, now=clock())
    for number in (1, 2):
        brought = documents.read(pdf(b"%%%d" % number), "Guide.pdf", limit=settings.document_limit)
        with db.begin() as session:
            documents.keep(session, brought, settings.media_path, actor=eve, now=clock())
    path = made(ana, "/news", {**ITEM, "files": [2, 1]})
    assert ana.told("GET", path)["files"] == [2, 1]
    assert ana.told("PATCH", path, {"texts": {"fr": None}}, tag="*")["files"] == [2, 1]
    refused = ana.ask("PATCH", path, {"files": [1, 3]}, tag="*").get_json()["errors"]
    assert [one["field"] for one in refused] == ["files.1"]
    assert ana.told("PUT", path, ITEM, tag="*")["files"] == []
