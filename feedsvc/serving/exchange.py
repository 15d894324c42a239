"""One call of a WSGI app (PEP 3333) in a thread, between the messages of ASGI.

A short answer is left to the loop, at once and whole. Of a long one a part at a time is sent, and the thread
waits while the client does not keep up.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable, MutableMapping
from email.utils import format_datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from feedsvc import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

PART = 65_536  # bytes of an answer that are handed over together
UNPREFIXED = ("CONTENT_TYPE", "CONTENT_LENGTH")
NO_BODY = (204, 304)

Message = MutableMapping[str, Any]
Send = Callable[[Message], Coroutine[Any, Any, None]]


class Exchange:
    """One call, and what was said."""

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
        return begin(self._status, self._headers)


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


def begin(status: int, headers: Iterable[tuple[str, str]]) -> Message:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": encoded}
