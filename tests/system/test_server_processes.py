"""The processes of a web server: one that is killed is replaced, and none outlives its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.apps import WAITING_IN
from tests.support.processes import PATIENCE, ROOT, wait_until
from tests.support.served import HOST, ask

pytestmark = [pytest.mark.system]

GET = "GET / HTTP/1.1"


@contextmanager
def family(
    factory: str, folder: Path, workers: int = 1
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    factory = f"tests.support.apps:{factory}"
    process = subprocess.Popen(
        [sys.executable, "-m", "feedsvc.serving", factory, HOST, str(port), str(workers)],
        cwd=ROOT, env={**os.environ, WAITING_IN: str(folder)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


def answering(port: int) -> int | None:
    """Which process answers; None if none does."""
    try:
        return int(ask(port, GET).body)
    except (OSError, ValueError, IndexError):
        return None


def runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def all_answering(port: int, number: int) -> set[int]:
    """That many processes; who is asked is the system's choice."""
    found: set[int] = set()

    def are_found() -> bool:
        pid = answering(port)
        if pid is not None:
            found.add(pid)
        return len(found) >= number

    wait_until(are_found, "too few answer")
    return found


def test_what_a_process_starts_with_is_not_searched_for_garbage(tmp_path: Path) -> None:
    with family("create", tmp_path) as (_, port):
        all_answering(port, 1)
        assert int(ask(port, "GET /spared HTTP/1.1").body) > 10_000


def test_who_is_killed_is_replaced(tmp_path: Path):
    with family("create", tmp_path) as (parent, port):
        (first,) = all_answering(port, 1)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: answering(port) not in (first, None), "nobody took its place")
        (second,) = all_answering(port, 1)
        parent.terminate()
        assert parent.wait(PATIENCE) == 0
        assert not runs(second)


def test_what_was_asked_is_answered_before_the_end(tmp_path: Path):
    with family("create", tmp_path) as (parent, port):
        all_answering(port, 1)
        with socket.create_connection((HOST, port), PATIENCE) as client:
            client.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            wait_until((tmp_path / "entered").exists, "it was not asked")
            parent.send_signal(signal.SIGTERM)
            wait_until(lambda: answering(port) is None, "it goes on taking requests")
            (tmp_path / "let").touch()
            assert client.recv(1_000).startswith(b"HTTP/1.1 200 OK")
        assert parent.wait(PATIENCE) == 0


def test_none_outlives_its_parent(tmp_path: Path):
    with family("create", tmp_path, 2) as (parent, port):
        children = all_answering(port, 2)
        parent.kill()
        parent.wait()
        wait_until(lambda: not any(map(runs, children)), "web processes are left")


def test_what_cannot_run_ends(tmp_path: Path):
    with family("create_nothing", tmp_path) as (parent, _):
        assert parent.wait(PATIENCE) == 1
