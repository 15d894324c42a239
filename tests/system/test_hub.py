"""A real web server, a real scheduler, a real subscriber: from the request to the ping."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.error import URLError
from urllib.parse import urlencode

import pytest

from feedsvc import clock
from feedsvc.settings import Settings
from tests.builders import make_news
from tests.support.hub import subscriptions
from tests.support.processes import ROOT, stop, wait_until
from tests.support.subscriber import subscriber

pytestmark = [pytest.mark.system]


@contextmanager
def running(settings: Settings, port: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """`feedsvc serve` and two times `feedsvc schedule`; what is left of them is killed."""
    environment = {
        **os.environ,
        "FEEDSVC_INSTANCE_PATH": str(settings.instance_path),
        "FEEDSVC_DATABASE_URL": settings.database_url,
        "FEEDSVC_SECRET_KEY": settings.secret_key,
        "FEEDSVC_BASE_URL": settings.base_url,
        "FEEDSVC_WEBSUB_PRIVATE_CALLBACKS": "true",
        "HTTP_PROXY": "http://127.0.0.1:9",  # nobody is there: proxies are not asked
    }
    serve = ["serve", "--port", str(port), "--workers", "1"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "feedsvc", *command],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for command in (serve, ["schedule"], ["schedule"])
    ]  # fmt: skip
    try:
        yield processes
    finally:
        for process in processes:
            stop(process)  # killed, the web server would leave its workers behind


def answers(address: str) -> bool:
    try:
        return fetched(address)[0] == 200
    except URLError:
        return False


def fetched(address: str, fields: dict[str, str] | None = None) -> tuple[int, bytes, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = urlencode(fields).encode() if fields else None
    with opener.open(address, data, timeout=30) as answer:
        return answer.status, answer.read(), answer.headers["Content-Type"]


def test_from_the_request_to_the_ping(db, settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    own = replace(settings, base_url=f"http://127.0.0.1:{port}")
    topic = f"{own.base_url}/news.atom"
    with subscriber() as reader, running(own, port) as processes:
        wait_until(lambda: answers(f"{own.base_url}/readyz/database"), "the server does not answer")
        fields = {
            "hub.mode": "subscribe", "hub.topic": topic, "hub.callback": reader.callback,
            "hub.secret": "hush",
        }  # fmt: skip
        assert fetched(f"{own.base_url}/hub", fields)[0] == 202
        wait_until(lambda: len(subscriptions(db)) == 1, "the callback was not asked")
        with db.begin() as session:
            make_news(session, "Heat", now=clock.now(), publish_at=clock.now())
        wait_until(lambda: bool(reader.pings), "no ping came")
        _, body, content_type = fetched(topic)
        fetched(f"{own.base_url}/hub", {**fields, "hub.mode": "unsubscribe"})
        wait_until(lambda: subscriptions(db) == [], "the subscription did not end")
        assert [stop(process) for process in processes[1:]] == [0, 0]
    [ping] = reader.pings
    assert b"Heat" in ping.body
    assert ping.body == body
    assert ping.headers["Content-Type"] == content_type
    assert ping.is_signed_with("hush")
    assert reader.modes == ["subscribe", "unsubscribe"]
