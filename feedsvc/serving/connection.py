"""One client's connection: uvicorn's HTTP/1.1, with ready answers given before its ASGI cycle begins.

1. Bytes that were a whole request in this second are answered from memory.
2. Others are parsed by httptools. A plain question that is ready is answered at the end of its head, if
   nothing before it is still to be answered.
3. All else is handed to uvicorn by its own callbacks, as if nobody had looked: it keeps the order of a
   pipeline, streams bodies, and runs `bridge.Bridge`.
4. Every few seconds somebody looks whether the client does its part: finishes its head, takes what it is
   sent, asks again. uvicorn itself waits for ever for all but the last. Bodies are the bridge's.
"""

from __future__ import annotations

import asyncio
import logging
from enum import IntEnum
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from feedsvc.serving.answers import Ready, Wire, question, refusal, wire
from feedsvc.serving.bridge import Bridge

log = logging.getLogger(__name__)

LOOK = 10  # seconds
# So many looks in vain, and the client is given up. Idle ones have more than the 60 seconds for which
# nginx keeps a connection that it may use again.
HEAD_LOOKS, IDLE_LOOKS = 3, 8
HEAD_LIMIT = 65_536  # bytes, beyond those that came at once
LINES_LIMIT = 100
ROOM = 1_048_576  # bytes that may wait to be sent before their maker has to
MOST_CONNECTIONS = 750  # of a process: with its files they are less than the usual limit of 1,024


class Reading(IntEnum):
    """What of a request has come that is neither answered nor handed over."""

    NOTHING, HEAD, BODY = range(3)


NOTHING, HEAD, BODY = Reading


class Connection(HttpToolsProtocol):
    """`_parsed` counts the requests in the bytes at hand, and twice what was not answered quickly."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._ready: Ready = cast("Bridge", config.loaded_app).ready
        self._reading = NOTHING
        self._parsed = 0
        self._head = 0  # bytes of an unfinished head
        self._looks = self._unsent = 0
        self._timer: asyncio.TimerHandle

    # Called by the loop

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=ROOM)
        self._timer = self.loop.call_later(LOOK, self._look)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(503, "Too many connections are open. Please try again later.")

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        if self._reading is not NOTHING or not self._is_free():
            self._go_on(data)
            return
        self._looks = self._parsed = self._head = 0
        if self.timeout_keep_alive_task is None:  # else uvicorn has to stop it
            found = self._ready.same(data)
            if found is not None:
                self._write(found)
                return
        super().data_received(data)
        if self._parsed == 1 and self._reading is NOTHING:
            self._ready.remember(data)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whether the connection stays: a client may have said all and wait for answers still."""
        waits = self._reading is NOTHING and not self._is_done()
        if waits:
            self.cycle.keep_alive = False
        return waits

    def resume_writing(self) -> None:
        self._looks = 0
        super().resume_writing()

    # Called by the parser

    def on_message_begin(self) -> None:
        self.url, self.headers = b"", []
        self._reading = HEAD
        self._parsed += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._reading = BODY
        if self._is_free() and self._is_quick():
            return
        self._parsed += 1
        if not self.transport.is_closing():
            self._usual()

    def on_body(self, body: bytes) -> None:
        if self.cycle is not None:  # else it belongs to what was refused
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._reading = NOTHING
        if self.cycle is not None:
            super().on_message_complete()

    # The quick way

    def _is_done(self) -> bool:
        """Whether everything that was asked is answered."""
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]

    def _is_free(self) -> bool:
        """Whether it may be answered at once: the client also takes what it is sent."""
        return self._is_done() and not self.flow.write_paused

    def _is_quick(self) -> bool:
        lines = question(self.headers)
        if lines is None or self.transport.is_closing():
            return False
        try:
            found = self._ready.answer(self.parser.get_method(), self.url, lines)
        except Exception:
            log.exception("what is ready cannot be given; a thread answers")
            return False
        if found is None:
            return False
        if self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1":
            self._write(found)
        else:
            self._parsed += 1
            self._write(found.last())
            self.transport.close()
        return True

    def _write(self, found: Wire) -> None:
        head, body = found
        self.transport.write(head + body if body else head)

    # The usual way

    def _go_on(self, data: bytes) -> None:
        """With a request whose begin has come, or behind one that is being answered."""
        if self._reading is HEAD:
            self._head += len(data)
        super().data_received(data)
        if self._reading is not HEAD:
            self._head = 0
        elif self._head > HEAD_LIMIT:
            self._refuse(431, "The head of this request is too long.")

    def _usual(self) -> None:
        """Let uvicorn have the head."""
        url, headers = self.url, self.headers
        if len(headers) > LINES_LIMIT:
            self._refuse(431, "The head of this request has too many lines.")
            return
        super().on_message_begin()
        super().on_url(url)
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def _refuse(self, status: int, sentence: str) -> None:
        if not self.transport.is_closing():
            self._write(wire(refusal(status, sentence)))
            self.transport.close()

    # Patience

    def _look(self) -> None:
        self._timer = self.loop.call_later(LOOK, self._look)
        before, self._unsent = self._unsent, self.transport.get_write_buffer_size()
        waits = self.flow.write_paused or self._is_free()
        if not waits or (not self.flow.write_paused and 0 < self._unsent < before):
            self._looks = 0
            return
        self._looks += 1
        if self._looks >= (HEAD_LOOKS if self._reading is HEAD else IDLE_LOOKS):
            self._give_up()

    def _give_up(self) -> None:
        if self._unsent or self.transport.is_closing():
            self.transport.abort()
        elif self._reading is HEAD:
            self._refuse(408, "This request has been on its way for too long.")
        else:
            self.transport.close()
