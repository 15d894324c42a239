"""The one place that reads the clock. Everything else is handed `now`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache


def now() -> datetime:
    """The current instant, aware, in UTC, without microseconds."""
    return _at(int(time.time()))


@lru_cache(maxsize=1)
def _at(second: int) -> datetime:
    """Made once a second: that takes ten times as long as reading the clock."""
    return datetime.fromtimestamp(second, UTC)


def running_from(start: datetime) -> Callable[[], datetime]:
    """A clock for work that takes a while: it shows `start` now and goes on from there."""
    began = stopwatch()
    return lambda: start + timedelta(seconds=int(stopwatch() - began))


def stopwatch() -> float:
    """Seconds since some instant. It goes on while a machine is suspended, where that is known."""
    return time.clock_gettime(_ELAPSED)


def worked() -> float:
    """Seconds of a processor that this process has used."""
    return time.process_time()


_ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
