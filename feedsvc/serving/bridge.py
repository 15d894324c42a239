"""Let threads run a WSGI app for what the event loop does not answer at once.

1. A question that is nearly ready is answered here, as soon as the database has been asked.
2. A body is read whole before, a long one into a file: a slow client holds no thread.
3. A thread calls the app (`exchange`).
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO

from feedsvc.serving.answers import Plain, Served, question, refusal
from feedsvc.serving.exchange import Exchange, Message, Send, begin

log = logging.getLogger(__name__)

THREADS = 4  # a slow page must not stop the others
PATIENCE = 30  # seconds between two parts of a body
IN_MEMORY = 1_048_576  # bytes of a body
ERROR = "Something went wrong here. It has been noted; please try again later."
LATE = "This request has been on its way for too long."
BODY_FOLLOWS = (b"content-length", b"transfer-encoding")

Receive = Callable[[], Awaitable[Message]]


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
                log.exception("a request (%s) failed", scope["method"])  # its address may be a key
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


def _said_length(scope: Message) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"0")
    return int(said)  # the parser takes digits only


def _room(scope: Message) -> IO[bytes]:
    """For the body."""
    if any(name in BODY_FOLLOWS for name, _ in scope["headers"]):
        return SpooledTemporaryFile(IN_MEMORY)
    return io.BytesIO()


async def _send(answer: Plain, send: Send) -> None:
    await send(begin(answer.status, answer.headers))
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
