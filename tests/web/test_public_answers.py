"""How public pages are answered: headers, caches, methods, and where forms may come from."""

from __future__ import annotations

import gzip
import logging
from datetime import datetime

import pytest
from flask import Flask, Request
from werkzeug.test import EnvironBuilder

from feedsvc.auth.rules import Actor
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.news import changes
from feedsvc.settings import Settings
from feedsvc.web import security
from tests.builders import ANA, make_news, news_edit
from tests.support.client import Browser
from tests.support.clock import FixedClock

PAGES = ("/", "/fr/news/", "/calls/", "/clusters/", "/search?q=heat", "/feeds/", "/nowhere")
OTHERS = (
    "/robots.txt",
    "/sitemap.xml",
    "/favicon.svg",
    "/theme.css",
    "/static/site.css",
    "/healthz",
)


def test_every_answer_forbids_what_it_does_not_need_and_sets_no_cookie(client: Browser) -> None:
    for path in PAGES + OTHERS:
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert "Set-Cookie" not in headers
        assert "Cookie" not in headers.get("Vary", "")
        assert headers["Cache-Control"]


def test_head_is_answered_like_get_without_a_body(client: Browser) -> None:
    for path in PAGES + OTHERS:
        got, asked = client.get(path), client.head(path)
        assert (asked.status_code, asked.data) == (got.status_code, b""), path
        assert asked.headers["Content-Type"] == got.headers["Content-Type"]


def test_post_to_a_page_is_refused(client: Browser) -> None:
    for path in ("/", "/calls/", "/news/", "/feeds/", "/search"):
        answer = client.post(path, data={"a": "b"})
        assert answer.status_code == 405, path
        assert "GET" in answer.headers["Allow"]


def test_browser_that_has_the_page_gets_304_until_it_changes(
    db: Database, client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        item = make_news(session, "Waste heat")
    held = {"If-None-Match": client.get("/news/").headers["ETag"]}
    assert client.get("/news/", headers=held).status_code == 304
    with db.begin() as session:
        edit = news_edit(texts={"en": TextEdit(title="Waste heat used", body="Text.")})
        changes.edit_news(session, item.id, edit, actor=ANA, now=now)
    fresh = client.get("/news/", headers=held)
    assert fresh.status_code == 200
    assert "Waste heat used" in fresh.text


def test_shared_caches_keep_a_page_for_half_a_minute_at_most(
    db: Database, client: Browser, clock: FixedClock
) -> None:
    assert "s-maxage=30" in client.get("/news/").headers["Cache-Control"]
    clock.advance(seconds=12)
    assert "s-maxage=18" in client.get("/news/").headers["Cache-Control"]


def test_page_is_sent_compressed_to_who_accepts_it(db: Database, client: Browser) -> None:
    plain = client.get("/feeds/")
    packed = client.get("/feeds/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert plain.headers["ETag"].startswith("W/")


def test_stylesheet_is_kept_for_ever_under_the_name_of_its_content(
    db: Database, client: Browser, editor: Actor
) -> None:
    text = client.get("/").text
    address = text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in client.get(address).headers["Cache-Control"]
    other = client.get(address.split("?")[0] + "?v=another")
    assert "immutable" not in other.headers["Cache-Control"]


def test_fault_shows_a_page_without_a_trace_and_is_logged(
    app: Flask, client: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("the secret reason")

    app.view_functions["static_pages.about"] = broken
    with caplog.at_level(logging.ERROR):
        answer = client.get("/about")
    assert answer.status_code == 500
    assert "secret reason" not in answer.text
    assert "Traceback" not in answer.text
    assert "the secret reason" in caplog.text


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://agency.example"}, True),
        ({"Origin": "http://agency.example"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://[::1"}, False),
        ({"Referer": "https://agency.example/calls/"}, True),
        ({"Referer": "https://evil.example/agency.example"}, False),
        ({}, True),
    ],
)
def test_forms_are_taken_from_our_own_pages_only(
    settings: Settings, headers: dict[str, str], ours: bool
) -> None:
    builder = EnvironBuilder("/subscribe", "https://agency.example", method="POST", headers=headers)
    assert security.same_origin(Request(builder.get_environ()), settings) is ours
