"""Call other people's servers. The only module that speaks HTTP as a client.

1. The name is resolved here, every address of it is judged, and the connection goes to an address
   that was judged: a name that resolves otherwise a moment later (DNS rebinding) changes nothing.
   Host, SNI and the certificate's name stay those of the callback.
2. Nothing is followed, no proxy of the environment is asked, and little of an answer is read.
3. A call has an end: not only each read and write, also all of them together.

It stands on httpcore, not on httpx above it: httpx gives no hold on who is connected to, and has
no limit for a whole call. It also reads proxies from the environment and follows redirects if
asked, of which nothing is wanted here.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore

from feedsvc import urls
from feedsvc.settings import Settings
from feedsvc.websub import reach

Resolver = Callable[[str, int], Sequence[str]]
Headers = Sequence[tuple[str, str]]

MOST_READ = 1_000  # bytes of an answer: a challenge has 43
MOST_ADDRESSES = 3  # of a name that are tried
PIECE = 16_384  # bytes that are sent before the time is looked at: one TLS record


@dataclass(frozen=True)
class Patience:
    """Seconds to wait: for a connection, for the next bytes, and for all of a call."""

    connect: float = 5.0
    read: float = 10.0
    whole: float = 20.0


PATIENCE = Patience()
_SAFE = "".join(map(chr, range(33, 127)))  # every sign of an address, the percent sign as well


@dataclass(frozen=True)
class Answer:
    """`location` is where a redirect leads, as the other side wrote it."""

    status: int
    body: bytes
    location: str = ""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class NoAnswer(Exception):
    """The other side said nothing that can be understood: it is away, slow or broken."""


class NotPublic(Exception):
    """The name leads to an address that the hub does not call."""


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine's resolver has them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Caller:
    """Calls addresses; used by many threads at once. `private` allows those that are not public."""

    def __init__(
        self,
        *,
        agent: str,
        private: bool = False,
        resolver: Resolver = resolved,
        patience: Patience = PATIENCE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._agent = agent
        self._private = private
        self._resolver = resolver
        self._patience = patience
        self._tls = tls or ssl.create_default_context()

    def get(self, address: str) -> Answer:
        """Raises: NoAnswer, NotPublic."""
        return self._call("GET", address, (), None)

    def post(self, address: str, headers: Headers, body: bytes) -> Answer:
        """Raises: NoAnswer, NotPublic."""
        return self._call("POST", address, headers, body)

    def _call(self, method: str, address: str, headers: Headers, body: bytes | None) -> Answer:
        own = [
            ("Host", urlsplit(address).netloc),
            ("User-Agent", self._agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]
        try:
            with (
                self._pool() as pool,
                pool.stream(method, address, headers=[*own, *headers], content=body) as response,
            ):
                body = _beginning(response.iter_stream())
                return Answer(response.status, body, _location(response.headers))
        except (*_FAULTS, OSError, ValueError) as fault:
            raise NoAnswer(str(fault) or type(fault).__name__) from fault

    def _pool(self) -> httpcore.ConnectionPool:
        """One for each call: a connection that was kept would be one that nobody judges again."""
        ways = _Ways(self._resolver, self._patience, private=self._private)
        return httpcore.ConnectionPool(ssl_context=self._tls, network_backend=ways)


def from_settings(settings: Settings, *, private: bool | None = None) -> Caller:
    allowed = settings.websub_private_callbacks if private is None else private
    return Caller(agent=f"feedsvc (+{urls.hub(settings)})", private=allowed)


class _Ways(httpcore.NetworkBackend):
    """Makes the connections of one call: to addresses that were judged, before its time is up."""

    def __init__(self, resolver: Resolver, patience: Patience, *, private: bool) -> None:
        self._resolver = resolver
        self._patience = patience
        self._private = private
        self._ends = time.monotonic() + patience.whole

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 our own patience counts
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        fault: OSError = OSError("the name has no address")
        for address in self._judged(host, port)[:MOST_ADDRESSES]:
            wait = min(self._patience.connect, _left(self._ends))
            try:
                line = socket.create_connection((address, port), timeout=wait)
            except OSError as error:
                fault = error
                continue
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _Line(line, self._patience.read, self._ends)
        raise fault

    def _judged(self, host: str, port: int) -> Sequence[str]:
        """Every address must be good: of two, an attacker's name would have one that is."""
        found = self._resolver(host, port)
        if not self._private and not all(reach.is_public(address) for address in found):
            raise NotPublic(f"{host} is not on the public Internet")
        return found


class _Line(httpcore.NetworkStream):
    """A connection that ends at a time, however much comes and goes on it."""

    def __init__(self, line: socket.socket, patience: float, ends: float) -> None:
        self._line = line
        self._patience = patience
        self._ends = ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        self._line.settimeout(self._wait())
        return self._line.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        for start in range(0, len(buffer), PIECE):
            self._line.settimeout(self._wait())
            try:
                self._line.sendall(buffer[start : start + PIECE])
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                # Its own word for it: httpcore then still reads what was answered. Who is gone
                # (410) need not read a whole feed before saying so.
                raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        self._line.settimeout(self._wait())
        try:
            secure = ssl_context.wrap_socket(self._line, server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return _Line(secure, self._patience, self._ends)

    def close(self) -> None:
        self._line.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._line, ssl.SSLSocket):
            return self._line
        return None

    def _wait(self) -> float:
        return min(self._patience, _left(self._ends))


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the call took too long")
    return left


def _location(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """ASCII, as RFC 9110 section 10.2.2 has it; what else stands there is escaped."""
    found = (value for name, value in headers if name.lower() == b"location")
    return quote(next(found, b"").decode("utf-8", "replace"), safe=_SAFE)


def _beginning(chunks: Iterable[bytes]) -> bytes:
    """At most so much that what is longer is seen to be longer."""
    held = b""
    for chunk in chunks:
        held += chunk
        if len(held) > MOST_READ:
            break
    return held[: MOST_READ + 1]


_FAULTS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)
