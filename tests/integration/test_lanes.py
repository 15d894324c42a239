"""Connections to the mail server: one for a quick server, more for one that is slow to answer."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import Future
from dataclasses import replace
from threading import Event

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from feedsvc import clock
from feedsvc.mail.lanes import Lanes, another_helps
from tests.builders import BEGINNING
from tests.support.outbox import free, put, states

ONE_LOOK, TWO_LOOKS = 0.15, 0.25  # seconds


class Slow:
    """Takes mail after a while, and knows from how many connections it came."""

    def __init__(self) -> None:
        self.connections: set[object] = set()

    async def handle_DATA(self, _server: SMTP, session: Session, _envelope: Envelope) -> str:  # noqa: N802
        self.connections.add(session.peer)
        await asyncio.sleep(0.2)
        return "250 2.0.0 taken"


@pytest.fixture
def slow():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    handler = Slow()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_a_server_that_is_slow_to_answer_gets_more_connections(db, settings, slow) -> None:
    server, port = slow
    settings = replace(settings, mail_url=f"smtp://127.0.0.1:{port}")
    put(db, settings, [f"reader{number}" for number in range(6)], BEGINNING)
    lanes = Lanes(db, settings, free, stop=Event())
    assert lanes.run(BEGINNING) == 6
    lanes.close()
    assert states(db) == ["accepted"] * 6
    assert len(server.connections) > 1


def test_the_first_connection_is_opened_at_once() -> None:
    assert another_helps([], clock.stopwatch())


def test_another_helps_a_process_that_waits() -> None:
    assert another_helps([Future()], clock.stopwatch() + ONE_LOOK, worked=lambda: 0.0)


def test_no_other_helps_a_process_that_is_at_work_all_the_time() -> None:
    assert not another_helps([Future()], clock.stopwatch() + TWO_LOOKS, worked=clock.stopwatch)


def test_no_other_helps_when_one_found_nothing_left() -> None:
    ended: Future[int] = Future()
    ended.set_result(0)
    assert not another_helps([Future(), ended], clock.stopwatch() + ONE_LOOK, worked=lambda: 0.0)
