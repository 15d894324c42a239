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
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from feedsvc.serving.answers import Ready, Wire, question, refusal, wire
from feedsvc.serving.bridge import Bridge

LOOK = 10  # seconds
# So many looks in vain, and the client is given up. Idle ones have more than the 60 seconds for which
# nginx keeps a connection that it may use again.
HEAD_LOOKS, IDLE_LOOKS = 3, 8
HEAD_LIMIT = 65_536  # bytes, beyond those that came at once
LINES_LIMIT = 100
ROOM = 1_048_576  # bytes that may wait to be sent before their maker has to
MOST_CONNECTIONS = 750  # of a process: with its files they are less than the usual limit of 1,024


class Connection(HttpToolsProtocol):
    """`_between`: nothing of a request has come that is not answered or handed over."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._ready: Ready | None = cast("Bridge", config.loaded_app).ready
        self._between, self._in_head = True, True
        self._begun = self._said = 0  # requests and quick answers in the bytes at hand
        self._head = 0  # bytes of an unfinished head
        self._looks = self._unsent = 0
        self._timer: asyncio.TimerHandle | None = None

    # Called by the loop

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=ROOM)
        self._timer = self.loop.call_later(LOOK, self._look)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(503, "Too many connections are open. Please try again later.")

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        quick = self._between and self._is_free() and self._ready is not None
        if quick and self.timeout_keep_alive_task is None:
            found = self._ready.same(data)
            if found is not None:
                self._looks = 0
                self._write(found)
                return
        in_head, self._begun, self._said = self._in_head, 0, 0
        super().data_received(data)
        if quick and self._between and self._begun == self._said == 1:
            self._ready.remember(data)
        elif self._in_head:
            self._head = self._head + len(data) if in_head else 0
            if self._head > HEAD_LIMIT:
                self._refuse(431, "The head of this request is too long.")

    def resume_writing(self) -> None:
        self._looks = 0
        super().resume_writing()

    # Called by the parser

    def on_message_begin(self) -> None:
        self.url, self.headers = b"", []
        self._between, self._in_head = False, True
        self._begun += 1
        self._looks = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._ready is None or not self._is_free() or not self._is_quick(self._ready):
            self._usual()

    def on_message_complete(self) -> None:
        self._between = True
        if self.cycle is not None:
            super().on_message_complete()

    # The quick way

    def _is_free(self) -> bool:
        """Whether everything before is answered, and the client takes what it is sent."""
        cycle = self.cycle
        return (cycle is None or cycle.response_complete) and not self.flow.write_paused

    def _is_quick(self, ready: Ready) -> bool:
        lines = question(self.headers)
        if lines is None:
            return False
        found = ready.answer(self.parser.get_method(), self.url, lines)
        if found is None:
            return False
        if self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1":
            self._said += 1
            self._write(found)
        else:
            self._write(found.last())
            self.transport.close()
        return True

    def _write(self, found: Wire) -> None:
        head, body = found
        self.transport.write(head + body if body else head)

    # The usual way

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
        if self._looks >= (HEAD_LOOKS if self._in_head else IDLE_LOOKS):
            self._give_up()

    def _give_up(self) -> None:
        if self._unsent or self.transport.is_closing():
            self.transport.abort()
        elif self._in_head and not self._between:
            self._refuse(408, "This request has been on its way for too long.")
        else:
            self.transport.close()
