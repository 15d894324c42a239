"""How soon a publication is in the feed of every worker process, on both databases.

Several processes serve the product; a client holds a connection to each. When a publication is
committed all of them are asked at once, again and again until they show it. What is counted is the
time from the commit to the end of the first answer that shows it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from time import monotonic

from benchmarks import content, servers
from benchmarks.apps import WORKER_HEADER
from benchmarks.result import Missing, Result, Untrue
from feedsvc import clock, migrations
from feedsvc.auth.rules import SYSTEM
from feedsvc.content import publication
from feedsvc.db import Database
from feedsvc.news import changes
from feedsvc.settings import Settings
from tests.support import postgres

WORKERS, ENTRIES, PUBLICATIONS = 3, 50, 100
PATH = "/feed.atom"
LIMIT = 50.0  # milliseconds
TARGET = 1.0


def everywhere(*, once: bool) -> list[Result]:
    publications, workers = (3, 1) if once else (PUBLICATIONS, WORKERS)
    results = []
    with content.installed() as settings:
        results.append(_measured("SQLite", settings, publications, workers))
        try:
            with postgres.running() as server:
                url = server.create("feedsvc")
                own = Settings(
                    instance_path=settings.instance_path, database_url=url,
                    base_url=settings.base_url, secret_key=settings.secret_key,
                )  # fmt: skip
                results.append(_measured("PostgreSQL", own, publications, workers))
        except postgres.PostgresUnavailable as reason:
            raise Missing(f"needs PostgreSQL: {reason}") from reason
    return results


def _measured(name: str, settings: Settings, publications: int, workers: int) -> Result:
    db = Database(settings.effective_database_url)
    migrations.upgrade(db)
    content.write_news(db, ENTRIES)
    with (
        servers.app("create_watched", settings, workers=workers) as server,
        _one_to_each_worker(server.port, workers) as connections,
    ):
        times = [
            seconds for number in range(publications) for seconds in _seen(db, number, connections)
        ]
    db.close()
    if len(times) != publications * workers:
        raise Untrue(f"{len(times)} sightings of {publications} by {workers} processes")
    p99 = sorted(times)[int(len(times) * 0.99)] * 1000
    return Result(
        name=f"feed-seen {name} p99", figure=p99, unit="ms", anchor="limit",
        anchor_figure=LIMIT, ratio=LIMIT / p99, target=TARGET,
    )  # fmt: skip


@contextmanager
def _one_to_each_worker(port: int, workers: int) -> Iterator[list[HTTPConnection]]:
    """A kept connection to each process. Raises: Untrue if some process takes none.

    They begin one after the other, and which of them takes a client is the system's choice.
    """
    found: dict[str, HTTPConnection] = {}
    ends = monotonic() + servers.PATIENCE
    while monotonic() < ends:
        connection = HTTPConnection(servers.HOST, port, timeout=servers.PATIENCE)
        worker = _asked(connection)[0]
        if worker in found:
            connection.close()
        found.setdefault(worker, connection)
        if len(found) == workers:
            break
    else:
        raise Untrue(f"{len(found)} of {workers} processes answer")
    yield list(found.values())
    for connection in found.values():
        connection.close()


def _seen(db: Database, number: int, connections: list[HTTPConnection]) -> list[float]:
    """Publish, and ask every process until it shows that."""
    now, title = clock.now(), f"Publication {number}"
    published, times = threading.Event(), []
    moment = [0.0]

    def watch(connection: HTTPConnection) -> None:
        published.wait()
        while f"<title>{title}<" not in _asked(connection)[1]:
            pass
        times.append(monotonic() - moment[0])

    threads = [threading.Thread(target=watch, args=(one,)) for one in connections]
    for thread in threads:
        thread.start()
    with db.begin() as session:
        item = changes.create_news(
            session, content.news(number, title=title), actor=SYSTEM, now=now
        )
        publication.publish(session, item.id, at=now, actor=SYSTEM, now=now)
    moment[0] = monotonic()
    published.set()
    for thread in threads:
        thread.join()
    return times


def _asked(connection: HTTPConnection) -> tuple[str, str]:
    """Which process answered, and the feed."""
    connection.request("GET", PATH)
    answer = connection.getresponse()
    if answer.status != 200:
        raise Untrue(f"{answer.status} for {PATH}")
    return answer.headers[WORKER_HEADER], answer.read().decode()
