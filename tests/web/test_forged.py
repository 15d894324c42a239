"""Requests that somebody else's page has a browser send, and addresses that should lead away."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import delete

from feedsvc.auth.models import SignInAttempt
from feedsvc.db import Database
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import NOW
from tests.support.databases import Backends

# What may come from anywhere, and why that gives nobody anything.
FROM_ANYWHERE = {
    "hub.ask": "a subscriber is a server; what it asks for is verified by asking it back",
    "api.search": "it only reads, and what it reads is public",
}
# More of them are tried with the one function that all these go through: see test_admin_access.py.
AWAY = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "https:evil.example", "javascript:x",
    "/admin/\r\nLocation: //evil.example", "/admin/%2e%2e//evil.example", " //evil.example",
)  # fmt: skip
ZOE = {"email": "zoe@agency.example", "password": team.PASSWORD}
PAGE = "/admin/password"  # of one who is signed in
ODD_PATHS = (
    "//evil.example", "//evil.example/", "/%2f%2fevil.example/", "/calls//evil.example",
    "/fr//evil.example/", "/fr/%2fevil.example", "/news//", "//evil.example/calls", "/admin//evil.example",
    "/%5cevil.example/", "/fr/..//evil.example", "/clusters//evil.example?x", "/en//evil.example",
)  # fmt: skip


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    """SQLite is enough: nothing is asked of the database."""
    yield from _backends["sqlite"].fresh()


def public_posts(app: Flask) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of every form that is not of the admin, from the map of routes itself."""
    adapter = app.url_map.bind("agency.example")
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/admin"):
            values = dict.fromkeys(rule.arguments, "a.b")
            yield rule.endpoint, adapter.build(rule.endpoint, values, method="POST")


def test_every_public_form_is_refused_from_elsewhere_or_has_its_right_in_its_address(
    app: Flask, client: Browser
) -> None:
    refused, by_token, other = 0, 0, set()
    for endpoint, address in public_posts(app):
        answer = client.post(address, headers={"Sec-Fetch-Site": "cross-site"}, data={"a": "b"})
        if "a.b" in address and not endpoint.startswith(("api.", "editor_api.")):
            assert answer.status_code in (400, 404), endpoint  # no such link was ever signed
            by_token += 1
        elif answer.status_code == 403:
            refused += 1
        elif answer.status_code not in (401, 404, 405):
            other.add(endpoint)
    assert other <= FROM_ANYWHERE.keys()
    assert refused == 3  # to subscribe, in each language
    assert by_token > 15


def test_a_session_is_worth_nothing_to_the_api_for_editors(
    app: Flask, editor_client: Browser
) -> None:
    """Or any page could have an editor's browser write through it."""
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/editor") and rule.endpoint != "editor_api.document":
            address = rule.rule.replace("<", "").replace(">", "").replace("path:", "")
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                status = editor_client.open(address, method=method, json={}).status_code
                assert status in (401, 404, 405), (method, address)
                asked += status == 401
    assert asked > 40


def test_no_form_leads_away_when_it_is_done(app: Flask, db: Database) -> None:
    zoe = team.join(db, "Zoe", now=NOW)
    browser, visitor = team.browser(app, db, zoe, now=NOW), app.test_client()
    assert isinstance(visitor, Browser)
    for wanted in AWAY:
        answers = [
            visitor.submit("/admin/sign-in", ZOE | {"next": wanted}),
            visitor.get("/admin/sign-in", query_string={"next": wanted}),  # is signed in already
            browser.submit("/admin/language", {"language": "fr", "back": wanted}, page=PAGE),
            browser.submit("/admin/confirm", ZOE | {"next": wanted}),
        ]
        for answer in answers:
            assert answer.status_code in (303, 400), wanted
            assert stays(answer.headers.get("Location", "/")), (wanted, answer.request.path)
        visitor.submit("/admin/sign-out", {}, page=PAGE)
        with db.begin() as session:  # the right password is no guess
            session.execute(delete(SignInAttempt))


def test_no_address_leads_away(client: Browser) -> None:
    for path in ODD_PATHS:
        answer = client.open("/", environ_overrides={"PATH_INFO": path})
        assert answer.status_code in (200, 301, 303, 308, 404), path
        assert stays(answer.headers.get("Location", "/")), path


def stays(location: str) -> bool:
    """Whether a browser that follows it stays here: `\\` is `/` to it, and what is no letter nothing."""
    read = "".join(one for one in location.replace("\\", "/") if one > " ")
    parts = urlsplit(read)
    return parts.scheme in ("", "https") and parts.netloc in ("", "agency.example")
