"""What no test may do: reach beyond this machine, or wait by the clock.

An audit hook sees both whoever does them, also a library. It cannot be taken off again, so it
does nothing but look at `watching`, which is true while a test that may not sleep runs.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

LOCAL_NAMES = ("localhost", "", "0.0.0.0", "::")
MAY_SLEEP = ("sleeps", "browser", "system")

_watch = {"sleep": False}


class ForbiddenInTests(AssertionError):
    """A test did what would make it slow, flaky or dependent on somebody else's machine."""


def install() -> None:
    sys.addaudithook(_hook)


def forbid_sleep(forbidden: bool) -> None:
    _watch["sleep"] = forbidden


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "time.sleep" and _watch["sleep"] and arguments[0] > 0:
        raise ForbiddenInTests("a test waits for an event, not by time.sleep")
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
