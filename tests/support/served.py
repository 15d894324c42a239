"""The web server in processes of its own, and a client that sends exactly the bytes it is given."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from feedsvc.settings import Settings
from tests.support.processes import PATIENCE, ROOT, wait_until

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: list[tuple[str, str]]  # names in lower case
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key == name]
        assert len(found) < 2, f"{name} twice"
        return found[0] if found else None


@contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """The port of a web server that runs as long as the block.

    It is what `feedsvc serve` becomes, without what the command line loads before.
    """
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "FEEDSVC_INSTANCE_PATH": str(settings.instance_path),
        "FEEDSVC_DATABASE_URL": settings.database_url,
        "FEEDSVC_SECRET_KEY": settings.secret_key,
        "FEEDSVC_BASE_URL": settings.base_url,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "feedsvc.serving", "feedsvc.app:create_served", HOST, str(port), "1"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or _answers(port), "the server did not start")
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def ask(port: int, *lines: str | bytes) -> Reply:
    """Send a request line and header lines as they are; the answer to it."""
    raw = [line.encode() if isinstance(line, str) else line for line in lines]
    with socket.create_connection((HOST, port), PATIENCE) as connection:
        connection.sendall(b"\r\n".join([*raw, b"Host: x", b"Connection: close", b"", b""]))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in rest]
    headers = [(name.lower(), value.strip()) for name, _, value in pairs]
    return Reply(int(first.split()[1]), headers, body)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
