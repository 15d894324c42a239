"""Passkeys: made, used to sign in and to show that it is oneself, taken away; and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedsvc.auth.models import Account, History, Passkey
from feedsvc.auth.rules import Actor
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.support import team
from tests.support.authenticator import PRESENT, Device
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.web.admin_forms import send


@pytest.fixture
def zoe(db: Database, now: datetime) -> Actor:
    return team.join(db, "Zoe", now=now)


@pytest.fixture
def at_work(app: Flask, db: Database, zoe: Actor, now: datetime) -> Browser:
    return team.browser(app, db, zoe, now=now)


@pytest.fixture
def device(settings: Settings) -> Device:
    return Device(settings.base_url, settings.host)


def options(page: TestResponse, which: str) -> str:
    [found] = html.fromstring(page.text).xpath(f"//form[@data-{which}]/@data-{which}")
    return str(found)


def added(browser: Browser, device: Device, name: str = "Telephone") -> Device:
    page = browser.get("/admin/passkeys")
    owned, answer = device.make(options(page, "make"))
    done = send(browser, "/admin/passkeys/add", page, name=name, passkey=answer)
    assert done.status_code == 303, done.text
    return owned


def sign_in(browser: Browser, device: Device, *, asked: str = "") -> TestResponse:
    page = browser.get("/admin/sign-in")
    answer = device.sign(asked or options(page, "ask"))
    return send(browser, "/admin/passkey", page, passkey=answer)


def test_a_passkey_signs_in_and_is_noted(
    at_work: Browser, client: Browser, device: Device, db: Database
) -> None:
    mine = added(at_work, device)
    assert client.get("/admin/").status_code == 303
    assert sign_in(client, replace(mine, count=1)).status_code == 303
    assert client.get("/admin/").status_code == 200
    with db.read() as session:
        [kept] = session.scalars(select(Passkey))
        assert (kept.name, kept.signatures) == ("Telephone", 1)
        assert kept.used_at is not None
        acts = list(session.scalars(select(History.act).order_by(History.id)))
        assert acts[-2:] == ["passkey_added", "signed_in"]


def test_it_stands_for_the_code_of_the_second_step_too(
    at_work: Browser, client: Browser, device: Device, db: Database, zoe: Actor, now: datetime
) -> None:
    mine = added(at_work, device)
    with db.begin() as session:
        account = session.get_one(Account, zoe.id)
        account.totp_salt, account.totp_since = "salt", now
    sign_in(client, mine)
    assert client.get("/admin/").status_code == 200


def test_it_shows_that_it_is_oneself(at_work: Browser, device: Device, clock: FixedClock) -> None:
    mine = added(at_work, device)
    clock.advance(hours=1)
    assert "/admin/confirm" in at_work.get("/admin/passkeys").headers["Location"]
    page = at_work.get("/admin/confirm?next=/admin/passkeys")
    answer = mine.sign(options(page, "ask"))
    done = send(at_work, "/admin/confirm", page, passkey=answer)
    assert done.headers["Location"] == "/admin/passkeys"
    assert at_work.get("/admin/passkeys").status_code == 200


def test_that_of_another_person_does_not_show_that_it_is_oneself(
    app: Flask, at_work: Browser, device: Device, db: Database, clock: FixedClock, now: datetime
) -> None:
    ben = team.browser(app, db, team.join(db, "Ben", now=now), now=now)
    added(ben, device)
    mine = added(at_work, Device(device.origin, device.host))
    clock.advance(hours=1)
    page = ben.get("/admin/confirm")
    answer = mine.sign(options(page, "ask"))
    assert send(ben, "/admin/confirm", page, passkey=answer).status_code == 401


def test_one_that_is_taken_away_signs_nobody_in(
    at_work: Browser, client: Browser, device: Device, db: Database
) -> None:
    mine = added(at_work, device)
    page = at_work.get("/admin/passkeys")
    with db.read() as session:
        number = session.scalars(select(Passkey.id)).one()
    assert send(at_work, "/admin/passkeys/remove", page, which=number).status_code == 303
    assert sign_in(client, mine).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://agency.example.evil.example"},
        {"host": "evil.example"},
        {"flags": PRESENT},  # nobody showed a finger, a face or a PIN
        {"owner": "c29tZWJvZHk"},
        {"owner": "****"},
        {"number": b"another"},
    ],
)
def test_what_another_site_or_person_would_bring_is_refused(
    at_work: Browser, client: Browser, device: Device, wrong: dict[str, object]
) -> None:
    mine = added(at_work, device)
    refused = sign_in(client, replace(mine, **wrong))  # type: ignore[arg-type]
    assert refused.status_code == 401
    assert "was not taken" in refused.text
    assert client.get("/admin/").status_code == 303


def test_a_challenge_belongs_to_one_browser_and_ends(
    app: Flask, at_work: Browser, client: Browser, device: Device, clock: FixedClock
) -> None:
    mine = added(at_work, device)
    other = app.test_client()
    assert isinstance(other, Browser)
    stolen = options(other.get("/admin/sign-in"), "ask")
    assert sign_in(client, mine, asked=stolen).status_code == 401
    old = options(client.get("/admin/sign-in"), "ask")
    clock.advance(minutes=16)
    assert sign_in(client, mine, asked=old).status_code == 401
    assert sign_in(client, mine).status_code == 303


def test_a_copy_that_has_signed_less_often_is_refused(
    at_work: Browser, client: Browser, device: Device
) -> None:
    mine = added(at_work, replace(device, count=4))
    assert sign_in(client, replace(mine, count=4)).status_code == 401
    assert sign_in(client, replace(mine, count=5)).status_code == 303


def test_who_is_shut_out_has_no_passkey(
    at_work: Browser, client: Browser, device: Device, db: Database, zoe: Actor, now: datetime
) -> None:
    mine = added(at_work, device)
    with db.begin() as session:
        session.get_one(Account, zoe.id).disabled_at = now - timedelta(days=1)
    assert sign_in(client, mine).status_code == 401


@pytest.mark.parametrize(
    "answer", ["", "{}", "null", "[]", "[" * 9000, '{"id": 1}', "x" * 20_000, '{"response": 1}']
)
def test_rubbish_is_refused_with_a_sentence(at_work: Browser, client: Browser, answer: str) -> None:
    page = at_work.get("/admin/passkeys")
    added = send(at_work, "/admin/passkeys/add", page, name="Mine", passkey=answer)
    assert added.status_code == 422
    assert "was not taken" in added.text
    page = client.get("/admin/sign-in")
    assert send(client, "/admin/passkey", page, passkey=answer).status_code == 401


def test_a_name_is_asked_for_and_one_passkey_is_kept_once(at_work: Browser, device: Device) -> None:
    page = at_work.get("/admin/passkeys")
    _, answer = device.make(options(page, "make"))
    nameless = send(at_work, "/admin/passkeys/add", page, name=" ", passkey=answer)
    assert nameless.status_code == 422
    added(at_work, device)
    again = send(at_work, "/admin/passkeys/add", page, name="Twice", passkey=answer)
    assert again.status_code == 409


def test_tries_are_counted(at_work: Browser, client: Browser, device: Device) -> None:
    mine = replace(added(at_work, device), host="evil.example")
    answers = [sign_in(client, mine).status_code for _ in range(11)]
    assert answers[0] == 401
    assert answers[-1] == 429
