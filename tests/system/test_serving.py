"""What the chosen server makes of the bytes that readers send, and of what we answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.db import Database
from feedsvc.settings import Settings
from tests import builders
from tests.support import schema
from tests.support.served import ask, serving

pytestmark = [pytest.mark.system]

GET = "GET /feed.atom HTTP/1.1"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{folder / 'feedsvc.sqlite3'}"
    schema.create(url)
    db = Database(url)
    with db.begin() as session:
        builders.make_news(session)
    db.close()
    settings = Settings(
        instance_path=folder, database_url=url, base_url="https://agency.example",
        secret_key="known to every test",
    )  # fmt: skip
    with serving(settings) as port:
        yield port


@pytest.fixture
def tag(port: int) -> str:
    found = ask(port, GET).header("etag")
    assert found
    return found


def test_several_lines_of_if_none_match_are_one_list(port: int, tag: str):
    lines = [f"If-None-Match: {value}" for value in ('"old"', tag, 'W/"older"')]
    for order in (lines, lines[::-1], [lines[1], lines[0]], [lines[0], lines[1]]):
        for _ in range(2):  # by Flask or by the front
            answer = ask(port, GET, *order)
            assert (answer.status, answer.body, answer.header("etag")) == (304, b"", tag)


def test_lines_that_name_nothing_we_have_are_answered_200(port: int, tag: str):
    inner = tag.strip('"')
    for lines in (
        ['If-None-Match: "old"', 'If-None-Match: "older"'],
        [f'If-None-Match: "{inner[:5]}', f'If-None-Match: {inner[5:]}"'],  # torn over two lines
        ['If-None-Match: "old"', "If-None-Match:"],
        [b"If-None-Match: \xff\xfe"],
    ):
        assert ask(port, GET, *lines).status == 200


def test_several_lines_of_accept_encoding_are_one_list(port: int):
    answer = ask(port, GET, "Accept-Encoding: gzip;q=0.5", "Accept-Encoding: zstd")
    assert answer.header("content-encoding") == "zstd"
    tag = answer.header("etag")
    again = ask(port, GET, "Accept-Encoding: zstd", "Accept-Encoding: br", f"If-None-Match: {tag}")
    assert (again.status, again.header("etag")) == (304, tag)


def test_a_304_carries_what_caches_need_and_no_more(port: int, tag: str):
    answer = ask(port, GET, f"If-None-Match: {tag}")
    names = [name for name, _ in answer.headers]
    assert len(names) == len(set(names))
    needed = {"cache-control", "content-location", "date", "etag", "expires", "vary"}
    beside = {"access-control-allow-origin", "server", "connection"}
    assert needed <= set(names) <= needed | beside


def test_head_says_what_get_says(port: int):
    for conditions in ([], ["Accept-Encoding: br"], ["If-None-Match: *"]):
        got = ask(port, GET, *conditions)
        head = ask(port, "HEAD /feed.atom HTTP/1.1", *conditions)
        assert head.body == b""
        assert head.status == got.status
        moving = ("date", "expires")
        assert [h for h in head.headers if h[0] not in moving] == [
            h for h in got.headers if h[0] not in moving
        ]
        if got.status == 200:
            assert head.header("content-length") == str(len(got.body))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND", "TRACE"])
def test_a_feed_cannot_be_written_to(port: int, method: str):
    for _ in range(2):
        answer = ask(port, f"{method} /feed.atom HTTP/1.1", "Content-Length: 0")
        assert answer.status == 405
        allowed = answer.header("allow")
        assert allowed is not None
        assert set(allowed.split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert b"cannot be used like that" in answer.body
