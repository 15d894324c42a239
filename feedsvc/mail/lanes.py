"""Several connections to the mail server at once, each with a thread and a transport of its own.

A connection over which a mail server answers slowly holds up itself only: the others go on, and
are started again by the next turn while the slow one is still busy.

They are opened one after the other, while mails are left and this process waits for answers. When it
is at work all the time, one more slows the others down: Python lets one thread run at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from feedsvc import clock
from feedsvc.db import Database
from feedsvc.mail import transports
from feedsvc.mail.bucket import Rate
from feedsvc.mail.delivery import Memory, deliver_due
from feedsvc.mail.leases import LEASE
from feedsvc.mail.transports import Transport
from feedsvc.mail.verdicts import Gate
from feedsvc.settings import Settings

TURN_SECONDS = 10  # then a turn ends, though a slow connection may still be at work
PACE_SECONDS = 1.0  # how long to wait for the bucket to fill
LOOK_SECONDS = 0.1  # between two looks whether another connection would help
AT_WORK = 0.75  # of a processor: who uses more of it does not wait for answers


@dataclass
class _Lane:
    transport: Transport
    memory: Memory = field(default_factory=Memory)
    running: Future[int] | None = None


class Lanes:
    """The connections of one process. `run` is for one caller at a time."""

    def __init__(
        self, db: Database, settings: Settings, gate: Gate, *, stop: Event, lease: timedelta = LEASE
    ) -> None:
        number = settings.mail_connections
        self._db = db
        self._gate = gate
        self._settings = settings
        self._stop = stop
        self._lease = lease
        self._rate = Rate(settings.mail_rate, settings.mail_burst)
        self._lanes = [_Lane(transports.from_settings(settings)) for _ in range(number)]
        self._pool = ThreadPoolExecutor(number, thread_name_prefix="mail")

    def follow(self, settings: Settings, gate: Gate) -> None:
        """Go on with other settings, with another sender say. Who is at work ends with the old."""
        if settings == self._settings or self.is_busy:
            return
        self._settings, self._gate = settings, gate
        for lane in self._lanes:
            lane.transport = transports.from_settings(settings)

    def run(self, now: datetime, going_on: Callable[[], object] = lambda: None) -> int:
        """Deliver what is due; how many answers were recorded. `going_on` is told of each mail.

        Raises: RelayDown, and what else stopped a connection, when all others have done their part.
        """
        at, ends = clock.running_from(now), clock.stopwatch() + TURN_SECONDS
        idle = [lane for lane in self._lanes if lane.running is None]
        started: list[Future[int]] = []
        while idle and another_helps(started, ends):
            lane = idle.pop(0)
            lane.running = self._pool.submit(self._deliver, lane, at, going_on)
            started.append(lane.running)
        wait(
            [lane.running for lane in self._lanes if lane.running],
            timeout=max(0, ends - clock.stopwatch()),
        )
        return self._ended()

    @property
    def is_busy(self) -> bool:
        """Whether a connection is still at work."""
        return any(lane.running is not None for lane in self._lanes)

    def close(self) -> None:
        """Wait for the connections to end; told to stop, each finishes the mail in hand."""
        self._pool.shutdown(wait=True)

    def _deliver(
        self, lane: _Lane, at: Callable[[], datetime], going_on: Callable[[], object]
    ) -> int:
        """Round after round until nothing is due."""

        def stopping() -> bool:
            going_on()
            return self._stop.is_set()

        settled = 0
        try:
            while not stopping():
                done = deliver_due(
                    self._db, lane.transport, at(), gate=self._gate, memory=lane.memory,
                    rate=self._rate, lease=self._lease, stopping=stopping,
                )  # fmt: skip
                settled += done.settled
                if done.paced:
                    self._stop.wait(PACE_SECONDS)
                elif not done.claimed:
                    break
        finally:
            lane.transport.close()
        return settled

    def _ended(self) -> int:
        """Take the lanes that have ended; one that raised says why to the caller."""
        settled, faults = 0, []
        for lane in self._lanes:
            if lane.running is None or not lane.running.done():
                continue
            fault = lane.running.exception()
            if fault is not None:
                faults.append(fault)
            else:
                settled += lane.running.result()
            lane.running = None
        if faults:
            raise faults[0]
        return settled


def another_helps(
    started: Sequence[Future[int]], ends: float, worked: Callable[[], float] = clock.worked
) -> bool:
    """Wait until one more connection helps; False if one comes to its end, or at `ends`.

    One that has ended found nothing left to send, or nobody to send it to. `worked` says for how
    long this process has used a processor.
    """
    if not started:
        return True
    while clock.stopwatch() < ends:
        began, before = clock.stopwatch(), worked()
        if wait(started, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
            return False
        if worked() - before < AT_WORK * (clock.stopwatch() - began):
            return True
    return False
