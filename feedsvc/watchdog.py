"""End a process that is stuck, so that its supervisor starts a fresh one.

1. The ticker says that it ticks; a job says that it begins and ends, a long one between two steps
   that it goes on.
2. A thread looks every second. A ticker that is silent, a job that shows nothing for longer than
   its limit, a process that was told to stop and does not: each is stuck.
3. What is stuck is logged with what every thread is doing, and the process ends at once. That is
   safe at any moment: leases and unique keys are made for it.
4. While nothing is stuck, systemd is told so (`WatchdogSec=`): it ends what cannot even look.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

EXIT_STATUS = 70  # EX_SOFTWARE of sysexits.h
SILENCE = 60.0  # seconds without a tick
LOOK_EVERY = 1.0
FROZEN = 10.0  # a watchdog that did not look for so long was frozen with everything else


@dataclass
class Watchdog:
    """What is going on, by name. All times are seconds of a monotonic clock."""

    silence: float = SILENCE
    clock: Callable[[], float] = time.monotonic
    _limits: dict[str, float] = field(default_factory=dict)
    _seen: dict[str, float] = field(default_factory=dict)
    _ticked: float | None = None
    _stops: tuple[float, float] | None = None  # until when it may stop, and what it was given
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tick(self) -> None:
        """The ticker ticks."""
        self._ticked = self.clock()

    def begin(self, name: str, limit: float) -> None:
        """A job begins, or is known to be running: it must show something within `limit` seconds."""
        with self._lock:
            self._limits[name] = limit
            self._seen.setdefault(name, self.clock())

    def going_on(self, name: str) -> None:
        """The job has made a step."""
        with self._lock:
            if name in self._seen:
                self._seen[name] = self.clock()

    def end(self, name: str) -> None:
        with self._lock:
            self._limits.pop(name, None)
            self._seen.pop(name, None)

    def stop_within(self, seconds: float) -> None:
        """The process was told to stop."""
        self._stops = (self.clock() + seconds, seconds)

    def fault(self) -> str:
        """What is stuck, in words; empty when nothing is."""
        now = self.clock()
        with self._lock:
            running = dict(self._seen)
            late = [name for name, seen in running.items() if now - seen > self._limits[name]]
        if self._stops is not None:
            until, given = self._stops
            still = ", ".join(sorted(running)) or "nothing that is known"
            return (
                f"told to stop {given:g} s ago, and still at work: {still}" if now > until else ""
            )
        if late:
            name = late[0]
            return f"{name} has shown nothing for {self._limits[name]:g} s"
        if self._ticked is not None and now - self._ticked > self.silence:
            return f"the ticker has been silent for {self.silence:g} s"
        return ""

    def begin_anew(self) -> None:
        """Nobody moved while the process was frozen (SIGSTOP, a machine asleep): forgive it."""
        now = self.clock()
        with self._lock:
            self._seen = dict.fromkeys(self._seen, now)
        if self._ticked is not None:
            self._ticked = now

    def watch(self) -> threading.Thread:
        """Look every second from now on, in a thread of its own."""
        thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
        thread.start()
        return thread

    def _look(self) -> None:
        looked = self.clock()
        while True:
            time.sleep(LOOK_EVERY)
            if self.clock() - looked > FROZEN:
                self.begin_anew()
            looked = self.clock()
            fault = self.fault()
            if fault:
                _end(fault)
            tell_systemd("WATCHDOG=1")


def tell_systemd(words: str, environ: Mapping[str, str] = os.environ) -> None:
    """One datagram, as sd_notify(3) has it; without systemd nothing happens."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract address begins with a NUL
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as messenger:
            messenger.settimeout(LOOK_EVERY)
            messenger.sendto(words.encode(), address)
    except OSError as fault:
        log.warning("systemd cannot be told: %s", fault)


def _end(fault: str) -> None:
    log.critical("stuck: %s; the process ends", fault)
    for handler in logging.getLogger().handlers:
        handler.flush()
    faulthandler.dump_traceback(all_threads=True)
    os._exit(EXIT_STATUS)
