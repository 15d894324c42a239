"""Let threads run a WSGI app (PEP 3333) for what the event loop does not answer at once.

1. A question that is nearly ready is answered here, as soon as the database has been asked.
2. A body is read whole before, a long one into a file: a slow client holds no thread.
3. A short answer is handed back to the loop at once and whole. Of a long one a part at a time is, and the
   thread waits while the client does not keep up.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from email.utils import format_datetime
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from feedsvc import clock
from feedsvc.serving.answers import Plain, Served, question, refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

THREADS = 4  # a slow page must not stop the others
PATIENCE = 30  # seconds between two parts of a body
IN_MEMORY = 1_048_576  # bytes of a body
PART = 65_536  # bytes of an answer that are handed over together
ERROR = "Something went wrong here. It has been noted; please try again later."
LATE = "This request has been on its way for too long."
BODY_FOLLOWS = (b"content-length", b"transfer-encoding")
UNPREFIXED = ("CONTENT_TYPE", "CONTENT_LENGTH")
NO_BODY = (204, 304)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Coroutine[Any, Any, None]]


class Gone(Exception):
    """The client has left before it had said everything."""


class Bridge:
    """An ASGI app around what is served."""

    def __init__(self, served: Served, *, patience: float = PATIENCE) -> None:
        self.ready, self._patience = served.ready, patience
        self._wsgi, self._limit = served.wsgi, served.body_limit
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="answers")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        found = await self._nearly_ready(scope)
        if found is None:
            try:
                body = await self._body(scope, receive)
            except TimeoutError:
                found = refusal(408, LATE)
            except Gone:
                return
        if found is not None:
            await _send(found, send)
            return
        with body:
            exchange = Exchange(scope, body, send)
            try:
                run = asyncio.get_running_loop().run_in_executor
                rest = await run(self._threads, exchange.run, self._wsgi)
            except Exception:
                log.exception("%s %s failed", scope["method"], scope["path"])
                if exchange.begun:
                    raise  # uvicorn tears the connection: the client must not take it for whole
                await _send(refusal(500, ERROR), send)
                return
        for message in rest:
            await send(message)

    async def _nearly_ready(self, scope: Message) -> Plain | None:
        lines = question(scope["headers"])
        if lines is None:
            return None
        query = scope["query_string"]
        target = scope["raw_path"] + (b"?" + query if query else b"")
        return await self.ready.soon(scope["method"].encode(), target, lines)

    async def _body(self, scope: Message, receive: Receive) -> IO[bytes]:
        """What comes after the head. Of what is longer than may be only so much that the app sees it.

        Raises: TimeoutError, Gone.
        """
        with ExitStack() as unless_whole:
            body = unless_whole.enter_context(_room(scope))
            size, more = 0, _said_length(scope) <= self._limit
            while more and size <= self._limit:
                async with asyncio.timeout(self._patience):
                    message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                size += body.write(message["body"])
                more = message["more_body"]
            body.seek(0)
            unless_whole.pop_all()
        return body


class Exchange:
    """One call of the app, in a thread."""

    def __init__(self, scope: Message, body: IO[bytes], send: Send) -> None:
        self._environ = environ_of(scope, body)
        self._send, self._loop = send, asyncio.get_running_loop()
        self._is_bodiless = scope["method"] == "HEAD"
        self._whole = scope["http_version"] == "1.0"  # which knows no chunks
        self._status, self._headers = 0, list[tuple[str, str]]()
        self._parts: list[bytes] = []
        self.begun = False

    def run(self, app: WSGIApplication) -> list[Message]:
        """Call the app; what is left to send when it has said everything."""
        size, chunks = 0, app(self._environ, self._start)
        try:
            for chunk in chunks:
                if size >= PART and not self._whole:
                    self._hand_over()
                    size = 0
                self._parts.append(chunk)
                size += len(chunk)
            return self._messages(is_last=True)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        """What PEP 3333 calls `start_response`."""
        if exc_info and self.begun:
            raise exc_info[1].with_traceback(exc_info[2])
        if self._status and not exc_info:
            raise AssertionError("the answer has been begun before")
        self._status, self._headers = int(status[:3]), headers
        return self._parts.append

    def _hand_over(self) -> None:
        """Send what there is by now, and wait until there is room for more."""
        for message in self._messages(is_last=False):
            asyncio.run_coroutine_threadsafe(self._send(message), self._loop).result()

    def _messages(self, *, is_last: bool) -> list[Message]:
        body = b"".join(self._parts)
        self._parts.clear()
        made: list[Message] = [
            {"type": "http.response.body", "body": body, "more_body": not is_last}
        ]
        if not self.begun:
            self.begun = True
            made.insert(0, self._head(len(body) if is_last else None))
        return made

    def _head(self, length: int | None) -> Message:
        """`length` is that of the body, where it is known by now."""
        if not self._status:
            raise AssertionError("the app has not begun its answer")
        known = {name.lower() for name, _ in self._headers}
        if "date" not in known:
            self._headers.append(("Date", format_datetime(clock.now(), usegmt=True)))
        is_bodiless = self._is_bodiless or self._status in NO_BODY
        if length is not None and "content-length" not in known and not is_bodiless:
            self._headers.append(("Content-Length", str(length)))
        return _begin(self._status, self._headers)


def environ_of(scope: Message, body: IO[bytes]) -> WSGIEnvironment:
    """What PEP 3333 says of a request.

    A name with an underscore would be read as the one with a hyphen that a proxy sets: it is dropped.
    """
    (name, port), client = scope["server"] or ("", 0), scope["client"] or ("", 0)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": name,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for line, value in scope["headers"]:
        key = line.decode("latin-1").upper().replace("-", "_")
        key = key if key in UNPREFIXED else f"HTTP_{key}"
        if b"_" not in line:
            text = value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _said_length(scope: Message) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"0")
    return int(said)  # the parser takes digits only


def _room(scope: Message) -> IO[bytes]:
    """For the body."""
    if any(name in BODY_FOLLOWS for name, _ in scope["headers"]):
        return SpooledTemporaryFile(IN_MEMORY)
    return io.BytesIO()


async def _send(answer: Plain, send: Send) -> None:
    headers = [*answer.headers]
    await send(_begin(answer.status, headers))
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def _begin(status: int, headers: Iterable[tuple[str, str]]) -> Message:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": encoded}
