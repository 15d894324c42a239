"""An answer as it is sent, and what the event loop asks an application before a thread has to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Lines = Mapping[bytes, bytes]  # of a head; the names in lower case
# A request with one of these is more than a question.
APART = frozenset((b"content-length", b"transfer-encoding", b"expect", b"upgrade"))


class Wire(NamedTuple):
    """An answer as it is sent. `head` ends with its empty line."""

    head: bytes
    body: bytes = b""

    def last(self) -> Wire:
        """The same, saying that the connection ends with it."""
        return Wire(self.head[:-2] + b"Connection: close\r\n\r\n", self.body)


class Plain(NamedTuple):
    """An answer before it is written down."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Ready(Protocol):
    """Answers that take no time. Called on the event loop only; what is no coroutine never waits."""

    def same(self, sent: bytes) -> Wire | None:
        """The answer to bytes that were remembered, as of now."""

    def remember(self, sent: bytes) -> None:
        """Those bytes are, whole, the request that was answered last."""

    def answer(self, method: bytes, target: bytes, lines: Lines) -> Wire | None:
        """The answer to a request without a body; None if it cannot be given at once."""

    async def soon(self, method: bytes, target: bytes, lines: Lines) -> Plain | None:
        """The answer, for which the database may be asked; None if it is for the WSGI app to give."""


class Served(NamedTuple):
    """An application. Bodies may be `body_limit` bytes long."""

    wsgi: WSGIApplication
    ready: Ready
    body_limit: int


Factory = Callable[[], Served]


def question(headers: Sequence[tuple[bytes, bytes]]) -> Lines | None:
    """The lines of a head by name; None if a name comes twice or a body may follow."""
    lines = dict(headers)
    return lines if len(lines) == len(headers) and APART.isdisjoint(lines) else None


def wire(answer: Plain) -> Wire:
    first = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
    lines = "".join([f"{name}: {value}\r\n" for name, value in answer.headers])
    return Wire(f"{first}{lines}\r\n".encode("latin-1"), answer.body)


def refusal(status: int, sentence: str) -> Plain:
    """A sentence as an answer, after which the connection ends."""
    body = f"{sentence}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
    ]
    return Plain(status, headers, body)
