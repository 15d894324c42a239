"""Mail end to end: compose, claim, gate, send and acknowledge, beside Postfix's own source.

All send mails of the same size to the same sink, which counts them, in turns. `smtp-source` sends one
ready text over four connections and keeps nothing: it is what the machine can do. `EmailMessage` is
the usual loop that builds each mail, with the very text, HTML and calendar of ours, and sends it.
Who is to hear of what is planned beforehand: `planning` measures that.
"""

from __future__ import annotations

import smtplib
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
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
from feedsvc.mail import message, texts
from feedsvc.mail.lanes import Lanes
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import letters, plan
from feedsvc.reminders.gate import gate
from feedsvc.settings import Settings
from tests.support import crowd, postgres, schema

# A week before the calls close, in the hour in which its mails leave.
DUE = datetime(2026, 4, 23, 6, 0, tzinfo=UTC)
LEAVING = DUE + timedelta(hours=1)
CALLS = 3  # in each mail, which has 15 kB then
ROUNDS, MAILS, LOOP_MAILS = 3, 2_000, 100
ANCHOR, LOOP = "anchor", "loop"
TARGET, TARGET_LOOP = 0.30, 10
PATIENCE = 120


@dataclass(frozen=True)
class Site:
    """An installation with readers who are all due for one reminder."""

    db: Database
    settings: Settings

    def sample(self) -> str:
        """One of the reminders, whole."""
        query = select(OutboxMail).where(OutboxMail.kind == "reminder").limit(1)
        with self.db.read() as session:
            return texts.whole(session, session.scalars(query).one())

    def accepted(self) -> int:
        query = select(func.count()).where(
            OutboxMail.state == "accepted", OutboxMail.kind == "reminder"
        )
        with self.db.read() as session:
            return int(session.scalar(query.select_from(OutboxMail)) or 0)


def delivery(*, once: bool) -> list[Result]:
    """Rates of one run, as ratios of medians."""
    rounds, mails, loop_mails = (1, 20, 5) if once else (ROUNDS, MAILS, LOOP_MAILS)
    rates = _Rates()
    with sink() as receiver, databases() as kinds:
        sample = ""
        for make in kinds.values():  # templates are read, statements compiled
            with site_of(make, receiver, 20) as site:
                _ours(site, receiver, 20)
                sample = site.sample()
        for _ in range(rounds):
            for kind, make in kinds.items():
                rates.add(ANCHOR, mails, anchor(receiver, mails, len(sample)))
                with site_of(make, receiver, mails) as site:
                    composing, sending = _ours(site, receiver, mails)
                rates.add(kind, mails, composing + sending)
                rates.add(f"{kind}, sending", mails, sending)
            rates.add(LOOP, loop_mails, _loop(receiver, loop_mails, sample))
        return _results(rates, list(kinds), len(sample), verdict=receiver.is_postfix)


def _results(rates: _Rates, kinds: Sequence[str], size: int, *, verdict: bool) -> list[Result]:
    """Without Postfix's source the ratio is to something else, and there is no verdict on it."""
    name = "smtp-source -s 4" if verdict else "a source in Python, 4 threads"
    against = {"anchor": name, "anchor_figure": rates[ANCHOR]}
    target = TARGET if verdict else None
    unit = "mails a second" if verdict else "mails a second; needs smtp-source to be judged"
    results = [
        Result(
            name=f"mail of {size:,} B, EmailMessage loop", figure=rates[LOOP], unit="mails a second",
            ratio=rates[LOOP] / rates[ANCHOR], **against,
        )
    ]  # fmt: skip
    for kind in kinds:
        alone = rates[f"{kind}, sending"]
        results += [
            Result(
                name=f"mail end to end, {kind}", figure=rates[kind], unit=unit,
                ratio=rates[kind] / rates[ANCHOR], target=target, **against,
            ),
            Result(
                name=f"mail end to end, {kind}", figure=rates[kind], unit="mails a second",
                anchor="EmailMessage loop", anchor_figure=rates[LOOP],
                ratio=rates[kind] / rates[LOOP], target=TARGET_LOOP,
            ),
            Result(
                name=f"  composed before, {kind}", figure=alone, unit="mails a second",
                ratio=alone / rates[ANCHOR], **against,
            ),
        ]  # fmt: skip
    return results


class _Rates:
    """Mails a second by who sent them, as medians."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = defaultdict(list)

    def add(self, who: str, mails: int, seconds: float) -> None:
        self._found[who].append(mails / seconds)

    def __getitem__(self, who: str) -> float:
        return statistics.median(self._found[who])


def _ours(site: Site, receiver: Sink, mails: int) -> tuple[float, float]:
    """Seconds until all mails are in the outbox, and from then until all are accepted."""
    plan.keep_true(site.db, site.settings, DUE)
    plan.write_due(site.db, DUE)
    before, began = receiver.count(), time.perf_counter()
    letters.write(site.db, site.settings, DUE)
    composed = time.perf_counter()
    lanes = Lanes(site.db, site.settings, gate(site.settings), stop=threading.Event())
    settled = 0
    while settled < mails and time.perf_counter() - composed < PATIENCE:
        settled += lanes.run(LEAVING)
    ended = time.perf_counter()
    lanes.close()
    if not site.accepted() == mails == receiver.count() - before:
        raise Untrue(f"{mails} due, {site.accepted()} accepted, {receiver.count() - before} came")
    return composed - began, ended - composed


def _loop(receiver: Sink, mails: int, sample: str) -> float:
    """What a program without an engine does: seconds for that many mails like the sample."""
    said = message.read(sample)
    before, began = receiver.count(), time.perf_counter()
    with smtplib.SMTP("127.0.0.1", receiver.port) as smtp:
        for number in range(mails):
            mail = EmailMessage()
            mail["From"], mail["To"] = "calls@agency.example", f"reader{number}@example.org"
            mail["Subject"] = "Closes in 7 days: reuse of process heat"
            mail.set_content(said.text)
            mail.add_alternative(said.html, subtype="html")
            for file in said.attachments:
                mail.add_attachment(
                    file.content, maintype="text", subtype="calendar", filename=file.name
                )
            smtp.send_message(mail)
    took = time.perf_counter() - began
    if receiver.count() - before != mails:
        raise Untrue(f"{receiver.count() - before} of {mails} mails came")
    return took


@contextmanager
def site_of(make: Callable[[], str], receiver: Sink, mails: int) -> Iterator[Site]:
    url = make()
    db = Database(url)
    settings = replace(
        Settings(), database_url=url, secret_key="of a benchmark",
        base_url="https://agency.example", mail_url=f"smtp://127.0.0.1:{receiver.port}",
        bounce_address="bounces@agency.example",
    )  # fmt: skip
    try:
        crowd.follow_all(db, settings, mails, calls=CALLS)
        yield Site(db, settings)
    finally:
        db.close()


@contextmanager
def databases() -> Iterator[dict[str, Callable[[], str]]]:
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
