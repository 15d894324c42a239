"""Turns of those who write to one file: in order, in time, and free again when somebody dies."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from feedsvc.turnstile import Turnstile

PATIENCE = 30  # seconds; the machine may be busy
HOLDER = """
import sys
from pathlib import Path
from feedsvc.turnstile import Turnstile
with Turnstile(Path(sys.argv[1])).turn(patience=30):
    print("through", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "site.sqlite3"


def somebody_is_next(database: Path, order: list[str]) -> Thread:
    """Another who asks for a turn, and has to wait for who is through."""

    def write() -> None:
        with Turnstile(database).turn(patience=PATIENCE):
            order.append("who waited")

    thread = Thread(target=write)
    thread.start()
    ends = time.monotonic() + PATIENCE
    while not _is_held(Path(f"{database}-next")):
        assert time.monotonic() < ends
        Event().wait(0.001)
    return thread


def _is_held(path: Path) -> bool:
    file = os.open(path, os.O_RDONLY | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def test_who_comes_back_at_once_waits_for_who_is_next(database: Path) -> None:
    order: list[str] = []
    turnstile = Turnstile(database)
    with turnstile.turn(patience=PATIENCE):
        waiting = somebody_is_next(database, order)
        order.append("first")
    with turnstile.turn(patience=PATIENCE):
        order.append("again")
    waiting.join()
    assert order == ["first", "who waited", "again"]


def test_who_has_waited_long_enough_goes_on_and_hears_it_from_the_database(database: Path) -> None:
    with Turnstile(database).turn(patience=PATIENCE):
        began = time.monotonic()
        with Turnstile(database).turn(patience=0.05):  # was next, and did not come through
            assert time.monotonic() - began >= 0.05


def test_a_process_that_is_killed_leaves_its_turn(database: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "through\n"
    os.kill(holder.pid, signal.SIGKILL)
    began = time.monotonic()
    with Turnstile(database).turn(patience=PATIENCE):
        assert time.monotonic() - began < PATIENCE
    holder.communicate()


def test_an_error_inside_leaves_the_turn(database: Path) -> None:
    with pytest.raises(ZeroDivisionError), Turnstile(database).turn(patience=PATIENCE):
        raise ZeroDivisionError
    began = time.monotonic()
    with Turnstile(database).turn(patience=PATIENCE):
        assert time.monotonic() - began < PATIENCE
