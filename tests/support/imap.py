"""A mail server with one mailbox, that speaks as much IMAP as reading returned mail needs."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

USER, PASSWORD = "returned", "pässword"
MARKED = b"\\Deleted"


@dataclass
class ImapServer:
    """`messages` by uid; `marked` are to be deleted, `old` came before any date that is asked for."""

    port: int
    tls: ssl.SSLContext | None = None
    messages: dict[int, bytes] = field(default_factory=dict)
    marked: set[int] = field(default_factory=set)
    old: set[int] = field(default_factory=set)
    fails: bytes = b""  # the command that is answered by NO
    said: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        scheme, host = ("imaps", "localhost") if self.tls else ("imap", "127.0.0.1")
        return f"{scheme}://{USER}:p%C3%A4ssword@{host}:{self.port}/Returned%20mail"

    def talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream, suppress(OSError):
            stream.write(b"* OK ready\r\n")
            stream.flush()
            for line in stream:
                tag, _, command = line.strip().partition(b" ")
                self.said.append(command)
                lines, word = self._answer(command)
                if command.startswith(b"AUTHENTICATE"):
                    stream.write(b"+ \r\n")
                    stream.flush()
                    word = b"OK" if _knows(stream.readline()) else b"NO"
                for each in lines:
                    stream.write(b"* " + each + b"\r\n")
                stream.write(tag + b" " + word + b" [X] done\r\n")
                stream.flush()
                if command == b"LOGOUT":
                    return

    def _answer(self, command: bytes) -> tuple[list[bytes], bytes]:
        if self.fails and command.startswith(self.fails):
            return [], b"NO"
        if command == b"CAPABILITY":
            known = any(said.startswith(b"AUTHENTICATE") for said in self.said)
            return [b"CAPABILITY IMAP4rev1 AUTH=PLAIN" + (b" UIDPLUS" if known else b"")], b"OK"
        if command.startswith(b"SELECT"):
            found = command == b'SELECT "Returned mail"'
            return [b"%d EXISTS" % len(self.messages)], b"OK" if found else b"NO"
        if command.startswith(b"UID "):
            return self._uid(*command.removeprefix(b"UID ").split(b" ", 1)), b"OK"
        return [], b"OK"

    def _uid(self, name: bytes, rest: bytes) -> list[bytes]:
        if name == b"SEARCH":
            return [b"SEARCH " + b" ".join(b"%d" % uid for uid in self._found(rest))]
        uids = [int(number) for number in rest.split(b" ")[0].split(b",")]
        if name == b"FETCH":
            limit = int(re.search(rb"<0\.(\d+)>", rest)[1])  # type: ignore[index]
            return [self._fetched(uid, limit) for uid in uids if uid in self.messages]
        if name == b"STORE" and MARKED in rest:
            self.marked.update(uids)
        if name == b"EXPUNGE":
            for uid in uids:
                del self.messages[uid]
        return []

    def _found(self, words: bytes) -> list[int]:
        if words == b"UNDELETED":
            return [uid for uid in self.messages if uid not in self.marked]
        assert re.fullmatch(rb"DELETED BEFORE \d{1,2}-[A-Z][a-z]{2}-\d{4}", words), words
        return [uid for uid in self.messages if uid in self.marked & self.old]

    def _fetched(self, uid: int, limit: int) -> bytes:
        content = self.messages[uid][:limit]
        return b"1 FETCH (UID %d BODY[]<0> {%d}\r\n%b)" % (uid, len(content), content)


def _knows(answer: bytes) -> bool:
    return base64.b64decode(answer) == f"\0{USER}\0{PASSWORD}".encode()


@contextmanager
def imap_server(tls: ssl.SSLContext | None = None) -> Iterator[ImapServer]:
    """A server on a free port of this machine while the block runs; with `tls` from the first byte."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ImapServer(listener.getsockname()[1], tls)
        thread = threading.Thread(target=_serve, args=(listener, server), name="imap")
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, server: ImapServer) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with suppress(
                ssl.SSLError, ConnectionError
            ):  # a client that does not trust it goes away
                server.talk(_secured(connection, server.tls))


def _secured(connection: socket.socket, tls: ssl.SSLContext | None) -> socket.socket:
    return tls.wrap_socket(connection, server_side=True) if tls else connection
