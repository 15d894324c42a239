"""The second step, where one is signed in, and who it is asked once more: as people meet them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask
from pyotp import TOTP
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedsvc.app import create_app
from feedsvc.auth.models import Account, History, RecoveryCode, WebSession
from feedsvc.auth.rules import ADMINISTRATOR, Actor
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.web.admin_forms import send, value

ZOE = {"email": "zoe@agency.example", "password": team.PASSWORD}


@pytest.fixture
def zoe(db: Database, now: datetime) -> Actor:
    return team.join(db, "Zoe", ADMINISTRATOR, now=now)


@pytest.fixture
def at_work(app: Flask, db: Database, zoe: Actor, now: datetime) -> Browser:
    return team.browser(app, db, zoe, now=now)


def secret_of(page: TestResponse) -> str:
    found = re.search(r"<code>([A-Z2-7 ]{39})</code>", page.text)
    assert found is not None
    return found[1].replace(" ", "")


def code(secret: str, clock: FixedClock) -> str:
    return TOTP(secret).at(clock())


def turned_on(browser: Browser, clock: FixedClock) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    secret = secret_of(browser.get("/admin/two-step"))
    answer = browser.submit("/admin/two-step", {"code": code(secret, clock)})
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<li><code>([a-z0-9-]{19})</code>", answer.text)


def sign_in(browser: Browser) -> TestResponse:
    return browser.submit("/admin/sign-in", ZOE)


def test_with_a_second_step_a_password_alone_opens_nothing(
    at_work: Browser, client: Browser, clock: FixedClock
) -> None:
    secret, _ = turned_on(at_work, clock)
    used = code(secret, clock)
    page = sign_in(client)
    assert page.status_code == 200
    assert client.get("/admin/").status_code == 303
    assert send(client, "/admin/code", page, code=used).status_code == 401  # it turned it on
    clock.advance(seconds=30)
    fresh = code(secret, clock)
    assert send(client, "/admin/code", page, code=f"{fresh[:3]} {fresh[3:]}").status_code == 303
    assert client.get("/admin/").status_code == 200
    again = client.application.test_client()
    assert isinstance(again, Browser)
    assert send(again, "/admin/code", sign_in(again), code=fresh).status_code == 401


def test_what_was_typed_outlives_both_steps(
    at_work: Browser, client: Browser, clock: FixedClock
) -> None:
    secret, _ = turned_on(at_work, clock)
    clock.advance(seconds=30)
    page = client.post("/admin/news/new", data={"texts-en-title": "Heat twice"})
    page = send(client, "/admin/sign-in", page, **ZOE)
    assert value(page, "texts-en-title") == "Heat twice"
    page = send(client, "/admin/code", page, code="000000")
    assert value(page, "texts-en-title") == "Heat twice"
    answer = send(client, "/admin/code", page, code=code(secret, clock))
    assert answer.status_code == 307  # a browser sends the same once more, to:
    assert answer.headers["Location"] == "/admin/news/new"


def test_a_recovery_code_works_once(
    at_work: Browser, app: Flask, db: Database, clock: FixedClock
) -> None:
    _, recovery = turned_on(at_work, clock)
    assert len(set(recovery)) == 10
    with db.read() as session:
        kept = session.scalars(select(RecoveryCode.digest)).all()
    assert not set(kept) & {one.replace("-", "") for one in recovery}
    for status in (303, 401):
        browser = app.test_client()
        assert isinstance(browser, Browser)
        answer = send(browser, "/admin/code", sign_in(browser), code=recovery[0].upper())
        assert answer.status_code == status


def test_codes_are_tried_five_times_whatever_browser_they_come_from(
    at_work: Browser, app: Flask, clock: FixedClock
) -> None:
    secret, _ = turned_on(at_work, clock)
    clock.advance(minutes=6)  # what was counted then is over
    for number in range(6):
        browser = app.test_client()
        assert isinstance(browser, Browser)
        answer = send(browser, "/admin/code", sign_in(browser), code="000000")
        assert answer.status_code == (401 if number < 5 else 429)
    assert answer.headers["Retry-After"] == "300"
    assert send(browser, "/admin/code", answer, code=code(secret, clock)).status_code == 429


def test_no_code_is_asked_of_who_did_not_give_the_password(
    at_work: Browser, client: Browser, clock: FixedClock
) -> None:
    secret, _ = turned_on(at_work, clock)
    page = client.get("/admin/sign-in")
    clock.advance(seconds=30)
    answer = send(client, "/admin/code", page, code=code(secret, clock))
    assert answer.headers["Location"] == "/admin/sign-in"
    page = sign_in(client)
    clock.advance(minutes=11)
    answer = send(client, "/admin/code", page, code=code(secret, clock))
    assert answer.headers["Location"] == "/admin/sign-in"


def test_turning_it_on_signs_other_browsers_out_and_is_in_the_log(
    at_work: Browser, app: Flask, db: Database, zoe: Actor, clock: FixedClock
) -> None:
    other = team.browser(app, db, zoe, now=clock())
    turned_on(at_work, clock)
    assert other.get("/admin/").status_code == 303
    assert at_work.get("/admin/").status_code == 200
    with db.read() as session:
        assert (
            session.scalars(select(History.act).order_by(History.id)).all()[-1] == "second_step_on"
        )


def test_who_must_have_a_second_step_is_led_to_it_first(
    settings: Settings, db: Database, zoe: Actor, clock: FixedClock
) -> None:
    app = create_app(replace(settings, second_step="administrators"), clock=clock)
    app.test_client_class = Browser
    browser = team.browser(app, db, zoe, now=clock())
    assert browser.get("/admin/news/").headers["Location"] == "/admin/two-step"
    turned_on(browser, clock)
    assert browser.get("/admin/news/").status_code == 200
    answer = browser.submit("/admin/two-step/off", {}, page="/admin/two-step")
    assert answer.status_code == 409
    app.extensions["feedsvc"].db.close()


def test_what_is_dangerous_asks_once_more_after_ten_minutes(
    at_work: Browser, db: Database, zoe: Actor, clock: FixedClock
) -> None:
    assert at_work.get(f"/admin/accounts/{zoe.id}").status_code == 200
    clock.advance(minutes=10)
    page = at_work.get("/admin/password")  # nothing dangerous: it asks for the password itself
    assert page.status_code == 200
    answer = at_work.get(f"/admin/accounts/{zoe.id}")
    assert answer.headers["Location"] == f"/admin/confirm?next=/admin/accounts/{zoe.id}"
    answer = at_work.submit(f"/admin/accounts/{zoe.id}/shut", {}, page="/admin/password")
    assert answer.headers["Location"].startswith("/admin/confirm?")
    with db.read() as session:
        assert session.get_one(Account, zoe.id).disabled_at is None
    wrong = at_work.submit("/admin/confirm", {"password": "guess"})
    assert wrong.status_code == 401
    asked = at_work.get(answer.headers["Location"])
    right = send(at_work, "/admin/confirm", asked, password=team.PASSWORD)
    assert right.headers["Location"] == f"/admin/accounts/{zoe.id}/shut"
    assert at_work.get(right.headers["Location"]).status_code == 200


def test_a_form_that_has_no_page_leads_back_to_the_one_above(
    at_work: Browser, zoe: Actor, clock: FixedClock
) -> None:
    clock.advance(minutes=10)
    answer = at_work.submit(f"/admin/accounts/{zoe.id}/open", {}, page="/admin/password")
    assert answer.headers["Location"] == f"/admin/confirm?next=/admin/accounts/{zoe.id}"


def test_confirming_asks_for_the_code_too(at_work: Browser, clock: FixedClock) -> None:
    secret, _ = turned_on(at_work, clock)
    clock.advance(minutes=10)
    only = at_work.submit("/admin/confirm", {"password": team.PASSWORD})
    assert only.status_code == 401
    both = {"password": team.PASSWORD, "code": code(secret, clock)}
    assert at_work.submit("/admin/confirm", both).status_code == 303
    assert at_work.submit("/admin/two-step/off", {}, page="/admin/two-step").status_code == 303
    assert "Turn it on" in at_work.get("/admin/two-step").text


def test_sessions_are_listed_and_ended_from_another_one(
    at_work: Browser, client: Browser, app: Flask, db: Database, now: datetime
) -> None:
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    client.submit("/admin/sign-in", ZOE, headers=agent)
    page = at_work.get("/admin/sessions")
    assert "Firefox on Linux" in page.text
    assert "127.0.0.1" in page.text
    stranger = team.browser(app, db, team.join(db, "Max", now=now), now=now)
    with db.read() as session:
        which = session.scalars(
            select(WebSession.digest).where(WebSession.agent.contains("Firefox"))
        ).one()
    stranger.submit("/admin/sessions/end", {"which": which}, page="/admin/sessions")
    assert client.get("/admin/").status_code == 200  # nobody ends a stranger's
    at_work.submit("/admin/sessions/end", {"which": which}, page="/admin/sessions")
    assert client.get("/admin/").status_code == 303
    client.submit("/admin/sign-in", ZOE)
    at_work.submit("/admin/sessions/end", {"which": "others"}, page="/admin/sessions")
    assert client.get("/admin/").status_code == 303
    assert at_work.get("/admin/").status_code == 200
