"""Ways out for tests: a transport that keeps what it is given, and a mail server with a will."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes

from feedsvc.mail.rules import Outcome
from feedsvc.mail.transports import RelayDown

ACCEPTED = Outcome("accepted", "250 2.0.0 taken")


@dataclass
class MemoryTransport:
    """Keeps what it is given. `answer` may say something else than yes to an address."""

    answer: Callable[[str], Outcome] = lambda _address: ACCEPTED
    down: str = ""
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    scope: str = "memory"

    def open(self) -> None:
        if self.down:
            raise RelayDown(self.down)

    def send(self, address: str, content: bytes, mail_id: int = 0) -> Outcome:
        if self.down:
            raise RelayDown(self.down)
        outcome = self.answer(address)
        if outcome.word in ("accepted", "uncertain"):
            self.sent.append((address, content))
        return outcome

    def close(self) -> None:
        pass

    @property
    def addresses(self) -> list[str]:
        return [address for address, _ in self.sent]


DROP = "drop"  # close the connection instead of an answer


@dataclass
class ScriptedServer:
    """An SMTP server that says what the script says at a stage, and else what is usual.

    `script` maps a stage (greeting, EHLO, MAIL, RCPT, DATA, `.`) to its answers in order.
    """

    port: int
    script: dict[str, list[str]] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0
    senders: list[str] = field(default_factory=list)  # of every MAIL FROM

    USUAL = {  # noqa: RUF012
        "greeting": "220 ready", "EHLO": "250 ready", "MAIL": "250 ok", "RCPT": "250 ok",
        "DATA": "354 go on", ".": "250 2.0.0 taken", "RSET": "250 ok", "QUIT": "221 bye",
    }  # fmt: skip

    def says(self, stage: str) -> str:
        waiting = self.script.get(stage)
        return waiting.pop(0) if waiting else self.USUAL.get(stage, "502 what?")

    @property
    def message_ids(self) -> list[str]:
        return [str(message_from_bytes(content)["Message-ID"]) for content in self.taken]

    def talk(self, connection: socket.socket) -> None:
        self.connections += 1
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            if not self._reply(connection, "greeting"):
                return
            for line in lines:
                stage = line.split()[0].decode().upper()
                if stage == "MAIL":
                    self.senders.append(line.decode().partition("<")[2].partition(">")[0])
                if not self._reply(connection, stage) or stage == "QUIT":
                    return
                if stage == "DATA" and self._last.startswith("354"):
                    self.taken.append(_text(lines))
                    if not self._reply(connection, "."):
                        return

    def _reply(self, connection: socket.socket, stage: str) -> bool:
        self._last = self.says(stage)
        if self._last == DROP:
            connection.shutdown(socket.SHUT_RDWR)
            return False
        connection.sendall(self._last.encode() + b"\r\n")
        return not self._last.startswith("421")


def _text(lines: Iterator[bytes]) -> bytes:
    kept = []
    for line in lines:
        if line == b".\r\n":
            break
        kept.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(kept)


@contextmanager
def scripted(script: dict[str, list[str]] | None = None) -> Iterator[ScriptedServer]:
    """A scripted server on a free port while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ScriptedServer(listener.getsockname()[1], script or {})
        thread = threading.Thread(target=_serve, args=(listener, server), name="smtp")
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, server: ScriptedServer) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            server.talk(connection)
