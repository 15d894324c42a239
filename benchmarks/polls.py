"""A feed reader's poll, answered 304 or 200 (gzip), against nginx with files and a naive feed.

nginx serves the very bytes of the product as static files, compressed beforehand. All have one
worker on the same core, the client another. The figure that counts is processor time for each
request: it hardly feels what else the machine does.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import content, servers
from benchmarks.result import Result, Untrue
from benchmarks.servers import Load, Server
from feedsvc.db import Database
from feedsvc.settings import Settings

PATH = "/feed.atom"
ENTRIES = 50
ROUNDS, SECONDS = 7, 2.0
GZIP = {"Accept-Encoding": "gzip"}
TARGET_304, TARGET_GZIP, TARGET_NAIVE, TARGET_CACHED = 0.50, 0.60, 150.0, 0.90
FILES = "nginx, static file"
# For wrk: each request names another program, as if no two readers had the same.
PROGRAMS = """
local number = 0
function request()
  number = number + 1
  wrk.headers["User-Agent"] = "Reader/" .. number
  return wrk.format()
end
"""


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
    target: float | None
    rounds: int
    seconds: float
    anchor: str
    script: Path | None = None


def unchanged(*, once: bool) -> list[Result]:
    return _beside_files(_plan("feed-304", 304, TARGET_304, once=once))


def compressed(*, once: bool) -> list[Result]:
    return _beside_files(_plan("feed-gzip", 200, TARGET_GZIP, once=once))


def naive(*, once: bool) -> list[Result]:
    plan = _plan("feed-naive", 304, TARGET_NAIVE, once=once, anchor="Flask, SQLAlchemy, feedgen")
    with (
        product() as (settings, _),
        servers.feedsvc(settings.instance_path) as ours,
        servers.app("create_naive", settings) as anchor,
    ):
        return _results(plan, ours, anchor)


def cached(*, once: bool) -> list[Result]:
    """Of both kinds: what nginx uses, and the product behind it, is counted as ours."""
    with (
        product("nginx") as (settings, folder),
        servers.feedsvc(settings.instance_path) as behind,
        servers.caching_nginx(folder, behind) as shown,
        files(behind, folder) as anchor,
    ):
        ours = replace(shown, behind=behind.pid)
        return [
            result
            for name, status in (("feed-cached 304", 304), ("feed-cached gzip", 200))
            for result in _results(_plan(name, status, TARGET_CACHED, once=once), ours, anchor)
        ]


def _beside_files(plan: Plan) -> list[Result]:
    """As many readers of one program ask, and, without a target, as if each had one of its own."""
    with (
        product("nginx") as (settings, folder),
        servers.feedsvc(settings.instance_path) as ours,
        files(ours, folder) as anchor,
    ):
        script = folder / "programs.lua"
        script.write_text(PROGRAMS)
        each = replace(plan, name=f"{plan.name} of programs", target=None, script=script)
        return [*_results(plan, ours, anchor), *_results(each, ours, anchor)]


def _plan(name: str, status: int, target: float, *, once: bool, anchor: str = FILES) -> Plan:
    rounds, seconds = (1, 1.0) if once else (ROUNDS, SECONDS)
    return Plan(name, status, target, rounds, seconds, anchor)


@contextmanager
def product(*programs: str) -> Iterator[tuple[Settings, Path]]:
    """An installation with a feed of a usual size, and a folder that nginx can read."""
    servers.need("wrk", "taskset", *programs)
    with content.installed() as settings, TemporaryDirectory(prefix="feedsvc-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's worker is another user
        db = Database(settings.effective_database_url)
        content.write_news(db, ENTRIES)
        db.close()
        yield settings, folder


@contextmanager
def files(ours: Server, folder: Path) -> Iterator[Server]:
    """nginx with the product's bytes as files."""
    _, _, data = servers.fetch(ours.port, PATH, {})
    (folder / "feed.atom").write_bytes(data)
    (folder / "feed.atom.gz").write_bytes(gzip.compress(data, 6, mtime=0))
    with servers.nginx(folder) as anchor:
        yield anchor


def _results(plan: Plan, ours: Server, anchor: Server) -> list[Result]:
    sides = {"ours": ours, "anchor": anchor}
    polls = {side: learnt(server, plan.status) for side, server in sides.items()}
    found: dict[str, list[Round]] = {side: [] for side in sides}
    for _ in range(plan.rounds):
        for side, server in sides.items():
            found[side].append(_round(server, polls[side], plan))
    cpu = {side: median(r.microseconds for r in found[side]) for side in sides}
    rate = {side: median(r.rate for r in found[side]) for side in sides}
    return [
        Result(
            name=f"{plan.name} processor time", figure=cpu["ours"], unit="µs a request",
            anchor=plan.anchor, anchor_figure=cpu["anchor"],
            ratio=cpu["anchor"] / cpu["ours"], target=plan.target,
        ),
        Result(
            name=f"{plan.name} rate", figure=rate["ours"], unit="requests a second",
            anchor=plan.anchor, anchor_figure=rate["anchor"],
            ratio=rate["ours"] / rate["anchor"],
        ),
    ]  # fmt: skip


def learnt(server: Server, status: int) -> Poll:
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


def _round(server: Server, poll: Poll, plan: Plan) -> Round:
    before = server.cpu()
    found = servers.load(server.port, PATH, poll.headers, seconds=plan.seconds, script=plan.script)
    used = server.cpu() - before
    check(poll, found)
    return Round(found.rate, used / found.requests * 1e6)


def check(poll: Poll, found: Load) -> None:
    """Raises: Untrue if the client received something else than was asked for."""
    each = found.received / found.requests
    # Headers of 2 kB at most come on top; a 304 where a body was due, or the reverse, shows.
    if not poll.size <= each * 1.02 <= poll.size + 2048:
        raise Untrue(f"{each:.0f} bytes a request, {poll.size} in the body")
