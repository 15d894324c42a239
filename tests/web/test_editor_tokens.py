"""Tokens: shown once, kept as a digest, and never good for more than their account is now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from feedsvc import tokens
from feedsvc.app import create_app
from feedsvc.auth import accounts
from feedsvc.auth.access import changes, rules
from feedsvc.auth.access.models import AccessToken, KeptAnswer
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.models import Account, History
from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR, EDITOR, SYSTEM, Actor
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends
from tests.support.editor import CALL, Program, program, token

SECRET = re.compile(r"feedsvc_[\w-]{43}")


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    """SQLite is enough: what is asked of the database here is to find rows by their number."""
    yield from _backends["sqlite"].fresh()


def test_a_token_is_shown_once_and_kept_as_a_digest(
    app: Flask, db: Database, clock: FixedClock
) -> None:
    ana = team.join(db, "Ana", EDITOR, now=clock())
    browser = team.browser(app, db, ana, now=clock())
    clock.advance(minutes=11)
    asked = browser.get("/admin/tokens/new")
    assert asked.headers["Location"] == "/admin/confirm?next=/admin/tokens/new"
    clock.advance(minutes=-11)
    fields = {"name": "Website", "scopes": ["read", "write"], "days": "30"}
    shown = browser.submit("/admin/tokens/new", fields).text
    [secret] = SECRET.findall(shown)
    listed = browser.get("/admin/tokens/").text
    assert secret not in listed
    assert secret[: rules.HINT] in listed
    with db.read() as session:
        row = session.scalars(select(AccessToken)).one()
        kept = " ".join(
            str(value) for value in session.execute(text("SELECT * FROM access_token")).one()
        )
        told = session.scalars(select(History).where(History.act == "token_made")).one()
    assert (row.digest, row.scopes) == (tokens.digest(secret), ["read", "write"])
    assert secret not in kept
    assert secret not in str(told.changes)
    assert Program(app.test_client(), secret).told("GET", "/")["scopes"] == ["read", "write"]  # type: ignore[arg-type]
    browser.submit("/admin/tokens/revoke", {"which": str(row.id)}, page="/admin/tokens/")
    assert Program(browser, secret).ask("GET", "/").status_code == 401


def test_the_form_names_what_is_wrong(app: Flask, db: Database, clock: FixedClock) -> None:
    author = team.join(db, "Max", AUTHOR, now=clock())
    browser = team.browser(app, db, author, now=clock())
    assert "Publish, withdraw and cancel" not in browser.get("/admin/tokens/new").text
    for fields in (
        {"name": "", "scopes": ["read"], "days": "30"},
        {"name": "Website", "scopes": ["publish"], "days": "30"},
        {"name": "Website", "scopes": ["read"], "days": "367"},
        {"name": "Website", "scopes": ["read"], "days": "soon"},
    ):
        assert browser.submit("/admin/tokens/new", fields).status_code == 422


def test_one_ends_only_one_s_own_and_administrators_end_any(
    app: Flask, db: Database, clock: FixedClock
) -> None:
    ana, eva = (team.join(db, name, EDITOR, now=clock()) for name in ("Ana", "Eva"))
    boss = team.join(db, "Ada", ADMINISTRATOR, now=clock())
    secret = token(db, ana, now=clock())
    with db.read() as session:
        number = str(session.scalars(select(AccessToken.id)).one())
    hers = team.browser(app, db, eva, now=clock())
    token(db, eva, now=clock())
    sent = hers.submit("/admin/tokens/revoke", {"which": number}, page="/admin/tokens/")
    assert sent.status_code == 404
    chief = team.browser(app, db, boss, now=clock())
    assert "Ana" in chief.get("/admin/accounts/tokens").text
    path = "/admin/accounts/tokens"
    chief.submit(f"{path}/revoke", {"which": number}, page=path)
    assert Program(hers, secret).ask("GET", "/").status_code == 401


@pytest.fixture
def ana(app: Flask, db: Database, editor: Actor, clock: FixedClock) -> Program:
    return program(app, db, editor, now=clock(), days=1)


def change(db: Database, person: Actor, role: str, clock: FixedClock) -> None:
    with db.begin() as session:
        held = session.get_one(Account, person.id)
        edit = AccountEdit(email=held.email, name=held.name, role=role)
        accounts.change(session, held.id, edit, actor=SYSTEM, now=clock())


def test_it_is_good_for_no_more_than_its_account_is_now(
    ana: Program, db: Database, editor: Actor, clock: FixedClock
) -> None:
    uid = ana.told("POST", "/calls", CALL)["about"]["uid"]
    change(db, editor, AUTHOR, clock)
    assert ana.ask("POST", f"/calls/{uid}/publish").status_code == 403
    assert ana.ask("POST", "/clusters", {"texts": {"en": {"name": "Wood"}}}).status_code == 403
    assert ana.told("GET", f"/calls/{uid}")["about"]["state"] == "draft"
    clock.advance(days=1)
    ended = ana.ask("GET", "/")
    assert (ended.status_code, ended.headers["WWW-Authenticate"]) == (
        401, 'Bearer error="invalid_token"'
    )  # fmt: skip


def test_a_shut_account_s_tokens_end_and_stay_ended(
    ana: Program, db: Database, editor: Actor, clock: FixedClock
) -> None:
    assert editor.id is not None
    with db.begin() as session:
        accounts.shut(session, editor.id, actor=SYSTEM, now=clock())
    assert ana.ask("GET", "/").status_code == 401
    with db.begin() as session:
        accounts.open_again(session, editor.id, actor=SYSTEM, now=clock())
    assert ana.ask("GET", "/").status_code == 401


def test_it_comes_in_its_header_and_from_nowhere_else(
    app: Flask, ana: Program, db: Database, editor: Actor, clock: FixedClock
) -> None:
    browser = team.browser(app, db, editor, now=clock())
    signed_in = Program(browser, "")
    refused = signed_in.ask("GET", "/", Authorization="")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Set-Cookie" not in refused.headers
    assert "Set-Cookie" not in ana.ask("GET", "/").headers
    assert ana.ask("GET", f"/?access_token={ana.secret}").status_code == 422
    assert ana.ask("GET", "/", Authorization=f"Basic {ana.secret}").status_code == 401
    assert ana.ask("GET", "/").headers["Cache-Control"] == "no-store"


def test_where_the_site_asks_for_a_second_step_it_waits_for_it(
    ana: Program, settings: Settings, db: Database, editor: Actor, clock: FixedClock
) -> None:
    strict = create_app(replace(settings, second_step="everyone"), clock=clock)
    strict.test_client_class = Browser
    mine = Program(strict.test_client(), ana.secret)  # type: ignore[arg-type]
    assert mine.ask("GET", "/").status_code == 403
    with db.begin() as session:
        session.get_one(Account, editor.id).totp_since = clock()
    assert mine.ask("GET", "/").status_code == 200
    strict.extensions["feedsvc"].db.close()


def test_it_may_ask_so_often_and_no_more(ana: Program, db: Database, clock: FixedClock) -> None:
    ana.told("GET", "/")
    with db.begin() as session:
        row = session.scalars(select(AccessToken)).one()
        row.counted = rules.REQUESTS
    clock.advance(seconds=20)
    refused = ana.ask("GET", "/")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
    clock.advance(seconds=40)
    ana.told("GET", "/")
    with db.read() as session:
        row = session.scalars(select(AccessToken)).one()
        assert (row.counted, row.last_used_on) == (1, clock().date())


def test_the_same_key_gets_the_same_answer_for_a_day(
    ana: Program, db: Database, clock: FixedClock
) -> None:
    first = ana.ask("POST", "/calls", CALL, key="a-1")
    again = ana.ask("POST", "/calls", CALL, key='"a-1"')
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (
        None, "true"
    )  # fmt: skip
    assert len(ana.told("GET", "/calls")["items"]) == 1
    other = ana.ask("POST", "/calls", {**CALL, "edition": "2"}, key="a-1")
    assert [one["field"] for one in other.get_json()["errors"]] == ["Idempotency-Key"]
    for key in ("", "x" * 201):
        assert ana.ask("POST", "/calls", CALL, key=key).status_code == 422
    wrong = ana.ask("POST", "/calls", {}, key="a-2")
    assert wrong.status_code == 422
    assert ana.ask("POST", "/calls", CALL, key="a-2").status_code == 201, "nothing was kept of it"
    clock.advance(hours=24)
    with db.begin() as session:
        session.scalars(select(AccessToken)).one().expires_at += timedelta(days=1)
        changes.purge(session, now=clock())
        assert session.scalars(select(KeptAnswer)).all() == []
    assert ana.ask("POST", "/calls", CALL, key="a-1").get_json() != first.get_json()


def test_what_is_too_large_or_of_another_kind_is_refused(ana: Program) -> None:
    assert ana.ask("POST", "/calls", {"x": "y" * 1_000_001}).status_code == 413
    form = ana.browser.post(
        "/api/editor/v1/calls", data={"title": "x"},
        headers={"Authorization": f"Bearer {ana.secret}"},
    )  # fmt: skip
    assert form.status_code == 415
    assert ana.ask("GET", "/calls", {"q": "x"}).status_code == 422
