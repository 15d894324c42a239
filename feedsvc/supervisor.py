"""Run several processes as one: they start together and stop together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from feedsvc.errors import FeedsvcError

PATIENCE = 30  # seconds that a process is given to finish what it does


class PortTaken(FeedsvcError):
    """Somebody else listens there."""


def must_be_free(host: str, port: int) -> None:
    """Raises: PortTaken, with what to do."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                "Port %(port)s on %(host)s cannot be used (%(reason)s). "
                "Choose another with --port (or: make demo PORT=8001).",
                port=port, host=host, reason=(error.strerror or "").lower(),
            ) from error  # fmt: skip


def run(*commands: Sequence[str]) -> None:
    """Run the commands until one ends or we are told to stop, then stop the others.

    Exits with 1 if one ended by itself: the other half alone would look alive and not be.
    """
    stop = threading.Event()
    told = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        told.set()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    # A session of their own: Ctrl-C reaches them through us, once.
    processes = [
        subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own commands
        for command in commands
    ]
    for process in processes:
        threading.Thread(target=_watch, args=(process, stop), daemon=True).start()
    stop.wait()
    for process in processes:
        process.terminate()
    for process in processes:
        _end(process)
    if not told.is_set():
        sys.exit(1)


def _watch(process: subprocess.Popen[bytes], stop: threading.Event) -> None:
    process.wait()
    stop.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
