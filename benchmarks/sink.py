"""Who receives the mails of a benchmark and counts them, and who else sends some.

Postfix's `smtp-sink` and `smtp-source` if they are on the PATH (on Debian in the package `postfix`);
otherwise a sink and a source of our own, in Python, and the table says so.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.result import Untrue

CONNECTIONS = 4
PATIENCE = 20

OWN_SINK = """
import socket, sys, threading
taken, lock = 0, threading.Lock()
def talk(connection):
    # What was asked in one write is answered in one.
    global taken
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(b"220 ready\\r\\n")
    came, in_text = b"\\r\\n", False
    while part := connection.recv(65536):
        came, answers = came + part, b""
        while (end := came.find(b"\\r\\n.\\r\\n") if in_text else came.find(b"\\r\\n", 2)) >= 0:
            word = came[2:6].upper()
            came = came[end + (3 if in_text else 0):]
            if in_text:
                with lock: taken += 1
                in_text, answer = False, b"250 taken"
            elif word == b"EHLO": answer = b"250-sink\\r\\n250 PIPELINING"
            elif word == b"NOOP": answer = b"250 mesg=%d" % taken
            elif word == b"DATA": in_text, answer = True, b"354 go on"
            elif word == b"QUIT": answer = b"221 bye"
            else: answer = b"250 ok"
            answers += answer + b"\\r\\n"
        if answers: connection.sendall(answers)
    connection.close()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
"""
OWN_SOURCE = """
import socket, sys, threading
port, mails, size = map(int, sys.argv[1:])
text = b"Subject: x\\r\\n\\r\\n" + (b"X" * 78 + b"\\r\\n") * (size // 80) + b".\\r\\n"
def send(number):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = connection.makefile("rb"); lines.readline()
        connection.sendall(b"EHLO x\\r\\n"); lines.readline(); lines.readline()
        for _ in range(number):
            connection.sendall(b"MAIL FROM:<a@b.example>\\r\\nRCPT TO:<c@d.example>\\r\\nDATA\\r\\n")
            for _ in range(3): lines.readline()
            connection.sendall(text); lines.readline()
shares = [mails // 4 + (n < mails % 4) for n in range(4)]
threads = [threading.Thread(target=send, args=(share,)) for share in shares]
[t.start() for t in threads]; [t.join() for t in threads]
"""


@dataclass(frozen=True)
class Sink:
    """A mail server that takes everything and throws it away."""

    port: int
    said: Path  # where smtp-sink prints its counters
    is_postfix: bool

    def count(self) -> int:
        """How many mails it has taken so far; waits until it has said all."""
        if not self.is_postfix:
            return self._ask()
        before = -1
        while before != (before := self._read()):
            time.sleep(0.1)
        return before

    def _read(self) -> int:
        found = re.findall(r"mesg=(\d+)", self.said.read_text(errors="replace"))
        return int(found[-1]) if found else 0

    def _ask(self) -> int:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            lines = connection.makefile("rb")
            lines.readline()
            connection.sendall(b"NOOP\r\n")
            return int(lines.readline().partition(b"=")[2])


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink that listens on a free port while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # One without the other would measure nothing that can be compared.
    program = shutil.which("smtp-source") and shutil.which("smtp-sink")
    command = [sys.executable, "-c", OWN_SINK, str(port)]
    if program:
        user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to run as root
        command = [program, *user, "-c", f"127.0.0.1:{port}", "100"]
    with TemporaryDirectory(prefix="feedsvc-bench-") as folder:
        said = Path(folder) / "counters"
        with said.open("wb") as output:
            process = subprocess.Popen(command, stdout=output)
        try:
            _wait_for(port)
            yield Sink(port, said, program is not None)
        finally:
            process.kill()
            process.wait()


def anchor(receiver: Sink, mails: int, size: int) -> float:
    """How many seconds it takes to send mails of that size as fast as can be."""
    program = shutil.which("smtp-source") if receiver.is_postfix else None
    command = [sys.executable, "-c", OWN_SOURCE, str(receiver.port), str(mails), str(size)]
    if program:
        command = [
            program, "-s", str(CONNECTIONS), "-m", str(mails), "-l", str(size), "-d",
            "-f", "calls@agency.example", "-t", "reader@example.org", f"127.0.0.1:{receiver.port}",
        ]  # fmt: skip
    before, began = receiver.count(), time.perf_counter()
    subprocess.run(command, check=True, timeout=600, capture_output=True)
    took = time.perf_counter() - began
    if receiver.count() - before != mails:
        raise Untrue(f"{receiver.count() - before} of {mails} mails came")
    return took


def _wait_for(port: int) -> None:
    ends = time.monotonic() + PATIENCE
    while not _listens(port):
        if time.monotonic() > ends:
            raise TimeoutError(f"nobody listens on port {port}")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
