"""When a process is stuck, and when it only takes its time."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from feedsvc.watchdog import Watchdog, tell_systemd


class Seconds:
    """A stopwatch that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def watch(seconds: Seconds) -> Watchdog:
    found = Watchdog(silence=60, clock=seconds)
    found.tick()
    return found


def test_nothing_is_stuck_while_the_ticker_ticks(watch: Watchdog, seconds: Seconds) -> None:
    for _ in range(5):
        seconds.now += 60
        assert watch.fault() == ""
        watch.tick()


def test_a_silent_ticker_is_stuck(watch: Watchdog, seconds: Seconds) -> None:
    seconds.now += 61
    assert watch.fault() == "the ticker has been silent for 60 s"


def test_a_job_is_stuck_that_shows_nothing_for_longer_than_its_limit(
    watch: Watchdog, seconds: Seconds
) -> None:
    watch.begin("send", 20)
    seconds.now += 20
    assert watch.fault() == ""
    watch.going_on("send")
    seconds.now += 20
    assert watch.fault() == "", "it has made a step in between"
    seconds.now += 1
    assert watch.fault() == "send has shown nothing for 20 s"
    watch.end("send")
    assert watch.fault() == ""
    watch.going_on("send")
    watch.tick()
    seconds.now += 21
    assert watch.fault() == "", "a step after its end begins nothing"


def test_a_process_that_does_not_stop_is_stuck(watch: Watchdog, seconds: Seconds) -> None:
    watch.begin("send", 1)
    watch.stop_within(25)
    seconds.now += 25
    assert watch.fault() == "", "its own limit does not count any more"
    seconds.now += 1
    assert watch.fault() == "told to stop 25 s ago, and still at work: send"


def test_who_was_frozen_is_not_stuck(watch: Watchdog, seconds: Seconds) -> None:
    watch.begin("send", 20)
    seconds.now += 3_600
    watch.begin_anew()
    assert watch.fault() == ""
    seconds.now += 21
    assert watch.fault() == "send has shown nothing for 20 s"


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_by_a_datagram(tmp_path: Path, abstract: bool) -> None:
    name = f"@feedsvc-test-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name.replace("@", "\0", 1))
        systemd.settimeout(10)
        tell_systemd("READY=1", {"NOTIFY_SOCKET": name})
        assert systemd.recv(100) == b"READY=1"


def test_without_systemd_nobody_is_told_and_nothing_fails(tmp_path: Path) -> None:
    tell_systemd("READY=1", {})
    tell_systemd("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "nobody")})


def test_what_is_known_to_run_is_not_young_again_by_being_named(
    watch: Watchdog, seconds: Seconds
) -> None:
    for _ in range(3):
        watch.begin("connections", 20)
        seconds.now += 7
    assert watch.fault() == "connections has shown nothing for 20 s"
