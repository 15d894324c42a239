"""The first visit: an empty installation is set up by who has the server's code, and once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import html
from sqlalchemy import select

from feedsvc.app import create_app
from feedsvc.auth import sessions
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.models import Account
from feedsvc.auth.rules import ADMINISTRATOR
from feedsvc.db import Database
from feedsvc.errors import FeedsvcError, Gone, Invalid
from feedsvc.house import first_visit
from feedsvc.house.edits import Decided
from feedsvc.house.models import SetupCode
from feedsvc.settings import Settings
from feedsvc.web.admin.house import address
from tests.builders import make_news
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock

SITE = {
    "site_name": "Agence d’innovation", "languages": ["fr", "en"], "main": "fr",
    "timezone": "Europe/Paris", "mail_address": "calls@agence.example",
    "name": "Ana Weber", "email": "ana@agence.example", "password": "nine warm rivers",
}  # fmt: skip


def code_of(db: Database, now: object) -> str:
    with db.begin() as session:
        return first_visit.new_code(session, now)  # type: ignore[arg-type]


def problems(text: str) -> list[str]:
    return [str(line) for line in html.fromstring(text).xpath("//*[@id='problems']//a/@href")]


def test_an_empty_site_leads_to_the_form_and_is_then_set_up_everywhere_at_once(
    db: Database, client: Browser, clock: FixedClock
) -> None:
    for page in ("/", "/fr/", "/admin/", "/admin/sign-in", "/admin/calls/"):
        answer = client.get(page)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/setup"), page
    assert client.get("/feed.atom").status_code == 200  # a reader program is not led anywhere
    assert client.get("/fr/calls/").status_code == 200

    code = code_of(db, clock())
    answer = client.submit("/admin/setup", {**SITE, "code": "aaaa-bbbb", "password": "short"})
    assert answer.status_code == 422
    assert problems(answer.text) == ["#code"]  # a stranger learns nothing else
    assert "Agence d’innovation" in answer.text
    answer = client.submit("/admin/setup", {**SITE, "code": code, "password": "short", "name": ""})
    assert problems(answer.text) == ["#name", "#password"]

    answer = client.submit("/admin/setup", {**SITE, "code": f" {code.upper().replace('-', ' ')}"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/")
    assert "Ana Weber" in client.get("/admin/").text  # who sets it up is signed in
    home = client.get("/")
    assert html.fromstring(home.text).get("lang") == "fr"
    assert "Agence d’innovation" in home.text
    assert client.get("/en/calls/").status_code == 200
    assert client.get("/de/calls/").status_code == 404
    assert "<title>Agence d’innovation" in client.get("/feed.atom").text

    stranger = client.application.test_client()
    answer = stranger.get("/admin/setup", base_url="https://agency.example")
    assert answer.headers["Location"] == "/admin/sign-in"
    with db.read() as session:
        assert session.scalars(select(SetupCode)).all() == []
        assert session.scalars(select(Account.role)).all() == [ADMINISTRATOR]


def test_a_site_with_content_is_shown_though_nobody_has_an_account(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_news(session)
    assert client.get("/").status_code == 200
    assert client.get("/admin/").headers["Location"] == "/admin/setup"


def test_guessing_is_slowed_down(db: Database, client: Browser) -> None:
    sent = [client.submit("/admin/setup", {**SITE, "code": "x"}).status_code for _ in range(11)]
    assert sent == [422] * 10 + [429]


def begin(db: Database, settings: Settings, code: str, email: str, now: object) -> object:
    edit = AccountEdit(email=email, name="Somebody", role=ADMINISTRATOR)
    try:
        with db.begin() as session:
            return first_visit.begin(
                session,
                code,
                Decided(),
                edit,
                team.PASSWORD,
                settings=settings,
                now=now,  # type: ignore[arg-type]
            ).email
    except FeedsvcError as error:
        return type(error)


def test_of_two_with_a_code_each_one_is_first(
    db: Database, settings: Settings, clock: FixedClock
) -> None:
    codes = [code_of(db, clock()), code_of(db, clock())]
    with ThreadPoolExecutor(2) as pool:
        ends = list(
            pool.map(
                lambda n: begin(db, settings, codes[n], f"p{n}@agency.example", clock()), (0, 1)
            )
        )
    assert Gone in ends
    with db.read() as session:
        assert session.scalars(select(Account.email)).all() == [end for end in ends if end != Gone]


def test_a_code_ends_after_a_day_and_none_is_printed_once_there_is_an_account(
    db: Database, settings: Settings, clock: FixedClock
) -> None:
    code = code_of(db, clock())
    later = clock() + timedelta(days=1)
    assert begin(db, settings, code, "a@agency.example", later) is Invalid
    with db.begin() as session:
        first_visit.new_code(session, later)
        assert len(session.scalars(select(SetupCode)).all()) == 1  # the old one is gone
        assert code not in session.scalars(select(SetupCode.digest)).all()
    team.join(db, "Ana", now=clock())
    with pytest.raises(Gone), db.begin() as session:
        first_visit.new_code(session, later)


def test_an_address_that_leads_nowhere_is_said_wherever_it_matters(
    db: Database, settings: Settings, clock: FixedClock
) -> None:
    app = create_app(replace(settings, base_url="http://127.0.0.1:8000"), clock=clock)
    browser, seen = app.test_client(), "http://calls.agency.example:8000"
    line = f'base_url = "{seen}"'

    def said(page: str, **at: str) -> str:
        text = browser.get(page, **at).text
        assert "leads whoever follows them to their own machine" in text, page
        return text

    assert line in said("/admin/setup", base_url=seen)
    assert "base_url =" not in said("/admin/setup", base_url="http://localhost:8000")
    for host in ('evil.example"><script>', "u@evil.example", "evil.example\\x", "[::1"):
        with app.test_request_context("/", environ_overrides={"HTTP_HOST": host}):
            found = address.nowhere()
        assert found is not None
        assert re.fullmatch(r"(http://evil\.example)?", found.seen), found.seen
    person = team.join(db, "Boss", ADMINISTRATOR, now=clock())
    with db.begin() as session:
        secret = sessions.start(session, person.id, language="en", now=clock())
    browser.set_cookie("session", secret, domain="calls.agency.example")
    for page in ("/admin/settings/", "/admin/accounts/new"):
        assert line in said(page, base_url=seen)
    first = "Set the address at which readers find the site"
    assert first in browser.get("/admin/", base_url=seen).text
    app.extensions["feedsvc"].db.close()
