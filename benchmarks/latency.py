"""How long feed readers wait while somebody else's page takes two seconds in the same process."""

from __future__ import annotations

import threading
from statistics import median
from time import monotonic

from benchmarks import polls, servers
from benchmarks.apps import SLOW_PATH, SLOW_SECONDS
from benchmarks.result import Result, Untrue
from benchmarks.servers import Server

CONNECTIONS = 64
ROUNDS, SECONDS = 5, 4.0  # each round holds a whole slow page
SECONDS_ONCE = 3.0
TARGET = 1.0


def while_slow(*, once: bool) -> list[Result]:
    rounds, seconds = (1, SECONDS_ONCE) if once else (ROUNDS, SECONDS)
    found: dict[str, list[float]] = {"ours": [], "anchor": []}
    with (
        polls.product("nginx") as (settings, folder),
        servers.app("create_watched", settings) as ours,
        polls.files(ours, folder) as anchor,
    ):
        for _ in range(rounds):
            found["ours"].append(_beside_a_slow_page(ours, seconds))
            found["anchor"].append(_p99(anchor, seconds))
    milliseconds = {side: median(times) * 1000 for side, times in found.items()}
    return [
        Result(
            name="feed-slow p99", figure=milliseconds["ours"], unit="ms",
            anchor=polls.FILES, anchor_figure=milliseconds["anchor"],
            ratio=milliseconds["anchor"] / milliseconds["ours"], target=TARGET,
        )
    ]  # fmt: skip


def _beside_a_slow_page(server: Server, seconds: float) -> float:
    """The p99 of polls while the slow page is waited for. Raises: Untrue if it was not slow."""
    took: list[float] = []
    asking = threading.Thread(target=lambda: took.append(_slow_page(server)))
    asking.start()
    found = _p99(server, seconds)
    asking.join()
    if not took or not SLOW_SECONDS <= took[0] <= seconds:
        raise Untrue(f"the slow page took {took}")
    return found


def _slow_page(server: Server) -> float:
    begin = monotonic()
    status, _, body = servers.fetch(server.port, SLOW_PATH, {})
    if (status, body) != (200, b"done"):
        raise Untrue(f"{status} instead of the slow page")
    return monotonic() - begin


def _p99(server: Server, seconds: float) -> float:
    poll = polls.learnt(server, 304)
    load = servers.load(
        server.port, polls.PATH, poll.headers, seconds=seconds, connections=CONNECTIONS
    )
    polls.check(poll, load)
    return load.p99
