"""docs/editor-api.md names every request, scope and status, and its example is run here."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from string import Template

import pytest
from werkzeug.test import TestResponse

from feedsvc.auth.access import answers, rules
from feedsvc.auth.rules import EDITOR
from feedsvc.db import Database
from feedsvc.web.api.editor import gate, openapi
from feedsvc.web.api.editor.operations import OPERATIONS
from tests.docs import pages
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends
from tests.support.editor import token

PAGE = "docs/editor-api.md"


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    """SQLite is enough: the calls of tests/web are written on both."""
    yield from _backends["sqlite"].fresh()


def rows(*heading: str) -> dict[str, str]:
    return {pages.codes(row[0])[0]: row[1] for row in pages.table(PAGE, *heading)}


def test_every_request_is_named_and_no_other() -> None:
    table = pages.table(PAGE, "Request", "Answer")
    named = [code for row in table for code in pages.codes(row[0])]
    assert sorted(named) == sorted(
        f"{o.method} {o.path.replace('{', '<').replace('}', '>')}" for o in OPERATIONS
    )


def test_scopes_and_statuses_are_those_of_the_document() -> None:
    assert rows("Scope", "Good for") == openapi.SCOPES
    table = {int(row[0]): row[1] for row in pages.table(PAGE, "Status", "Meaning")}
    assert {status: words for status, words in table.items() if status != 405} == openapi.REASONS


def test_limits_are_as_it_says() -> None:
    text = pages.text(PAGE)
    for words in (
        f"{rules.REQUESTS} requests a minute", f"at most {gate.MOST_BYTES:,} bytes",
        f"(1 to {answers.LONGEST_KEY} letters", f"{rules.LONGEST_DAYS} days away at most",
        f"`{rules.PREFIX}`",
    ):  # fmt: skip
        assert words in text


def test_the_example_does_what_it_says(client: Browser, db: Database, clock: FixedClock) -> None:
    ana = team.join(db, "Ana", EDITOR, now=clock())
    known = {"API": openapi.BASE, "TOKEN": token(db, ana, now=clock())}
    states = []
    for line in pages.fences(PAGE, "sh"):
        answer = run(client, Template(line).substitute(known))
        assert answer.status_code < 300, answer.text
        told = answer.get_json()
        known["TAG"] = answer.headers["ETag"].replace('"', '\\"')
        if "about" in told:
            known |= {"CALL": told["about"]["uid"], "DATE": told["key_dates"][0]["uid"]}
            states.append(told["about"]["state"])
        public = client.get("/calls.json").get_json()["items"]
        assert bool(public) is (states[-1] == "published")
    assert states == ["draft", "published", "withdrawn"]


def run(client: Browser, line: str) -> TestResponse:
    """A line of curl, as far as the page uses it."""
    words = shlex.split(line.replace("\\\n", " "))
    assert words[:2] == ["curl", "-X"]
    method, address, rest = words[2], words[3], words[4:]
    headers = [value.split(": ", 1) for flag, value in zip(rest[::2], rest[1::2], strict=True)
               if flag == "-H"]  # fmt: skip
    data = [value for flag, value in zip(rest[::2], rest[1::2], strict=True) if flag == "-d"]
    return client.open(address, method=method, headers=dict(headers), data="".join(data))


def test_the_problem_that_it_shows_is_the_answer(
    client: Browser, db: Database, clock: FixedClock
) -> None:
    ana = team.join(db, "Ana", EDITOR, now=clock())
    body = {
        "texts": {"en": {"title": ""}},
        "key_dates": [{"type": "submission", "date": "1926-04-30", "zone": "UTC"}],
    }
    key = {"Authorization": f"Bearer {token(db, ana, now=clock())}"}
    [shown] = pages.fences(PAGE, "json")
    assert client.post(f"{openapi.BASE}/calls", json=body, headers=key).get_json() == json.loads(
        shown
    )
