"""The address of one's own feed, on the page of one's subscriptions: made, shown once, ended."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes, links, private_feeds, queries
from feedsvc.subscriptions.changes import Wish
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.readers import READER, follow

SECRET = re.compile(r"https://agency\.example(?:/fr|/de)?/own/([0-9a-f]{32})/")


@pytest.fixture
def manage(db: Database, settings: Settings) -> str:
    """The page of a reader who follows everything."""
    with db.begin() as session:
        reader = follow(session, settings)
        return f"/manage/{links.manage_token(settings, reader.uid)}"


def addresses(answer: TestResponse) -> list[str]:
    shown: list[str] = html.fromstring(answer.text).xpath("//input[@readonly]/@value")
    return shown


def form(answer: TestResponse) -> dict[str, str]:
    word = html.fromstring(answer.text).xpath("//section[@id='own']//input[@name='form']/@value")[0]
    return {"act": "feed", "form": word}


def begun(db: Database) -> object:
    with db.read() as session:
        reader = queries.by_address(session, READER)
        assert reader is not None
        return private_feeds.begun_at(session, reader)


def test_the_button_shows_every_form_of_the_address(client: Browser, manage: str) -> None:
    answer = client.submit(manage, {"act": "feed"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    base = f"https://agency.example/own/{SECRET.findall(answer.text)[0]}"
    assert addresses(answer) == [
        f"{base}/feed.atom", f"{base}/feed.rss", f"{base}/feed.json", f"{base}/calendar.ics",
    ]  # fmt: skip
    assert f"webcal{base.removeprefix('https')}/calendar.ics" in answer.text
    assert "shown only this once" in answer.text


def test_the_address_is_shown_once_and_its_day_ever_after(client: Browser, manage: str) -> None:
    assert "Make my address" in client.get(manage).text
    client.submit(manage, {"act": "feed"})
    page = client.get(manage)
    assert addresses(page) == []
    assert "Your address was made on 2 March 2026." in page.text
    assert "Make a new address (ends the old one)" in page.text


def test_the_page_speaks_of_addresses_in_its_own_language(client: Browser, manage: str) -> None:
    answer = client.submit(f"/fr{manage}", {"act": "feed"})
    assert all(one.startswith("https://agency.example/fr/own/") for one in addresses(answer))
    assert "Votre adresse" in client.get(f"/fr{manage}").text
    assert "Ihre Adresse" in client.get(f"/de{manage}").text


def test_a_page_that_is_loaded_again_makes_nothing_anew(client: Browser, manage: str) -> None:
    sent = form(client.get(manage))
    first = client.post(manage, data=sent)
    assert addresses(client.post(manage, data=sent)) == addresses(first)


def test_the_next_press_of_the_button_makes_a_new_address(client: Browser, manage: str) -> None:
    first = client.submit(manage, {"act": "feed"})
    second = client.post(manage, data=form(first))
    assert set(addresses(first)).isdisjoint(addresses(second))
    assert addresses(client.post(manage, data=form(first))) == addresses(second)


def test_an_old_page_that_is_loaded_again_brings_no_address_back(
    client: Browser, db: Database, manage: str, clock: FixedClock
) -> None:
    old = form(client.get(manage))
    client.post(manage, data=old)
    client.post(manage, data={"act": "feed-end"})
    answer = client.post(manage, data=old)
    assert answer.status_code == 200
    assert addresses(answer) == []
    assert begun(db) is None


def test_the_address_ends_by_a_button(client: Browser, db: Database, manage: str) -> None:
    client.submit(manage, {"act": "feed"})
    answer = client.submit(manage, {"act": "feed-end"})
    assert answer.status_code == 303
    assert begun(db) is None
    page = client.get(answer.headers["Location"]).text
    assert "Your own feed has ended." in page
    assert "Make my address" in page


def test_what_was_done_before_is_not_said_of_the_address(client: Browser, manage: str) -> None:
    assert "Saved." not in client.post(f"{manage}?done=save", data={"act": "feed"}).text


def test_looking_at_the_page_makes_nothing(client: Browser, db: Database, manage: str) -> None:
    for _ in range(2):
        client.get(manage)
        client.head(manage)
    assert begun(db) is None


def test_nobody_gets_an_address_who_has_not_said_yes(
    client: Browser, db: Database, settings: Settings, clock: FixedClock
) -> None:
    wish = Wish(email=READER, offsets=(7,), language="en", page="/subscribe", filter=Filter())
    with db.begin() as session:
        changes.request_subscription(session, wish, settings=settings, now=clock())
        reader = queries.by_address(session, READER)
        assert reader is not None
        path = f"/manage/{links.manage_token(settings, reader.uid)}"
    assert "Your own feed" not in client.get(path).text
    assert addresses(client.post(path, data={"act": "feed", "form": "a"})) == []
    assert begun(db) is None


def test_who_has_just_confirmed_learns_of_it(
    client: Browser, db: Database, settings: Settings
) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
        token = links.confirm_token(settings, reader.uid, now=reader.created_at)
    answer = client.post(f"/confirm/{token}")
    assert f"/manage/{links.manage_token(settings, reader.uid)}#own" in answer.text


def test_a_failure_is_logged_without_the_secret_of_its_address(
    app: Flask, client: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(token: str) -> str:
        raise RuntimeError("the disk is full")

    endpoint, _ = app.url_map.bind("agency.example").match("/confirm/the-secret")
    app.view_functions[endpoint] = fail
    assert client.get("/confirm/the-secret").status_code == 500
    assert "GET /confirm/<token> failed" in caplog.text
    assert "the-secret" not in caplog.messages[-1]
