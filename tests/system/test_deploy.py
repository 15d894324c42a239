"""The nginx configuration in docs/deploy, run by the real nginx: what readers get through it."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.servers import Server, caching_nginx
from feedsvc import clock
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests import builders
from tests.support import schema
from tests.support.processes import wait_until
from tests.support.served import ask, serving

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]

GET = "GET /feed.atom HTTP/1.1"
CODINGS = ("gzip", "br", "zstd")
NEEDED = ("cache-control", "content-location", "date", "etag", "expires", "vary")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'feedsvc.sqlite3'}"
    schema.create(url)
    database = Database(url)
    with database.begin() as session:
        builders.make_news(session)
    yield database
    database.close()


@pytest.fixture
def direct(db: Database, tmp_path: Path) -> Iterator[int]:
    """The port of the service itself."""
    settings = Settings(
        instance_path=tmp_path, database_url=db.url.render_as_string(),
        base_url="https://agency.example", secret_key="known to every test",
    )  # fmt: skip
    with serving(settings) as port:
        yield port


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where nginx may write: its worker may be another user, for whom pytest's folders are closed."""
    with TemporaryDirectory(prefix="feedsvc-nginx-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def port(direct: int, folder: Path) -> Iterator[int]:
    """The port of nginx before it."""
    with caching_nginx(folder, Server(direct, os.getpid())) as nginx:
        yield nginx.port


def test_readers_get_what_the_service_says(direct: int, port: int):
    for accept in ("", *CODINGS, "gzip, br"):
        condition = f"Accept-Encoding: {accept}"
        own = ask(direct, GET, condition)
        for _ in range(2):  # fetched, and from the cache
            shown = ask(port, GET, condition)
            assert (shown.status, shown.body) == (200, own.body)
            for name, value in own.headers:
                if name not in ("date", "expires", "server", "connection"):
                    assert shown.header(name) == value


def test_a_copy_earns_a_304_that_says_what_caches_need(port: int):
    for coding in CODINGS:
        accept = f"Accept-Encoding: {coding}"
        tag = ask(port, GET, accept).header("etag")
        for held in (f"{tag}", f"W/{tag}", f'"old", {tag}', "*"):
            answer = ask(port, GET, accept, f"If-None-Match: {held}")
            assert (answer.status, answer.body, answer.header("etag")) == (304, b"", tag)
            assert all(answer.header(name) for name in NEEDED)
        assert ask(port, GET, accept, 'If-None-Match: "old"').status == 200


def test_several_lines_of_if_none_match_never_earn_a_wrong_304(port: int):
    """Several lines are for nginx before 1.23 no request at all; later ones join them."""
    assert ask(port, GET, 'If-None-Match: "a"', 'If-None-Match: "b"').status in (200, 400)
    tag = ask(port, GET).header("etag")
    found = ask(port, GET, 'If-None-Match: "a"', f"If-None-Match: {tag}")
    assert found.status == 400 or found.header("etag") == tag


def test_what_is_published_is_soon_shown(db: Database, port: int):
    assert b"Just now" not in ask(port, GET).body
    with db.begin() as session:
        builders.make_news(session, "Just now", now=clock.now(), publish_at=clock.now())
    wait_until(lambda: b"Just now" in ask(port, GET).body, "the cache keeps an old feed")


def test_no_cache_behind_is_told_to_keep_a_feed_for_too_long(db: Database, port: int):
    """What was said when a feed was stored is not said again when less time is left."""
    with db.begin() as session:
        later = clock.now() + timedelta(seconds=200)
        builders.make_news(session, "Later", now=clock.now(), publish_at=later)
    wait_until(lambda: max_age(port) < 200, "the cache keeps an old feed")
    first = max_age(port)
    wait_until(lambda: max_age(port) < first, "an old Cache-Control is sent")


def max_age(port: int) -> int:
    control = ask(port, GET).header("cache-control")
    assert control is not None
    return int(control.partition("max-age=")[2].partition(",")[0])


class Counting(BaseHTTPRequestHandler):
    """Answers with a number that grows, and with the Cache-Control that the path names."""

    numbers = itertools.count()

    def do_GET(self) -> None:
        body = str(next(self.numbers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        for name, value in ANSWERS[self.path]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


ANSWERS = {
    "/public": [("Cache-Control", "public, max-age=300")],
    "/private": [("Cache-Control", "private, no-cache")],
    "/no-store": [("Cache-Control", "no-store")],
    "/nothing": [],
    "/cookie": [("Cache-Control", "public, max-age=300"), ("Set-Cookie", "a=b")],
}


def test_only_what_says_that_it_is_public_is_kept(folder: Path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Counting) as upstream:
        thread = threading.Thread(target=upstream.serve_forever)
        thread.start()
        with caching_nginx(folder, Server(upstream.server_port, os.getpid())) as nginx:
            kept = {path: kept_at_once(nginx.port, path) for path in ANSWERS}
        upstream.shutdown()
        thread.join()
    assert kept == {path: path == "/public" for path in ANSWERS}


def kept_at_once(port: int, path: str) -> bool:
    """Whether of many requests in a row some were answered alike."""
    bodies = [ask(port, f"GET {path} HTTP/1.1").body for _ in range(8)]
    return len(set(bodies)) < len(bodies)
