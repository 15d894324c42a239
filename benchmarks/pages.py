"""Pages as readers get them: a list made anew, and a kept page beside a feed.

Both are asked of the application itself, without a server, in processor time.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from statistics import median
from time import process_time

from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from benchmarks import content, many_calls
from benchmarks.result import Result, Untrue
from feedsvc import clock
from feedsvc.app import create_app
from feedsvc.db import Database

CALLS, ONCE = 400, 40
ROUNDS, ASKED = 40, 5_000
LIMIT_LIST = 15.0  # milliseconds
AS_FAST = 1.0
PAGE, FEED = "/calls/", "/calls.atom"


def pages(*, once: bool) -> list[Result]:
    with content.installed() as settings:
        db = Database(settings.effective_database_url)
        many_calls.Calls(db, settings, ONCE if once else CALLS, clock.now())
        db.close()
        app = create_app(settings)
        made = _made(Client(app), 1 if once else ROUNDS)
        took = {path: _kept(app, path, 10 if once else ASKED) for path in (PAGE, FEED)}
    return [
        Result(
            name=f"list of calls made, {CALLS:,} calls", figure=made, unit="ms", anchor="a limit",
            anchor_figure=LIMIT_LIST, ratio=LIMIT_LIST / made, target=1.0,
        ),
        Result(
            name="page that is kept", figure=took[PAGE], unit="us", anchor="feed that is ready",
            anchor_figure=took[FEED], ratio=took[FEED] / took[PAGE], target=AS_FAST,
        ),
    ]  # fmt: skip


def _made(client: Client, rounds: int) -> float:
    """How long a list takes that nobody has asked for; the first ones fill what is kept."""
    numbers = count(1)

    def ask() -> None:
        _check(client.get(f"{PAGE}?award_max_from={next(numbers)}"))

    for _ in range(3):
        ask()
    return median(_timed(ask) for _ in range(rounds)) * 1e3


def _kept(app: Callable[..., object], path: str, number: int) -> float:
    """How long an answer takes that was given before, in this second or an earlier one."""
    _check(Client(app).get(path, headers={"Accept-Encoding": "gzip"}))
    environ = EnvironBuilder(path, headers={"Accept-Encoding": "gzip"}).get_environ()

    def ask() -> None:
        for _ in range(number):
            app(environ, lambda *_: None)

    return median(_timed(ask) for _ in range(5)) / number * 1e6


def _check(answer: Response) -> None:
    if answer.status_code != 200:
        raise Untrue(f"{answer.status} instead of a page")


def _timed(act: Callable[[], None]) -> float:
    start = process_time()
    act()
    return process_time() - start
