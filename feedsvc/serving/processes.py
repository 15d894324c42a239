"""Run an application in several processes that answer on one port, by uvicorn."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing.process import BaseProcess, parent_process
from pkgutil import resolve_name
from threading import Thread
from typing import Any, NoReturn

from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors import Multiprocess

from feedsvc import garbage
from feedsvc.serving.answers import Factory
from feedsvc.serving.bridge import Bridge
from feedsvc.serving.connection import Connection

log = logging.getLogger(__name__)

GRACE = 25  # seconds in which what was asked is answered, when a process is to end
SIGNS_OF_LIFE = 30  # seconds without one, and a process is replaced
KEPT = 75  # seconds; nginx keeps a connection that it may use again for 60
# While a thread works, the loop gets its turn after this time at the latest.
TURN = 0.001  # seconds


class Family(Multiprocess):
    """The parent of the processes."""

    def terminate_all(self) -> None:
        """Take no more clients: while the parent listens, they would wait for nothing."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def become(factory: str, *, host: str, port: int, workers: int) -> NoReturn:
    """Go on as a process that has loaded no more than it needs to watch over others, and `serve`."""
    command = [sys.executable, "-m", "feedsvc.serving", factory, host, str(port), str(workers)]
    os.execv(sys.executable, command)  # noqa: S606 - our own command


def serve(factory: str, *, host: str, port: int, workers: int) -> None:
    """Run that many processes of what `factory` ("module:name") makes, until told to stop.

    One that dies is replaced. Exits with 1 if they cannot run.
    """
    config = configured(partial(_work, factory), host=host, port=port, workers=workers)
    family = Family(config, [config.bind_socket()])
    family.run()
    if any(process.exitcode == STARTUP_FAILURE for process in family.processes):
        sys.exit(1)


def configured(make: Callable[[], Bridge], **where: Any) -> Config:
    """uvicorn as we run it. The app knows how many proxies there are, and dates its answers."""
    return Config(
        make,
        factory=True,
        interface="asgi3",
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEPT,
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=SIGNS_OF_LIFE,
        **where,
    )


def _work(factory: str) -> Bridge:
    """Called in each process: what it serves."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent,), daemon=True).start()
    sys.setswitchinterval(TURN)
    try:
        make: Factory = resolve_name(factory)
        bridge = Bridge(make())
    except Exception:
        log.exception("what is to be served cannot be made")
        sys.exit(STARTUP_FAILURE)
    garbage.spare_what_is_there()
    return bridge


def _follow(parent: BaseProcess) -> None:
    """End in good order when the parent has, however it went."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
