"""Calls through the API for editors: what the form does, with its rules, errors and history."""

from __future__ import annotations

import pytest
from flask import Flask

from feedsvc.auth.rules import Actor
from feedsvc.db import Database
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.editor import CALL, Program, program


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
    extended = ana.ask(
        "PATCH", f"/calls/{uid}/key-dates/{date['uid']}",
        {"date": "2026-05-29", "reasons": {"en": "More time to find partners."}},
        tag=published.headers["ETag"],
    )  # fmt: skip
    assert extended.status_code == 200, extended.text
    assert (extended.get_json()["uid"], extended.get_json()["date"]) == (date["uid"], "2026-05-29")
    [change] = client.get("/changes.json").get_json()["items"]
    assert "More time to find partners." in str(change)

    assert ana.told("POST", f"/calls/{uid}/withdraw")["about"]["state"] == "withdrawn"
    assert client.get("/calls.json").get_json()["items"] == []
    past = ana.told("GET", f"/calls/{uid}/history")["items"]
    assert [row["act"] for row in past] == ["unpublished", "edited", "published", "created"]
    assert {row["who"] for row in past} == {"Ana Editor (Website)"}
