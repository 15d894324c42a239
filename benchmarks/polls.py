"""A feed reader's poll, answered 304 or 200 (gzip) from memory, against nginx and files.

nginx serves the very bytes of the product as static files, compressed beforehand. Both have one
worker on the same core, the client another. The figure that counts is processor time for each
request: it hardly feels what else the machine does.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import content, servers
from benchmarks.result import Result, Untrue
from benchmarks.servers import Server
from feedsvc.db import Database

PATH = "/feed.atom"
ENTRIES = 50
ROUNDS, SECONDS = 7, 2.0
GZIP = {"Accept-Encoding": "gzip"}
TARGET_304, TARGET_GZIP = 0.50, 0.60


@dataclass(frozen=True)
class Poll:
    """What is asked of each server, and the answer that it must give."""

    status: int
    headers: dict[str, str]
    size: int


@dataclass(frozen=True)
class Round:
    rate: float
    microseconds: float  # of processor time for a request


@dataclass(frozen=True)
class Plan:
    """What is measured, and for how long."""

    name: str
    status: int
    target: float
    rounds: int
    seconds: float


def unchanged(*, once: bool) -> list[Result]:
    return _compared(_plan("feed-304", 304, TARGET_304, once=once))


def compressed(*, once: bool) -> list[Result]:
    return _compared(_plan("feed-gzip", 200, TARGET_GZIP, once=once))


def _plan(name: str, status: int, target: float, *, once: bool) -> Plan:
    rounds, seconds = (1, 1.0) if once else (ROUNDS, SECONDS)
    return Plan(name, status, target, rounds, seconds)


def _compared(plan: Plan) -> list[Result]:
    servers.need("nginx", "wrk", "taskset")
    with content.installed() as settings, TemporaryDirectory(prefix="feedsvc-bench-") as folder:
        db = Database(settings.effective_database_url)
        content.write_news(db, ENTRIES)
        db.close()
        with servers.feedsvc(settings.instance_path) as ours:
            _copy(ours, Path(folder))
            with servers.nginx(Path(folder)) as anchor:
                return _results(plan, {"ours": ours, "nginx": anchor})


def _copy(ours: Server, folder: Path) -> None:
    """The product's bytes as files."""
    folder.chmod(0o755)  # nginx's worker is another user
    _, _, data = servers.fetch(ours.port, PATH, {})
    (folder / "feed.atom").write_bytes(data)
    (folder / "feed.atom.gz").write_bytes(gzip.compress(data, 6, mtime=0))


def _results(plan: Plan, sides: dict[str, Server]) -> list[Result]:
    polls = {side: _poll(server, plan.status) for side, server in sides.items()}
    found: dict[str, list[Round]] = {side: [] for side in sides}
    for _ in range(plan.rounds):
        for side, server in sides.items():
            found[side].append(_round(server, polls[side], plan.seconds))
    cpu = {side: median(r.microseconds for r in found[side]) for side in sides}
    rate = {side: median(r.rate for r in found[side]) for side in sides}
    return [
        Result(
            name=f"{plan.name} processor time", figure=cpu["ours"], unit="µs a request",
            anchor="nginx, static file", anchor_figure=cpu["nginx"],
            ratio=cpu["nginx"] / cpu["ours"], target=plan.target,
        ),
        Result(
            name=f"{plan.name} rate", figure=rate["ours"], unit="requests a second",
            anchor="nginx, static file", anchor_figure=rate["nginx"],
            ratio=rate["ours"] / rate["nginx"],
        ),
    ]  # fmt: skip


def _poll(server: Server, status: int) -> Poll:
    """Learn the tag, then see that the answer is the one to be measured. Raises: Untrue."""
    headers = dict(GZIP)
    if status == 304:
        first = servers.fetch(server.port, PATH, headers)
        headers["If-None-Match"] = first[1]["etag"]
    for _ in range(2):  # the second is answered from memory
        answer, sent, body = servers.fetch(server.port, PATH, headers)
    if answer != status or (status == 200 and sent.get("content-encoding") != "gzip"):
        raise Untrue(f"{answer} instead of {status}: {sent}")
    return Poll(status, headers, len(body))


def _round(server: Server, poll: Poll, seconds: float) -> Round:
    before = server.cpu()
    found = servers.load(server.port, PATH, poll.headers, seconds=seconds)
    used = server.cpu() - before
    each = found.received / found.requests
    # Headers of 2 kB at most come on top; a 304 where a body was due, or the reverse, shows.
    if not poll.size <= each * 1.02 <= poll.size + 2048:
        raise Untrue(f"{each:.0f} bytes a request, {poll.size} in the body")
    return Round(found.rate, used / found.requests * 1e6)
