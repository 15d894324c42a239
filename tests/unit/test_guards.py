"""The guards guard: a test that reaches out or waits fails, whoever did it."""

from __future__ import annotations

import socket
import time

import pytest

from tests.support.guards import ForbiddenInTests


def test_other_machines_are_out_of_reach() -> None:
    with socket.socket() as out, pytest.raises(ForbiddenInTests):
        out.connect(("192.0.2.1", 80))


def test_other_names_are_not_looked_up() -> None:
    with pytest.raises(ForbiddenInTests):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_may_be_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        socket.create_connection(listener.getsockname()).close()


def test_a_test_does_not_wait_by_the_clock() -> None:
    with pytest.raises(ForbiddenInTests):
        time.sleep(0.01)


@pytest.mark.sleeps
def test_one_that_says_so_may() -> None:
    time.sleep(0.001)
