"""A WebSub subscriber on this machine: it answers questions, keeps what it is sent, and checks it."""

from __future__ import annotations

import hashlib
import hmac
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PATIENCE = 20  # seconds; the machine may be busy

Reply = tuple[int, bytes]


@dataclass(frozen=True)
class Ping:
    """A POST that came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def is_signed_with(self, secret: str) -> bool:
        """As section 7.1 has a subscriber check it: the method first, then the HMAC."""
        method, _, given = self.headers.get("X-Hub-Signature", "").partition("=")
        made = hmac.new(secret.encode(), self.body, getattr(hashlib, method, hashlib.sha512))
        return hmac.compare_digest(made.hexdigest(), given)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


def echo(query: Mapping[str, str]) -> Reply:
    """The answer of one who agrees."""
    return 200, query.get("hub.challenge", "").encode()


def take(_ping: Ping) -> Reply:
    return 204, b""


@dataclass
class Subscriber:
    """What it was asked and sent, in order. `answer` and `receive` may be replaced."""

    base: str = ""
    questions: list[dict[str, str]] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)  # of all requests, as they were written
    pings: list[Ping] = field(default_factory=list)
    answer: Callable[[Mapping[str, str]], Reply] = echo
    receive: Callable[[Ping], Reply] = take
    headers: dict[str, str] = field(default_factory=dict)  # of every answer
    _came: threading.Condition = field(default_factory=threading.Condition)

    @property
    def callback(self) -> str:
        return f"{self.base}/callback"

    @property
    def modes(self) -> list[str]:
        return [question["hub.mode"] for question in self.questions]

    def keep(self, ping: Ping) -> None:
        with self._came:
            self.pings.append(ping)
            self._came.notify_all()

    def has_pings(self, number: int) -> bool:
        """Wait until so many have come; whether they have."""
        with self._came:
            return self._came.wait_for(lambda: len(self.pings) >= number, PATIENCE)


class _Handler(BaseHTTPRequestHandler):
    @property
    def subscriber(self) -> Subscriber:
        assert isinstance(self.server, _Server)
        return self.server.subscriber

    def do_GET(self) -> None:
        found = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        query = {name: values[0] for name, values in found.items()}
        self.subscriber.targets.append(self.path)
        self.subscriber.questions.append(query)
        self._reply(*self.subscriber.answer(query))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        ping = Ping(self.path, dict(self.headers.items()), body)
        self.subscriber.targets.append(self.path)
        self.subscriber.keep(ping)
        self._reply(*self.subscriber.receive(ping))

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        for name, value in self.subscriber.headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, subscriber: Subscriber) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.subscriber = subscriber

    def handle_error(self, *_arguments: object) -> None:
        """The hub may hang up in the middle: that is its right."""


@contextmanager
def subscriber(tls: ssl.SSLContext | None = None) -> Iterator[Subscriber]:
    """One that listens on a free port of this machine while the block runs."""
    one = Subscriber()
    server = _Server(one)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    one.base = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="subscriber")
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
