"""Turns of those who write to one file: in order, in time, and free again when somebody dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from feedsvc.turnstile import Turnstile

pytestmark = pytest.mark.sleeps

PATIENCE = 30  # seconds; the machine may be busy
HOLDER = """
import sys, time
from pathlib import Path
from feedsvc.turnstile import Turnstile
with Turnstile(Path(sys.argv[1])).turn(patience=30):
    print("through", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "site.sqlite3"


def test_who_writes_without_a_pause_lets_who_waits_go_first(database: Path) -> None:
    order: list[str] = []
    begun, ended = Event(), Event()

    def hog() -> None:
        while not ended.is_set():
            with Turnstile(database).turn(patience=PATIENCE):
                order.append("hog")
                begun.set()
                time.sleep(0.01)

    thread = Thread(target=hog)
    thread.start()
    assert begun.wait(PATIENCE)
    before = []
    for _ in range(5):
        asked = len(order)
        with Turnstile(database).turn(patience=PATIENCE):
            before.append(len(order) - asked)
    ended.set()
    thread.join()
    assert max(before) <= 2, "the one that was through, and one that was next already"


def test_one_is_through_at_a_time(database: Path) -> None:
    inside, most = [0], [0]

    def write() -> None:
        for _ in range(20):
            with Turnstile(database).turn(patience=PATIENCE):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.0005)
                inside[0] -= 1

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_who_has_waited_long_enough_goes_on_and_hears_it_from_the_database(database: Path) -> None:
    with Turnstile(database).turn(patience=PATIENCE):
        began = time.monotonic()
        with Turnstile(database).turn(patience=0.05):  # was next, and did not come through
            assert time.monotonic() - began >= 0.05


def test_a_process_that_is_killed_leaves_its_turn(database: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdout=subprocess.PIPE, text=True
    )
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
