"""Small things to serve, in a module that loads nothing else: each process of a server loads it."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path
from typing import Any

from feedsvc.serving.answers import Lines, Plain, Served, Wire

WAITING_IN = "WAITING_IN"  # the environment's name of a folder


class Never:
    """Nothing is ready."""

    def same(self, sent: bytes) -> Wire | None:
        return None

    def remember(self, sent: bytes) -> None:
        pass

    def answer(self, method: bytes, target: bytes, lines: Lines) -> Wire | None:
        return None

    async def soon(self, method: bytes, target: bytes, lines: Lines) -> Plain | None:
        return None


def create() -> Served:
    """Says which process it is; `/wait` first makes a file and waits until another is there.

    `/spared` says how many objects are not searched for garbage.
    """

    def app(environ: dict[str, Any], respond: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/wait":
            folder = Path(os.environ[WAITING_IN])
            (folder / "entered").touch()
            while not (folder / "let").exists():
                time.sleep(0.01)
        respond("200 OK", [])
        is_spared = environ["PATH_INFO"] == "/spared"
        return [str(gc.get_freeze_count() if is_spared else os.getpid()).encode()]

    return Served(app, Never(), 0)


def create_nothing() -> Served:
    raise RuntimeError("it cannot be made")
