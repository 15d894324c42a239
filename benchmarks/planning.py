"""Planning: what a reminder that is due costs, on both databases, and what it does not depend on.

A tick is planned as the scheduler does it, when the hour of most readers begins: the occasions are
made and every reader's items are written and committed, with all of their indexes. Mails are not: a
line of their own says how long the transactions are that write them. A row's cost is the processor's
time, of the database too; the time by the clock stands beside it. Before a figure is printed the items
are counted, and what the join by keys finds is compared with what comparing the values of every filter
finds.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Executable, delete, func, select, text
from sqlalchemy.orm import Session

from benchmarks import content, databases, readers
from benchmarks.readers import Size
from benchmarks.result import Missing, Result, Untrue
from benchmarks.servers import cpu_seconds
from feedsvc import migrations
from feedsvc.calls.models import KeyDate
from feedsvc.db import Database
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import followers, hours, letters, plan
from feedsvc.reminders.models import DueDate, Item, ReaderHour
from feedsvc.settings import Settings
from feedsvc.statements import insert
from feedsvc.subscriptions.models import FilterKey, Subscription
from tests.support import postgres

SMALL, MIDDLE, LARGE = Size(10_000, 500), Size(30_000, 1_500), Size(100_000, 5_000)
ONCE = Size(60, 60)
MORNING = datetime(2026, 3, 23, 7, 0, 1, tzinfo=readers.BEGINNING.tzinfo)  # a second past eight
TICKS = {SMALL: 3, MIDDLE: 3, LARGE: 1}
LIMITS = {"SQLite": 3.0, "PostgreSQL": 12.0}  # microseconds
LIMIT_MEGABYTES, LIMIT_MILLISECONDS = 150.0, 50.0
TARGET_JOIN, MOST_FOR_TEN_TIMES = 100.0, 1.3

# Each filter as a row of values, null for any, compared with each call that closes on a day.
PREDICATES = text("""
    SELECT count(*) FROM key_date d JOIN call c ON c.id = d.call_id JOIN wanted w
      ON (w.cluster_id IS NULL OR w.cluster_id IN
          (SELECT cluster_id FROM entry_cluster WHERE entry_id = c.id))
     AND (w.funder_id IS NULL OR w.funder_id IN
          (SELECT organisation_id FROM call_funder WHERE call_id = c.id))
     AND (w.programme_id IS NULL OR w.programme_id = c.programme_id)
     AND (w.applicant IS NULL OR w.applicant IN
          (SELECT applicant FROM call_applicant WHERE call_id = c.id))
    WHERE d.id = :call_id
""")
WANTED = text(
    "CREATE TEMPORARY TABLE wanted (subscription_id bigint, cluster_id bigint, funder_id bigint,"
    " programme_id bigint, applicant varchar(20))"
)
WISH = text("INSERT INTO wanted VALUES (:subscription, :cluster, :funder, :programme, :applicant)")
BY_KEYS = select(func.count(Subscription.id)).where(Subscription.filter_id.in_(followers.FILTERS))
CALLS_JOINED = 20


class Watched(Database):
    """Keeps how long the longest transaction that writes took, from its lock to its commit."""

    longest = working = 0.0

    def begin_anew(self) -> None:
        self.longest = self.working = 0.0

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().begin() as session:
            session.connection()
            start, working = perf_counter(), process_time()
            yield session
        self.longest = max(self.longest, perf_counter() - start)
        self.working = max(self.working, process_time() - working)


@dataclass(frozen=True)
class Tick:
    """What a turn of planning took: seconds of the processor, and by the clock; how many items.

    And its longest transaction in milliseconds, by the clock and of the processor.
    """

    working: float
    seconds: float
    items: int
    longest: float
    longest_working: float

    @property
    def each(self) -> float:
        """Microseconds an item."""
        return self.working / self.items * 1e6


def planning(*, once: bool) -> list[Result]:
    with content.installed() as settings:
        if once:
            return _on_sqlite(settings, ONCE)[1]
        ticks, found = [], []
        for size in (SMALL, MIDDLE, LARGE):
            median_tick, results = _on_sqlite(settings, size)
            ticks.append(median_tick)
            found += results
        return [
            *found, _growth(ticks), _ten_times(settings, SMALL), *_on_postgresql(settings, MIDDLE)
        ]  # fmt: skip


def _on_sqlite(settings: Settings, size: Size) -> tuple[Tick, list[Result]]:
    with _world(f"sqlite:///{settings.instance_path}/{size.readers}.db", size) as db:
        ticks = _ticks(db, settings, size)
        results = [_cost("SQLite", size, ticks)]
        if size in (LARGE, ONCE):
            results += [*_longest("items", ticks), _memory(db, settings, size), _join(db, size)]
        if size in (SMALL, ONCE):
            results += _mails(db, settings, size)
    return _middle(ticks), results


def _on_postgresql(settings: Settings, size: Size) -> list[Result]:
    try:
        with (
            postgres.running(shared_buffers="256MB") as server,
            _world(server.create("bench"), size) as db,
        ):
            databases.settle(db)
            return [_cost("PostgreSQL", size, _ticks(db, settings, size))]
    except postgres.PostgresUnavailable as reason:
        raise Missing(f"needs PostgreSQL: {reason}") from reason


@contextmanager
def _world(url: str, size: Size) -> Iterator[Watched]:
    db = Watched(url)
    migrations.upgrade(db)
    readers.write(db, size)
    yield db
    db.close()


def _ticks(db: Watched, settings: Settings, size: Size) -> list[Tick]:
    """The same hour of some days, each as if all that was due before were done."""
    done = []
    for number in range(TICKS.get(size, 1)):
        at = MORNING + timedelta(days=number)
        _all_looked_at(db, at - timedelta(minutes=1))
        db.begin_anew()
        start, working = perf_counter(), _working(db)
        plan.keep_true(db, settings, at)
        items = plan.write_due(db, at)
        took, working = perf_counter() - start, _working(db) - working
        with db.read() as session:
            written = session.scalar(select(func.count()).where(Item.planned_at == at))
        if not items or written != items:
            raise Untrue(f"{written} items of {items}")
        done.append(Tick(working, took, items, db.longest * 1000, db.working * 1000))
    return done


def _working(db: Database) -> float:
    """Seconds of the processor so far: of this process, and of the server's that works for it."""
    if db.is_sqlite:
        return process_time()
    with db.read() as session:
        server = session.scalar(text("SELECT pg_backend_pid()"))
    return process_time() + cpu_seconds(server)


def _all_looked_at(db: Database, at: datetime) -> None:
    """All deadlines are known, and no hour before that time is left to be looked at."""
    with db.begin() as session:
        dates = session.execute(select(KeyDate.id, KeyDate.call_id, KeyDate.utc_at)).all()
        rows = [{"key_date_id": one, "call_id": call, "at": when} for one, call, when in dates]
        session.execute(insert(session, DueDate).on_conflict_do_nothing(), rows)
        places = [
            {"zone": zone, "hour": hour, "looked_until": at} for zone, hour in hours.places(session)
        ]
        session.execute(delete(ReaderHour))
        session.execute(insert(session, ReaderHour), places)


def _mails(db: Watched, settings: Settings, size: Size) -> list[Result]:
    """Write the mails of the items that were planned, and count them."""
    db.begin_anew()
    at = MORNING + timedelta(days=TICKS.get(size, 1) + 1)
    start, working = perf_counter(), process_time()
    written = letters.write(db, settings, at)
    took, working = perf_counter() - start, process_time() - working
    with db.read() as session:
        waiting = session.scalar(select(func.count()).where(Item.state == "planned"))
        mails = session.scalar(select(func.count(OutboxMail.id)))
    if waiting or not written or mails != written:
        raise Untrue(f"{mails} mails of {written}, {waiting} items without one")
    return _longest("mails", [Tick(working, took, written, db.longest * 1000, db.working * 1000)])


def _middle(ticks: Sequence[Tick]) -> Tick:
    return sorted(ticks, key=lambda tick: tick.each)[len(ticks) // 2]


def _cost(name: str, size: Size, ticks: Sequence[Tick]) -> Result:
    tick = _middle(ticks)
    clock = f"{tick.seconds / tick.items * 1e6:.3g} by the clock"
    return Result(
        name=f"planning {name}, {size.readers:,} x {size.calls:,}", figure=tick.each,
        unit=f"us a row due ({tick.items:,} rows; {clock})", anchor="a limit",
        anchor_figure=LIMITS[name], ratio=LIMITS[name] / tick.each, target=1.0,
    )  # fmt: skip


def _growth(ticks: Sequence[Tick]) -> Result:
    """What a row costs where there are most, beside where there are fewest."""
    return Result(
        name="planning, growth of a row's cost", figure=ticks[-1].each, unit="us a row due",
        anchor=f"with a {ticks[-1].items / ticks[0].items:.0f}th of the rows",
        anchor_figure=ticks[0].each, ratio=ticks[0].each / ticks[-1].each,
    )  # fmt: skip


def _longest(what: str, ticks: Sequence[Tick]) -> list[Result]:
    longest = max(tick.longest for tick in ticks)
    working = max(tick.longest_working for tick in ticks)
    return [
        Result(
            name=f"planning, longest write of {what}", figure=longest,
            unit=f"ms ({working:.3g} of the processor)", anchor="a limit",
            anchor_figure=LIMIT_MILLISECONDS, ratio=LIMIT_MILLISECONDS / longest, target=1.0,
        )
    ]  # fmt: skip


def _memory(db: Database, settings: Settings, size: Size) -> Result:
    """The same hour of another day, planned by a process that does nothing else."""
    at = MORNING + timedelta(days=TICKS.get(size, 1))
    _all_looked_at(db, at - timedelta(minutes=1))
    url = db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "benchmarks.tick", str(settings.instance_path), url]
    done = subprocess.run([*command, at.isoformat()], capture_output=True, text=True, check=True)
    peak, items = (float(number) for number in done.stdout.split())
    with db.read() as session:
        written = session.scalar(select(func.count()).where(Item.planned_at == at))
    if not items or written != items:
        raise Untrue(f"{written} items of {items}")
    return Result(
        name="planning, peak memory", figure=peak, unit=f"MB ({items:,.0f} rows)",
        anchor="a limit", anchor_figure=LIMIT_MEGABYTES, ratio=LIMIT_MEGABYTES / peak, target=1.0,
    )  # fmt: skip


def _ten_times(settings: Settings, size: Size) -> Result:
    """As many deadlines a day, and ten times as many days of them."""
    costs = []
    for factor in (1, 10):
        larger = replace(size, calls=size.calls * factor, days=size.days * factor)
        with _world(f"sqlite:///{settings.instance_path}/times{factor}.db", larger) as db:
            costs.append(_middle(_ticks(db, settings, size)).each)
    ratio = costs[1] / costs[0]
    return Result(
        name="planning, ten times the calls", figure=ratio, unit="times the cost of a row",
        anchor="a limit", anchor_figure=MOST_FOR_TEN_TIMES, ratio=MOST_FOR_TEN_TIMES / ratio,
        target=1.0,
    )  # fmt: skip


def _join(db: Database, size: Size) -> Result:
    """Who asks for a call by a narrow filter: found by keys, and by comparing values.

    First all calls by keys, as the planner asks for them, one after the other.
    """
    calls = range(1, min(size.calls, CALLS_JOINED) + 1)
    with db.begin() as session:
        _write_wishes(session)
        audiences = followers.audiences(session, calls)
        narrow = [
            one.values | {"keys": [key for key in one.keys if "*" not in key.split("|")[:4]]}
            for one in audiences.values()
        ]
        keys, by_keys = _timed(session, BY_KEYS, narrow)
        predicates, by_values = _timed(session, PREDICATES, [{"call_id": one} for one in audiences])
        if by_keys != by_values:
            raise Untrue(f"{by_keys} by keys, {by_values} by values")
        session.rollback()
    return Result(
        name="planning, join by keys", figure=keys * 1000, unit="ms of the processor a call",
        anchor="predicates of each filter", anchor_figure=predicates * 1000,
        ratio=predicates / keys, target=TARGET_JOIN,
    )  # fmt: skip


def _timed(
    session: Session, statement: Executable, values: Sequence[dict[str, Any]]
) -> tuple[float, list[int]]:
    """Seconds of the processor in the median, and what was counted."""
    seconds, counted = [], []
    for some in values:
        start = process_time()
        counted.append(session.scalar(statement, some))
        seconds.append(process_time() - start)
    return median(seconds), counted


def _write_wishes(session: Session) -> None:
    """The narrow filters of all subscriptions, a row of values for each."""
    session.execute(WANTED)
    rows = session.execute(
        select(Subscription.id, FilterKey.key).join(
            FilterKey, FilterKey.filter_id == Subscription.filter_id
        )
    )
    wishes = []
    for number, key in rows:
        cluster, funder, programme, applicant, *_ = key.split("|")
        if funder != "*":
            wishes.append(
                {"subscription": number, "cluster": int(cluster), "funder": int(funder),
                 "programme": int(programme), "applicant": applicant}
            )  # fmt: skip
    session.execute(WISH, wishes)
