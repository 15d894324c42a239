"""What no test may do: reach beyond this machine, or wait by the clock.

An audit hook sees every connection, also a library's. It cannot be taken off again, nor need it
be. Sleeping has an audit event only from Python 3.13 on, so `time.sleep` is replaced, and forbids
itself while a test runs that may not sleep.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import time
from typing import Any, NoReturn

import pytest

LOCAL_NAMES = ("localhost", "", "0.0.0.0", "::")
IN_CI = bool(os.environ.get("CI"))
BLINK = 0.001  # seconds, for which the product may wait until it asks for a lock again
MAY_SLEEP = ("sleeps", "browser", "system")

_watch = {"sleep": False}
_real_sleep = time.sleep


class ForbiddenInTests(AssertionError):
    """A test did what would make it slow, flaky or dependent on somebody else's machine."""


def install() -> None:
    sys.addaudithook(_hook)
    time.sleep = _sleep


def missing(reason: str) -> NoReturn:
    """Skip a test whose database or browser is not there. In CI that is a failure."""
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def forbid_sleep(forbidden: bool) -> None:
    _watch["sleep"] = forbidden


def _sleep(seconds: Any) -> None:
    if _watch["sleep"] and seconds > 0 and not (seconds <= BLINK and _is_the_product()):
        raise ForbiddenInTests("a test waits for an event, not by time.sleep")
    _real_sleep(seconds)


def _is_the_product() -> bool:
    return str(sys._getframe(2).f_globals["__name__"]).startswith("feedsvc.")


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _check_address(arguments[1])
    if event == "socket.getaddrinfo":
        _check_host(arguments[0])


def _check_address(address: Any) -> None:
    if isinstance(address, tuple):  # a Unix socket's address is a path
        _check_host(address[0])


def _check_host(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host or ""
    if name in LOCAL_NAMES:
        return
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ForbiddenInTests(f"a test may reach this machine only, not {name}")
