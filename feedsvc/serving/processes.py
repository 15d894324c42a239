"""Run an application in several processes that answer on one port, by uvicorn."""

from __future__ import annotations

import logging
import os
import signal
import sys
from functools import partial
from multiprocessing import parent_process
from pkgutil import resolve_name
from threading import Thread

from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors import Multiprocess

from feedsvc.serving.answers import Factory
from feedsvc.serving.bridge import Bridge
from feedsvc.serving.connection import Connection

log = logging.getLogger(__name__)

GRACE = 25  # seconds in which what was asked is answered, when a process is to end
SIGNS_OF_LIFE = 30  # seconds without one, and a process is replaced
KEPT = 75  # seconds; nginx keeps a connection that it may use again for 60
# While a thread works, the loop gets its turn after this time at the latest.
TURN = 0.001  # seconds


def serve(factory: str, *, host: str, port: int, workers: int) -> None:
    """Run that many processes of what `factory` ("module:name") makes, until told to stop.

    One that dies is replaced. Exits with 1 if they cannot run.
    """
    config = Config(
        partial(_work, factory),
        factory=True,
        interface="asgi3",
        http=Connection,
        ws="none",
        lifespan="off",
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,  # the app knows how many proxies there are
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEPT,
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=SIGNS_OF_LIFE,
    )
    family = Multiprocess(config, [config.bind_socket()])
    family.run()
    if any(process.exitcode == STARTUP_FAILURE for process in family.processes):
        sys.exit(1)


def _work(factory: str) -> Bridge:
    """Called in each process: what it serves."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent.join,), daemon=True).start()
    sys.setswitchinterval(TURN)
    try:
        make: Factory = resolve_name(factory)
        return Bridge(make())
    except Exception:
        log.exception("what is to be served cannot be made")
        sys.exit(STARTUP_FAILURE)


def _follow(gone: object) -> None:
    """End in good order when the parent has, however it went."""
    gone()
    os.kill(os.getpid(), signal.SIGTERM)
