"""The server on a real socket: order, patience, room, and an end in good order."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from uvicorn import Server

from feedsvc.clock import stopwatch
from feedsvc.serving import bridge, connection, exchange, processes
from feedsvc.serving.answers import Lines, Plain, Served, Wire, wire
from feedsvc.serving.bridge import Bridge
from feedsvc.serving.connection import Connection, Reading
from tests.support.served import HOST

pytestmark = [pytest.mark.system]

PATIENCE = 20
LIMIT = 300_000
GET = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSE = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
POST = b"POST /echo HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n"
LONG = 40 * connection.ROOM
ANSWER = Plain(200, [("Content-Length", "5")], b"ready")


class App:
    """Answers with the path; `/wait` when it is let, `/long` with much, `/echo` with the body."""

    def __init__(self) -> None:
        self.let, self.entered, self.closed = (threading.Event() for _ in range(3))
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], respond: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        self.entered.set()
        if path == "/wait":
            assert self.let.wait(PATIENCE)
        if path == "/broken":
            raise RuntimeError("as it should be")
        respond("200 OK", [("Content-Type", "text/plain")])
        if path in ("/long", "/torn"):
            return self._long(torn=path == "/torn")
        return [environ["wsgi.input"].read() if path == "/echo" else path.encode()]

    def _long(self, *, torn: bool) -> Iterator[bytes]:
        try:
            for _ in range(LONG // connection.ROOM):
                yield b"a" * connection.ROOM
                assert not torn
        finally:
            self.closed.set()


class Ready:
    """Answers `/ready` at once, and `/soon` when it is told; counts what was parsed."""

    def __init__(self) -> None:
        self.parsed = 0
        self.known: dict[bytes, Wire] = {}
        self.soon_asked, self.decided = asyncio.Event(), asyncio.Event()
        self.now = ANSWER
        self.says: Plain | None = ANSWER

    def same(self, sent: bytes) -> Wire | None:
        return self.known.get(sent)

    def remember(self, sent: bytes) -> None:
        self.known[sent] = wire(self.now)

    def answer(self, method: bytes, target: bytes, lines: Lines) -> Wire | None:
        self.parsed += 1
        assert target != b"/fault"
        return wire(self.now) if target == b"/ready" else None

    async def soon(self, method: bytes, target: bytes, lines: Lines) -> Plain | None:
        if target == b"/soon":
            self.soon_asked.set()
            await self.decided.wait()
            return self.says
        return self.now if target == b"/ready" else None


class Running:
    """A server in a thread of its own."""

    def __init__(self) -> None:
        self.app, self.ready = App(), Ready()
        listener = socket.create_server((HOST, 0))
        self.port = listener.getsockname()[1]
        self.loop = asyncio.new_event_loop()
        self.bridge = Bridge(Served(self.app, self.ready, LIMIT))
        self.server = Server(processes.configured(lambda: self.bridge))
        serving = self.server.serve([listener])
        self.thread = threading.Thread(target=lambda: self.loop.run_until_complete(serving))

    def call(self, act: Callable[[], Any]) -> Any:
        """Do that on the loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(_do(act), self.loop).result(PATIENCE)

    @property
    def open(self) -> list[Connection]:
        return [*self.server.server_state.connections]  # type: ignore[list-item]

    def wait(self, condition: Callable[[], object]) -> None:
        """Until it is so, by what the loop says."""
        ends = stopwatch() + PATIENCE
        while not self.call(condition):
            assert stopwatch() < ends

    def look(self, times: int) -> None:
        """As if so much time had passed."""

        def act() -> None:
            for one in self.open * times:
                one._timer.cancel()
                one._look()

        self.call(act)

    def end(self) -> None:
        self.app.let.set()
        if self.thread.is_alive():
            self.server.should_exit = True
            self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        self.loop.close()

    @contextmanager
    def client(self, *said: bytes) -> Iterator[socket.socket]:
        with socket.create_connection((HOST, self.port), PATIENCE) as connected:
            for part in said:
                connected.sendall(part)
            yield connected


async def _do(act: Callable[[], Any]) -> Any:
    return act()


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running()
    made.thread.start()
    yield made
    made.end()


def rest(connected: socket.socket) -> bytes:
    """All that comes until the connection ends."""
    return b"".join(iter(lambda: connected.recv(1_000_000), b""))


def bodies(data: bytes) -> list[bytes]:
    """The bodies of answers whose last line has no end."""
    return [part.rpartition(b"\r\n\r\n")[2] for part in data.split(b"HTTP/1.1 ")[1:]]


def next_answer(connected: socket.socket, body: bytes) -> None:
    found = b""
    while not found.endswith(b"\r\n\r\n" + body):
        part = connected.recv(65_536)
        assert part, found
        found += part


def test_a_pipeline_is_answered_in_its_order_and_to_its_end(running: Running):
    paths = [b"/a", b"/ready", b"/b", b"/ready", b"/ready", b"/c"]
    sent = b"".join(GET % path for path in paths) + CLOSE + GET % b"/ready" + GET % b"/d"
    with running.client(sent) as client:
        expected = [path.replace(b"/ready", b"ready") for path in paths]
        assert bodies(rest(client)) == [*expected, b"/last"]


def test_nothing_follows_a_ready_answer_that_is_the_last(running: Running):
    last = (GET % b"/ready").replace(b"Host: x", b"Connection: close")
    for sent in (last, (GET % b"/ready").replace(b"1.1", b"1.0")):
        with running.client(sent + GET % b"/ready" + GET % b"/a") as client:
            answer = rest(client)
        assert bodies(answer) == [b"ready"]
        assert b"\r\nConnection: close\r\n" in answer


def test_what_was_asked_in_the_same_bytes_is_not_parsed_again(running: Running):
    whole = GET % b"/ready"
    with running.client(whole + whole) as client:  # two are not one
        next_answer(client, b"ready")
        running.wait(lambda: running.ready.parsed == 2)
        assert running.ready.known == {}
        client.sendall(whole[:5])  # nor are two halves
        running.wait(lambda: running.open[0]._reading is Reading.HEAD)
        client.sendall(whole[5:])
        running.wait(lambda: running.ready.parsed == 3)
        assert running.ready.known == {}
        for _ in range(3):
            client.sendall(whole)
            next_answer(client, b"ready")
    assert running.ready.parsed == 4


def test_bytes_in_the_middle_of_something_are_never_a_request_that_was_known(running: Running):
    known = GET % b"/ready"
    with running.client(known) as client:
        next_answer(client, b"ready")
        client.sendall(POST % (b"Content-Length: %d" % len(known)))
        running.wait(lambda: running.open[0]._reading is Reading.BODY)
        client.sendall(known)
        next_answer(client, known)


@pytest.mark.parametrize("says", [ANSWER, None])
def test_an_answer_that_comes_soon_keeps_its_place(running: Running, says: Plain | None):
    running.ready.says = says
    with running.client(GET % b"/soon" + GET % b"/ready" + CLOSE) as client:
        running.wait(running.ready.soon_asked.is_set)
        running.call(running.ready.decided.set)
        assert bodies(rest(client)) == [b"ready" if says else b"/soon", b"ready", b"/last"]


def test_slow_pages_stop_no_feed(running: Running):
    with ExitStack() as stack:
        for _ in range(bridge.THREADS + 1):
            stack.enter_context(running.client(GET % b"/wait"))
        running.wait(lambda: len(running.app.asked) == bridge.THREADS)
        with running.client(GET % b"/ready") as client:
            next_answer(client, b"ready")
        running.app.let.set()


def test_a_slow_upload_holds_no_thread(running: Running):
    with ExitStack() as stack:
        number = bridge.THREADS + 1
        head = POST % b"Content-Length: 2"
        slow = [stack.enter_context(running.client(head + b"a")) for _ in range(number)]
        running.wait(lambda: [c._reading for c in running.open] == [Reading.BODY] * number)
        with running.client(GET % b"/a") as client:
            next_answer(client, b"/a")
        assert running.app.asked == ["/a"]
        for client in slow:
            client.sendall(b"b")
            next_answer(client, b"ab")


def test_a_body_comes_whole_however_it_is_sent(running: Running):
    body = bytes(range(256)) * 1_100
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:9], body[9:], b"")]
    for said, sent in (
        (b"Content-Length: %d" % len(body), [body]),
        (b"Transfer-Encoding: chunked", chunks),
    ):
        with running.client(POST % (said + b"\r\nConnection: close"), *sent) as client:
            assert rest(client).endswith(b"\r\n\r\n" + body)


def test_of_a_body_that_is_too_long_the_app_sees_that_it_is(running: Running):
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    chunked = POST % b"Transfer-Encoding: chunked"
    with running.client(chunked, *[chunk] * 8, b"0\r\n\r\n", CLOSE) as client:
        echoed, last = bodies(rest(client))  # the rest of it is no request
    assert len(echoed) > LIMIT
    assert last == b"/last"
    said = b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d" % (LIMIT + 1)
    with running.client(POST % said) as client:
        assert rest(client).startswith(b"HTTP/1.1 200 ")  # it is not told to go on


def test_a_client_that_waits_to_be_let_send_is_let(running: Running):
    with running.client(POST % b"Expect: 100-continue\r\nContent-Length: 2") as client:
        assert client.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ab")
        next_answer(client, b"ab")


def test_a_client_may_say_all_and_then_wait(running: Running):
    with running.client(GET % b"/wait" + GET % b"/ready") as client:
        client.shutdown(socket.SHUT_WR)
        running.app.let.set()
        assert bodies(rest(client)) == [b"/wait", b"ready"]


def test_what_came_before_rubbish_is_answered(running: Running):
    with running.client(GET % b"/ready" + b"rubbish\r\n\r\n" + GET % b"/b") as client:
        answer = rest(client)
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 400 " in answer


@pytest.mark.parametrize(
    ("said", "looks", "answer"),
    [
        (b"", connection.IDLE_LOOKS, b""),
        (b"GET / HT", connection.HEAD_LOOKS, b"HTTP/1.1 408 "),
    ],
)
def test_patience_has_an_end(running: Running, said: bytes, looks: int, answer: bytes):
    for before in (b"", GET % b"/ready"):
        with running.client(before) as client:
            if before:
                next_answer(client, b"ready")
            client.sendall(said)
            running.wait(lambda: running.open)
            running.wait(lambda: (running.open[0]._reading is Reading.HEAD) == bool(said))
            running.look(looks - 1)
            assert running.open
            running.look(1)
            assert rest(client)[: len(answer) or 9] == answer
        running.wait(lambda: not running.open)


def test_who_sends_a_head_byte_by_byte_gains_no_time_and_no_room(running: Running):
    with running.client(b"G") as client:
        for letter in b"ET":
            running.wait(lambda: running.open and running.open[0]._reading is Reading.HEAD)
            running.look(1)
            client.sendall(bytes([letter]))
        running.look(1)
        assert rest(client).startswith(b"HTTP/1.1 408 ")
    with running.client(b"GET / HTTP/1.1\r\nA: ") as client:
        running.wait(lambda: running.open and running.open[0]._reading is Reading.HEAD)
        client.sendall(b"a" * (connection.HEAD_LIMIT + 1))
        assert rest(client).startswith(b"HTTP/1.1 431 ")
    lines = b"A: b\r\n" * connection.LINES_LIMIT + b"Content-Length: 2"
    with running.client(POST % lines + b"ab" + GET % b"/ready") as client:
        answer = rest(client)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_who_sends_a_body_without_going_on_is_given_up(running: Running):
    running.bridge._patience = 0.01
    with running.client(POST % b"Content-Length: 2", b"a") as client:
        assert rest(client).startswith(b"HTTP/1.1 408 ")
    assert running.app.asked == []


def test_a_page_may_take_its_time(running: Running):
    with running.client(GET % b"/wait") as client:
        assert running.app.entered.wait(PATIENCE)
        running.look(10 * connection.IDLE_LOOKS)
        running.app.let.set()
        next_answer(client, b"/wait")


def test_a_reader_that_takes_nothing_is_given_up_and_its_thread_is_free(running: Running):
    with running.client(GET % b"/long") as client:
        assert client.recv(1_000)
        running.wait(lambda: running.open[0].flow.write_paused)  # the app waits for room
        assert not running.app.closed.is_set()
        running.look(connection.IDLE_LOOKS)
        assert running.app.closed.wait(PATIENCE)


def test_who_asks_without_taking_answers_fills_no_memory(running: Running):
    running.ready.now = Plain(200, [("Content-Length", "500000")], b"a" * 500_000)
    with running.client((GET % b"/ready") * 100) as client:
        running.wait(lambda: running.open and running.open[0].flow.write_paused)
        client.sendall((GET % b"/a") * 5_000)
        running.wait(lambda: running.open[0].flow.read_paused)
        waiting = running.call(running.open[0].transport.get_write_buffer_size)
        assert waiting <= 2 * connection.ROOM


def test_a_slow_reader_gets_all(running: Running):
    with running.client((GET % b"/long").replace(b"Host: x", b"Connection: close")) as client:
        assert rest(client).count(b"a" * 1_000) >= LONG // 1_000 - LONG // exchange.PART


def test_an_older_client_gets_no_chunks(running: Running):
    with running.client(b"GET /long HTTP/1.0\r\n\r\n") as client:
        head, _, body = rest(client).partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert body == b"a" * LONG


def test_a_client_that_is_gone_is_not_waited_for(running: Running):
    with running.client(GET % b"/long") as client:
        assert client.recv(1_000)
    assert running.app.closed.wait(PATIENCE)


def test_a_fault_in_what_is_ready_is_no_fault_of_the_answer(
    running: Running, caplog: pytest.LogCaptureFixture
):
    with running.client(GET % b"/fault") as client:
        next_answer(client, b"/fault")
    assert "what is ready cannot be given" in caplog.text


def test_an_error_is_a_sentence_or_tears_what_was_begun(
    running: Running, caplog: pytest.LogCaptureFixture
):
    with running.client(GET % b"/broken") as client:
        answer = rest(client)
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert bridge.ERROR.encode() in answer
    with running.client(GET % b"/torn") as client:
        assert not rest(client).endswith(b"0\r\n\r\n")
    assert "a request (GET) failed" in caplog.text
    assert not any("/broken" in message for message in caplog.messages)


def test_too_many_are_told_so(running: Running):
    running.server.server_state.connections.update(range(connection.MOST_CONNECTIONS))  # type: ignore[arg-type]
    with running.client() as client:
        assert rest(client).startswith(b"HTTP/1.1 503 ")
    running.call(running.server.server_state.connections.clear)


def test_what_was_asked_is_answered_before_the_end(running: Running):
    with running.client(GET % b"/wait") as busy, running.client(GET % b"/ready") as idle:
        next_answer(idle, b"ready")
        assert running.app.entered.wait(PATIENCE)
        running.server.should_exit = True
        assert idle.recv(1_000) == b""
        running.app.let.set()
        assert bodies(rest(busy)) == [b"/wait"]
    running.thread.join(PATIENCE)
    assert not running.thread.is_alive()
