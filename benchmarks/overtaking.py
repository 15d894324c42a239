"""How long a reminder of tomorrow's deadline waits behind a long queue of digests."""

from __future__ import annotations

import threading
import time

from sqlalchemy import String, insert, literal, select
from sqlalchemy import cast as sql_cast

from benchmarks.delivery import DUE, Site, databases, site_of
from benchmarks.result import Result, Untrue
from benchmarks.sink import sink
from feedsvc.mail.lanes import Lanes
from feedsvc.mail.models import OutboxMail
from tests.support.outbox import put

QUEUED, URGENT_WITHIN = 100_000, 60  # digests, seconds


def urgent(*, once: bool) -> list[Result]:
    """One result for each database."""
    queued = 100 if once else QUEUED
    results = []
    with sink() as receiver, databases() as kinds:
        for kind, make in kinds.items():
            with site_of(make, receiver, 0) as site:
                seconds = _overtaken(site, queued)
            results.append(
                Result(
                    name=f"urgent mail, {kind}", figure=seconds, unit=f"s behind {queued:,} digests",
                    anchor="a limit", anchor_figure=URGENT_WITHIN,
                    ratio=URGENT_WITHIN / max(seconds, 0.001), target=1.0,
                )
            )  # fmt: skip
    return results


def _overtaken(site: Site, queued: int) -> float:
    _queue(site, queued)
    stop = threading.Event()
    lanes = Lanes(site.db, site.settings, lambda _s, _m, _n: {}, stop=stop)
    thread = threading.Thread(target=lanes.run, args=(DUE,))
    thread.start()
    time.sleep(0.01 if queued < QUEUED else 2)
    put(site.db, site.settings, ["urgent"], DUE, priority=1)
    began = time.perf_counter()
    while _state(site, "urgent") != "accepted":
        if time.perf_counter() - began > 2 * URGENT_WITHIN:
            raise Untrue("the urgent mail did not leave")
        if not thread.is_alive():  # the next turn of the scheduler
            thread = threading.Thread(target=lanes.run, args=(DUE,))
            thread.start()
        time.sleep(0.02)
    took = time.perf_counter() - began
    if site.accepted() >= queued + 1 and queued == QUEUED:
        raise Untrue("nothing was queued any more")
    stop.set()
    thread.join()
    lanes.close()
    return took


def _queue(site: Site, number: int) -> None:
    """So many digests, due now: one is written, and the database makes copies of what there is."""
    put(site.db, site.settings, ["reader"], DUE, priority=7)
    names = [column.key for column in OutboxMail.__table__.c if column.key != "id"]
    made = 1
    while made < number:
        key = literal(f"{made}.") + sql_cast(OutboxMail.id, String)
        columns = [key if name == "recipient_key" else getattr(OutboxMail, name) for name in names]
        copies = select(*columns).where(OutboxMail.state == "queued").limit(number - made)
        with site.db.begin() as session:
            session.execute(insert(OutboxMail).from_select(names, copies, include_defaults=False))
        made = min(number, 2 * made)


def _state(site: Site, name: str) -> str:
    with site.db.read() as session:
        query = select(OutboxMail.state).where(OutboxMail.recipient_key == name)
        return session.scalar(query) or ""
