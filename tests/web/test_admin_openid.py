"""Signing in with a provider: an account is linked, opened, confirmed and unlinked; what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedsvc.app import create_app
from feedsvc.auth import codes
from feedsvc.auth.models import Account, History, OpenidLink
from feedsvc.auth.openid.provider import Provider
from feedsvc.auth.rules import Actor
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.support import team
from tests.support.client import SESSION_COOKIE, Browser
from tests.support.clock import FixedClock
from tests.support.openid import CLIENT, SECRET, OpenidHouse
from tests.web.admin_forms import send

START = "/admin/openid/start"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings, openid_issuer="https://login.example", openid_client_id=CLIENT,
        openid_client_secret=SECRET, openid_label="Agency Login",
    )  # fmt: skip


@pytest.fixture
def house(settings: Settings, clock: FixedClock) -> OpenidHouse:
    return OpenidHouse(settings.openid_issuer, clock)


@pytest.fixture
def app(
    settings: Settings, clock: FixedClock, house: OpenidHouse, _compiled: FileSystemBytecodeCache
) -> Iterator[Flask]:
    app = create_app(settings, clock=clock, provider=Provider(settings, transport=house))
    app.jinja_env.bytecode_cache = _compiled
    app.testing = True
    app.test_client_class = Browser
    yield app
    app.extensions["feedsvc"].db.close()


@pytest.fixture
def zoe(db: Database, now: datetime) -> Actor:
    return team.join(db, "Zoe", now=now)


@pytest.fixture
def at_work(app: Flask, db: Database, zoe: Actor, now: datetime) -> Browser:
    return team.browser(app, db, zoe, now=now)


def go(browser: Browser, house: OpenidHouse, way: str = START) -> TestResponse:
    """Follow the link, agree at the provider, and come back."""
    return browser.get(local(house.agree(browser.get(way).headers["Location"])))


def local(address: str) -> str:
    parts = urlsplit(address)
    assert parts.netloc == "agency.example"
    return f"{parts.path}?{parts.query}"


def linked(browser: Browser, house: OpenidHouse) -> TestResponse:
    page = go(browser, house, "/admin/openid/link")
    assert "you are zoe@login.example there" in page.text
    return send(browser, "/admin/openid/keep", page)


def test_a_linked_account_is_opened_and_led_to_the_page_that_was_wanted(
    at_work: Browser, client: Browser, house: OpenidHouse, db: Database
) -> None:
    assert linked(at_work, house).headers["Location"] == "/admin/openid"
    shown = at_work.get("/admin/openid").text
    assert "From now on Agency Login signs you in." in shown
    assert "zoe@login.example" in shown
    assert "Sign in with Agency Login" in client.get("/admin/sign-in").text
    client.set_cookie(SESSION_COOKIE, "chosen by a stranger", domain="agency.example", secure=True)
    answer = go(client, house, f"{START}?next=/admin/calls/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/calls/")
    cookie = client.get_cookie(SESSION_COOKIE, domain="agency.example")
    assert cookie is not None
    assert cookie.value != "chosen by a stranger"
    assert client.get("/admin/").status_code == 200
    with db.read() as session:
        assert session.scalars(select(OpenidLink.used_at)).one() is not None
        acts = list(session.scalars(select(History.act).order_by(History.id)))
        assert acts[-2:] == ["openid_linked", "signed_in"]
        [last] = session.scalars(select(History).order_by(History.id.desc()).limit(1))
        assert last.changes == {"way": [None, "Agency Login"]}


def test_whom_nobody_has_linked_is_told_how_whatever_their_address(
    client: Browser, house: OpenidHouse, zoe: Actor, db: Database
) -> None:
    house.email = (
        "zoe@agency.example"  # the address of the account; the provider even vouches for it
    )
    house.claims = {"email_verified": True}
    answer = go(client, house)
    assert answer.status_code == 401
    assert "No account here is linked" in answer.text
    assert "link it under your name" in answer.text
    assert client.get("/admin/").status_code == 303
    with db.read() as session:
        assert len(session.scalars(select(Account)).all()) == 1


def test_the_code_of_the_second_step_is_still_asked_for(
    at_work: Browser, client: Browser, house: OpenidHouse, db: Database, zoe: Actor,
    settings: Settings, clock: FixedClock,
) -> None:  # fmt: skip
    linked(at_work, house)
    with db.begin() as session:
        account = session.get_one(Account, zoe.id)
        account.totp_salt, account.totp_since = "salt", clock()
    page = go(client, house, f"{START}?next=/admin/calls/")
    assert "Agency Login knows you. Now the code" in page.text
    assert client.get("/admin/").status_code == 303
    secret = codes.secret(settings.secret_key, "salt")
    answer = send(client, "/admin/code", page, code=code(secret, clock()))
    assert answer.headers["Location"] == "/admin/calls/"
    with db.read() as session:
        [last] = session.scalars(select(History).order_by(History.id.desc()).limit(1))
        assert last.changes == {"way": [None, "Agency Login"]}
    # And to confirm takes both as well.
    clock.advance(hours=1)
    page = go(client, house, "/admin/openid/confirm?next=/admin/passkeys")
    assert 'name="password"' not in page.text
    assert 'action="/admin/confirm"' in page.text  # it stands at the address of the way back
    assert client.get("/admin/passkeys").status_code == 303
    assert send(client, "/admin/confirm", page, code="000000").status_code == 401
    forged = send(client, "/admin/confirm", page, code=code(secret, clock()), proof="x.y")
    assert forged.status_code == 401
    answer = send(client, "/admin/confirm", page, code=code(secret, clock()))
    assert answer.headers["Location"] == "/admin/passkeys"
    assert client.get("/admin/passkeys").status_code == 200


def code(secret: str, now: datetime) -> str:
    return codes.TOTP(secret).at(now)


def test_a_provider_that_asks_anew_confirms_and_no_other(
    at_work: Browser, house: OpenidHouse, clock: FixedClock
) -> None:
    linked(at_work, house)
    clock.advance(hours=1)
    assert "/admin/confirm" in at_work.get("/admin/passkeys").headers["Location"]
    assert "Let Agency Login ask you" in at_work.get("/admin/confirm").text
    house.claims = {"auth_time": int(clock().timestamp()) - 3600}
    refused = go(at_work, house, "/admin/openid/confirm?next=/admin/passkeys")
    assert refused.status_code == 401
    assert "does not say that it asked you just now" in refused.text
    house.claims = {"sub": "somebody else"}
    refused = go(at_work, house, "/admin/openid/confirm")
    assert "not the account of Agency Login" in refused.text
    assert at_work.get("/admin/passkeys").status_code == 303
    house.claims = {}
    answer = go(at_work, house, "/admin/openid/confirm?next=/admin/passkeys")
    assert answer.headers["Location"] == "/admin/passkeys"
    assert at_work.get("/admin/passkeys").status_code == 200


def test_an_answer_is_good_in_its_own_browser_and_once(
    app: Flask, at_work: Browser, client: Browser, house: OpenidHouse
) -> None:
    linked(at_work, house)
    back = local(house.agree(client.get(START).headers["Location"]))
    other = app.test_client()
    assert isinstance(other, Browser)
    for browser, address in (
        (other, back),  # one that began nothing
        (
            client,
            back.replace("state=", "state=x"),
        ),  # a state that is not this browser's (the cookie ends with it)
        (client, back),
    ):
        refused = browser.get(address)
        assert refused.status_code == 400
        assert "has ended, or was begun in another browser" in refused.text
    back = local(house.agree(client.get(START).headers["Location"]))
    assert client.get(back).status_code == 303
    other.get(START)
    assert other.get(back).status_code == 400


def test_a_stranger_cannot_have_their_own_account_linked_or_take_the_page_along(
    app: Flask, at_work: Browser, house: OpenidHouse, db: Database, now: datetime
) -> None:
    ben = team.browser(app, db, team.join(db, "Ben", now=now), now=now)
    theirs = local(house.agree(ben.get("/admin/openid/link").headers["Location"]))
    assert at_work.get(theirs).status_code == 400  # Ben's answer in Zoe's browser
    page = ben.get(theirs)
    assert page.status_code == 200
    own = go(at_work, house, "/admin/openid/link")
    which = page.text.partition('name="which" value="')[2].partition('"')[0]
    assert send(at_work, "/admin/openid/keep", own, which=which).status_code == 400
    with db.read() as session:
        assert session.scalars(select(OpenidLink)).all() == []
    assert send(ben, "/admin/openid/keep", page).status_code == 303
    taken = send(at_work, "/admin/openid/keep", go(at_work, house, "/admin/openid/link"))
    assert taken.status_code == 409


def test_a_link_that_is_taken_away_and_an_account_that_is_shut_open_nothing(
    at_work: Browser, client: Browser, house: OpenidHouse, db: Database, zoe: Actor, now: datetime
) -> None:
    linked(at_work, house)
    with db.begin() as session:
        session.get_one(Account, zoe.id).disabled_at = now
    assert go(client, house).status_code == 401
    with db.begin() as session:
        session.get_one(Account, zoe.id).disabled_at = None
        number = session.scalars(select(OpenidLink.id)).one()
    page = at_work.get("/admin/openid")
    assert send(at_work, "/admin/openid/remove", page, which=number + 1).status_code == 404
    assert send(at_work, "/admin/openid/remove", page, which=number).status_code == 303
    assert go(client, house).status_code == 401
    assert at_work.get("/admin/").status_code == 200


def test_no_way_leads_out_of_the_admin(
    at_work: Browser, client: Browser, house: OpenidHouse
) -> None:
    linked(at_work, house)
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "x"):
        answer = at_work.get(START, query_string={"next": wanted})
        assert answer.headers["Location"] == "/admin/"
    there = client.get(START, query_string={"next": "https://evil.example/"}).headers["Location"]
    assert client.get(local(house.agree(there))).headers["Location"] == "/admin/"


def test_a_provider_that_is_away_leaves_the_password(
    client: Browser, house: OpenidHouse, zoe: Actor
) -> None:
    back = local(house.agree(client.get(START).headers["Location"]))
    house.is_down = True
    answer = client.get(back)
    assert answer.status_code == 503
    assert "Agency Login does not answer at the moment" in answer.text
    form = {"email": "zoe@agency.example", "password": team.PASSWORD}
    assert send(client, "/admin/sign-in", answer, **form).status_code == 303


def test_tries_are_counted_and_a_refusal_at_the_provider_is_said(
    client: Browser, house: OpenidHouse, zoe: Actor
) -> None:
    for number in range(11):
        back = local(house.agree(client.get(START).headers["Location"]))
        state = back.partition("state=")[2].partition("&")[0]
        answer = client.get(f"/admin/openid/back?error=access_denied&state={state}")
        assert answer.status_code == (401 if number < 10 else 429)
    assert "Too many attempts" in answer.text
