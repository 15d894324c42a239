"""The hub's turn: see what has changed, ask callbacks for their word, send them new versions.

Any number of processes may do this at once.
1. Look: of each topic that may have changed, by a new generation or by time, keep its version.
2. Claim with a lease what is due: requests to verify, and subscriptions that have another version
   than their topic. Nothing due: return.
3. Call each callback in a thread of its own, outside of any transaction.
4. Write what came of it, if the lease still holds.
While a slow callback keeps one thread waiting, the others go on with 1 to 3.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from feedsvc import clock
from feedsvc.db import Database
from feedsvc.feeds.publish import Publisher
from feedsvc.settings import Settings
from feedsvc.websub import hubs, leases, queries, verify
from feedsvc.websub.deliver import Delivery
from feedsvc.websub.http import Caller
from feedsvc.websub.look import Looker
from feedsvc.websub.models import HUB, HubRequest, HubSubscription

log = logging.getLogger(__name__)

CALLS = 8  # at once, in one process
A_MOMENT = 1.0  # seconds after which a turn that waits for slow callbacks looks again


class Due(NamedTuple):
    """What waits to be done."""

    requests: bool
    deliveries: bool


NOTHING = Due(requests=False, deliveries=False)


@dataclass(frozen=True)
class Hub:
    """What a turn needs besides the time. `caller` reaches subscribers, `hub_caller` other hubs."""

    db: Database
    settings: Settings
    publisher: Publisher
    caller: Caller
    hub_caller: Caller

    @property
    def looker(self) -> Looker:
        return Looker(self.db, self.settings, self.publisher)


def push_due(hub: Hub, now: datetime, *, stopping: Callable[[], bool] = lambda: False) -> int:
    """Do what is due until nothing is; how many callbacks were called."""
    turn = _Turn(hub, clock.running_from(now), uuid.uuid4().hex)
    turn.look()
    return turn.run(stopping) if turn.due() != NOTHING else 0


class _Turn:
    """One turn of one process. `_token` is that of all its leases."""

    def __init__(self, hub: Hub, at: Callable[[], datetime], token: str) -> None:
        self._hub = hub
        self._at = at
        self._token = token
        self._looked_at = at()
        self._running: set[Future[None]] = set()

    def look(self) -> None:
        self._looked_at = self._at()
        hubs.keep(self._hub.db, self._hub.settings, self._looked_at)
        self._hub.looker.look_at_all(self._looked_at)

    def due(self) -> Due:
        """What is due, held by another process or not."""
        now = self._at()
        with self._hub.db.read() as session:
            return Due(queries.request_due(session, now), queries.delivery_due(session, now))

    def run(self, stopping: Callable[[], bool]) -> int:
        """Start calls while threads are free and something is due; wait for all that were begun.

        Looks again once a second, and before it ends.
        """
        called = 0
        with ThreadPoolExecutor(CALLS, thread_name_prefix="hub") as pool:
            while True:
                if not stopping():
                    called += self._start(pool)
                if not self._running:
                    return called
                self._await_some()
                if not self._running or self._at() > self._looked_at:
                    self.look()

    def _start(self, pool: ThreadPoolExecutor) -> int:
        """Claim as much as there are threads for, and begin to call."""
        free, now, due = CALLS - len(self._running), self._at(), self.due()
        if not free or due == NOTHING:
            return 0
        requests: list[HubRequest] = []
        rows: list[HubSubscription] = []
        with self._hub.db.begin() as session:
            if due.requests:
                requests = leases.claim_requests(session, self._token, now, most=free)
            if due.deliveries and len(requests) < free:
                most = free - len(requests)
                rows = leases.claim_deliveries(session, self._token, now, most=most)
        for request in requests:
            self._running.add(pool.submit(self._ask, request))
        for row in rows:
            self._running.add(pool.submit(self._send, row))
        return len(requests) + len(rows)

    def _ask(self, request: HubRequest) -> None:
        verify.ask(self._hub.db, self._hub.caller, request, self._token, self._at)

    def _send(self, row: HubSubscription) -> None:
        caller = self._hub.hub_caller if row.kind == HUB else self._hub.caller
        Delivery(self._hub.looker, row, self._token, self._at).send(caller)

    def _await_some(self) -> None:
        done, self._running = wait(self._running, A_MOMENT, FIRST_COMPLETED)
        for call in done:
            fault = call.exception()
            if fault is not None:  # one row that cannot be handled must not stop the others
                log.error("a call of the hub failed", exc_info=fault)
