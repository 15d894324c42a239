"""Real schedulers in processes of their own, and a real mail server for them to speak to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from feedsvc.settings import Settings

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 90  # seconds; the machine may be busy


@dataclass
class Mailbox:
    """What the mail server took, in order: recipient and message."""

    taken: list[tuple[str, bytes]] = field(default_factory=list)
    pause: float = 0.0  # seconds that each mail takes

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.pause)
        assert isinstance(envelope.content, bytes)
        self.taken.append((envelope.rcpt_tos[0], envelope.content))
        return "250 2.0.0 taken"

    def copies(self) -> Counter[str]:
        """How often each message came, by its Message-ID."""
        return Counter(str(message_from_bytes(content)["Message-ID"]) for _, content in self.taken)


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    """A mail server on a free port; gives what it takes, and its `mail_url`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a process with these settings."""
    return {
        **os.environ,
        "FEEDSVC_INSTANCE_PATH": str(settings.instance_path),
        "FEEDSVC_DATABASE_URL": settings.database_url,
        "FEEDSVC_SECRET_KEY": settings.secret_key,
        "FEEDSVC_BASE_URL": settings.base_url,
        "FEEDSVC_MAIL_URL": settings.mail_url,
    }


def start_scheduler(settings: Settings) -> subprocess.Popen[bytes]:
    """`python schedule.py` with these settings, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "schedule.py"],
        cwd=ROOT,
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@contextmanager
def schedulers(settings: Settings, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Some schedulers; whatever is left of them when the block ends is killed."""
    processes = [start_scheduler(settings) for _ in range(number)]
    try:
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.communicate()


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask it to stop as a supervisor does; its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again. Raises: TimeoutError, with what did not come."""
    ends = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > ends:
            raise TimeoutError(what)
        time.sleep(0.05)
