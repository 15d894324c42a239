"""Writers to one SQLite file take turns, whatever process and thread they are in.

SQLite lets one write at a time, and whoever has to wait looks again after a while. One that writes
without a pause is there first each time: an editor's save waited for eleven seconds beside a
scheduler whose transactions take 20 ms. Here one writer is through, and one is next: before somebody
writes again, they wait to be next like everybody else.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOOK_SECONDS = 0.0003  # between two looks: a lock with a time limit can only be asked for again


class Turnstile:
    """Two locks beside a database file. The system takes them back from a process that dies."""

    def __init__(self, database: Path) -> None:
        self._next, self._through = (
            database.with_name(f"{database.name}-{name}") for name in ("next", "turn")
        )

    @contextmanager
    def turn(self, *, patience: float) -> Iterator[None]:
        """Wait for a turn; who has waited for `patience` seconds goes on without one.

        SQLite tells them then whether they may write.
        """
        ends = time.monotonic() + patience
        mine = None
        with _opened(self._next) as waiting:
            if _locked(waiting, ends):
                mine = os.open(self._through, os.O_RDONLY | os.O_CREAT, 0o644)
                _locked(mine, ends)
        try:
            yield
        finally:
            if mine is not None:
                os.close(mine)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A description of its own each time, so that threads exclude each other as processes do."""
    file = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        yield file
    finally:
        os.close(file)  # and what is locked by it is free


def _locked(file: int, ends: float) -> bool:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= ends:
            return False
        time.sleep(LOOK_SECONDS)
