"""Mail end to end: plan, compose, claim, gate, send and acknowledge, beside Postfix's own source.

All send mails of the same size to the same sink, which counts them, in turns. `smtp-source` sends one
ready text over four connections and keeps nothing: it is what the machine can do. `EmailMessage` is
the usual loop that builds each mail and sends it with smtplib.
"""

from __future__ import annotations

import smtplib
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from benchmarks.result import Result, Untrue
from benchmarks.sink import Sink, anchor, sink
from feedsvc.db import Database
from feedsvc.mail.lanes import Lanes
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.gate import gate
from feedsvc.reminders.plan import plan_due
from feedsvc.settings import Settings
from tests.support import crowd, postgres, schema
from tests.support.outbox import put

# A week before the call closes, in the hour in which its mails leave.
DUE = datetime(2026, 4, 23, 6, 0, tzinfo=UTC)
ROUNDS, MAILS, LOOP_MAILS = 3, 3_000, 200
QUEUED, URGENT_WITHIN = 100_000, 60
TARGET, TARGET_LOOP = 0.30, 10


@dataclass(frozen=True)
class Site:
    """An installation with readers who are all due for one reminder."""

    db: Database
    settings: Settings

    def outbox(self) -> tuple[int, int]:
        """How many reminders there are, and their mean size."""
        with self.db.read() as session:
            number, size = session.execute(
                select(func.count(), func.avg(func.length(OutboxMail.content))).where(
                    OutboxMail.kind == "reminder"
                )
            ).one()
        return number, int(size or 0)

    def accepted(self) -> int:
        query = select(func.count()).where(
            OutboxMail.state == "accepted", OutboxMail.kind == "reminder"
        )
        with self.db.read() as session:
            return int(session.scalar(query.select_from(OutboxMail)) or 0)


def delivery(*, once: bool) -> list[Result]:
    """Rates of one run, as ratios of medians."""
    rounds, mails, loop_mails = (1, 20, 5) if once else (ROUNDS, MAILS, LOOP_MAILS)
    rates: dict[str, list[float]] = {}
    parts: dict[str, list[float]] = {}
    name = "smtp-source -s 4"
    with ExitStack() as stack:
        receiver = stack.enter_context(sink())
        databases = stack.enter_context(_databases())
        size = 0
        for _ in range(rounds):
            for kind, make in databases.items():
                with _site(make, receiver, mails) as site:
                    planning, sending = _ours(site, receiver, mails)
                    rates.setdefault(kind, []).append(mails / (planning + sending))
                    parts.setdefault(kind, []).append(mails / sending)
                    size = site.outbox()[1]
            name, took = anchor(receiver, mails, size)
            rates.setdefault("anchor", []).append(mails / took)
            took = _timed(receiver, loop_mails, lambda: _loop(receiver, loop_mails, size))  # noqa: B023
            rates.setdefault("loop", []).append(loop_mails / took)
    median = {kind: statistics.median(found) for kind, found in rates.items()}
    results = [
        Result(
            name="mail, EmailMessage loop", figure=median["loop"], unit=f"mails a second, {size:,} B",
            anchor=name, anchor_figure=median["anchor"], ratio=median["loop"] / median["anchor"],
        )
    ]  # fmt: skip
    for kind in databases:
        results += [
            Result(
                name=f"mail end to end, {kind}", figure=median[kind], unit="mails a second",
                anchor=name, anchor_figure=median["anchor"],
                ratio=median[kind] / median["anchor"], target=TARGET,
            ),
            Result(
                name=f"mail end to end, {kind}", figure=median[kind], unit="mails a second",
                anchor="EmailMessage loop", anchor_figure=median["loop"],
                ratio=median[kind] / median["loop"], target=TARGET_LOOP,
            ),
            Result(
                name=f"  sending alone, {kind}", figure=statistics.median(parts[kind]),
                unit="mails a second", anchor=name, anchor_figure=median["anchor"],
                ratio=statistics.median(parts[kind]) / median["anchor"],
            ),
        ]  # fmt: skip
    return results


def urgent(*, once: bool) -> list[Result]:
    """How long a reminder of tomorrow's deadline waits behind a long queue of digests."""
    queued = 100 if once else QUEUED
    results = []
    with sink() as receiver, _databases() as databases:
        for kind, make in databases.items():
            with _site(make, receiver, 0) as site:
                seconds = _overtaken(site, queued)
            results.append(
                Result(
                    name=f"urgent mail, {kind}", figure=seconds, unit=f"s behind {queued:,} digests",
                    anchor="a limit", anchor_figure=URGENT_WITHIN,
                    ratio=URGENT_WITHIN / max(seconds, 0.001), target=1.0,
                )
            )  # fmt: skip
    return results


def _ours(site: Site, receiver: Sink, mails: int) -> tuple[float, float]:
    """Seconds until all mails are in the outbox, and from then until all are accepted."""
    before, began = receiver.count(), time.perf_counter()
    plan_due(site.db, site.settings, DUE)
    planned = time.perf_counter()
    lanes = Lanes(site.db, site.settings, gate(site.settings), stop=threading.Event())
    settled = 0
    while settled < mails and time.perf_counter() - planned < 600:
        settled += lanes.run(DUE + timedelta(hours=1))
    ended = time.perf_counter()
    lanes.close()
    if not site.accepted() == mails == receiver.count() - before:
        raise Untrue(f"{mails} due, {site.accepted()} accepted, {receiver.count() - before} came")
    return planned - began, ended - planned


def _overtaken(site: Site, queued: int) -> float:
    names = [f"reader{number}" for number in range(queued)]
    put_all(site, names, priority=7)
    stop = threading.Event()
    lanes = Lanes(site.db, site.settings, lambda _s, _m, _n: {}, stop=stop)
    thread = threading.Thread(target=lanes.run, args=(DUE,))
    thread.start()
    time.sleep(0.01 if queued < QUEUED else 2)
    put_all(site, ["urgent"], priority=1)
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


def put_all(site: Site, names: list[str], *, priority: int) -> None:
    for start in range(0, len(names), 5_000):
        put(site.db, site.settings, names[start : start + 5_000], DUE, priority=priority)


def _state(site: Site, name: str) -> str:
    with site.db.read() as session:
        query = select(OutboxMail.state).where(OutboxMail.recipient_key == name)
        return session.scalar(query) or ""


def _loop(receiver: Sink, mails: int, size: int) -> None:
    """What a program without an engine does."""
    text, html = "word " * (size // 15), "<p>word</p> " * (size // 24)
    with smtplib.SMTP("127.0.0.1", receiver.port) as smtp:
        for number in range(mails):
            mail = EmailMessage()
            mail["From"], mail["To"] = "calls@agency.example", f"reader{number}@example.org"
            mail["Subject"] = "Closes in 7 days: reuse of process heat"
            mail.set_content(text)
            mail.add_alternative(html, subtype="html")
            smtp.send_message(mail)


def _timed(receiver: Sink, mails: int, send: Callable[[], None]) -> float:
    before, began = receiver.count(), time.perf_counter()
    send()
    took = time.perf_counter() - began
    if receiver.count() - before != mails:
        raise Untrue(f"{receiver.count() - before} of {mails} mails came")
    return took


@contextmanager
def _site(make: Callable[[], str], receiver: Sink, mails: int) -> Iterator[Site]:
    url = make()
    db = Database(url)
    settings = replace(
        Settings(), database_url=url, secret_key="of a benchmark",
        base_url="https://agency.example", mail_url=f"smtp://127.0.0.1:{receiver.port}",
    )  # fmt: skip
    try:
        crowd.follow_all(db, settings, mails)
        yield Site(db, settings)
    finally:
        db.close()


@contextmanager
def _databases() -> Iterator[dict[str, Callable[[], str]]]:
    """How to make an empty database of each kind."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="feedsvc-bench-")))
        made: list[int] = []

        def number() -> int:
            made.append(1)
            return len(made)

        def on_sqlite() -> str:
            url = f"sqlite:///{folder / f'{number()}.sqlite3'}"
            schema.create(url)
            return url

        found: dict[str, Callable[[], str]] = {"SQLite": on_sqlite}
        try:
            server = stack.enter_context(postgres.running())
        except postgres.PostgresUnavailable:
            yield found
            return

        def on_postgres() -> str:
            url = server.create(f"bench{number()}")
            schema.create(url)
            return url

        found["PostgreSQL"] = on_postgres
        yield found
