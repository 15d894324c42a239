"""Planning: what a reminder that is due costs, on both databases, and what it does not depend on.

A tick is planned as the scheduler does it, when the hour of most readers begins: by then all that was
due before is done. Before a figure is printed the items are counted, and what the join by keys finds
is compared with what comparing the values of every filter finds.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from benchmarks import content, readers
from benchmarks.readers import Size
from benchmarks.result import Missing, Result, Untrue
from feedsvc import migrations
from feedsvc.db import Database
from feedsvc.reminders import followers, plan
from feedsvc.reminders.models import Item, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import FilterKey, Subscription
from tests.support import postgres

SMALL, MIDDLE, LARGE = Size(10_000, 500), Size(30_000, 1_500), Size(100_000, 5_000)
ONCE = Size(60, 60)
MORNING = datetime(2026, 3, 23, 7, 0, 1, tzinfo=readers.BEGINNING.tzinfo)  # a second past eight
TICKS = 3
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

    longest = 0.0

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().begin() as session:
            session.connection()
            start = perf_counter()
            yield session
        self.longest = max(self.longest, perf_counter() - start)


@dataclass(frozen=True)
class Tick:
    """Seconds and items of a turn of planning, and the longest transaction in milliseconds."""

    seconds: float
    items: int
    longest: float

    @property
    def each(self) -> float:
        """Microseconds an item."""
        return self.seconds / self.items * 1e6


def planning(*, once: bool) -> list[Result]:
    found: list[Result] = []
    with content.installed() as settings:
        if once:
            return _on_sqlite(settings, ONCE, last=True)
        for size in (SMALL, MIDDLE, LARGE):
            found += _on_sqlite(settings, size, last=size is LARGE)
        found += _ten_times(settings, SMALL)
        found += _on_postgresql(settings, MIDDLE)
    return found


def _on_sqlite(settings: Settings, size: Size, *, last: bool) -> list[Result]:
    with _world(f"sqlite:///{settings.instance_path}/{size.readers}.db", size) as db:
        ticks = _ticks(db, settings)
        results = [_cost("SQLite", size, ticks)]
        if last:
            results += [_limits(ticks), _memory(), _join(db, size)]
    return results


def _on_postgresql(settings: Settings, size: Size) -> list[Result]:
    try:
        with postgres.running() as server, _world(server.create("bench"), size) as db:
            return [_cost("PostgreSQL", size, _ticks(db, settings))]
    except postgres.PostgresUnavailable as reason:
        raise Missing(f"needs PostgreSQL: {reason}") from reason


@contextmanager
def _world(url: str, size: Size) -> Iterator[Watched]:
    db = Watched(url)
    migrations.upgrade(db)
    readers.write(db, size)
    yield db
    db.close()


def _ticks(db: Watched, settings: Settings) -> list[Tick]:
    """The same hour of some days, each after all that was due before it is done."""
    done = []
    for number in range(TICKS):
        at = MORNING + timedelta(days=number)
        _done_before(db, settings, at - timedelta(minutes=1))
        db.longest = 0.0
        start = perf_counter()
        plan.keep_true(db, settings, at)
        items = plan.write_due(db, at)
        took = perf_counter() - start
        with db.read() as session:
            written = session.scalar(select(func.count()).where(Item.planned_at == at))
        if not items or written != items:
            raise Untrue(f"{written} items of {items}")
        done.append(Tick(took, items, db.longest * 1000))
    return done


def _done_before(db: Database, settings: Settings, at: datetime) -> None:
    """Make the occasions of that time, and take those that are due for told."""
    plan.keep_true(db, settings, at)
    with db.begin() as session:
        session.execute(update(Occasion).where(Occasion.due_at <= at).values(state="done"))


def _cost(name: str, size: Size, ticks: Sequence[Tick]) -> Result:
    each = median(tick.each for tick in ticks)
    return Result(
        name=f"planning {name}, {size.readers:,} x {size.calls:,}", figure=each,
        unit=f"us a row due ({ticks[-1].items:,} rows)", anchor="a limit",
        anchor_figure=LIMITS[name], ratio=LIMITS[name] / each, target=1.0,
    )  # fmt: skip


def _limits(ticks: Sequence[Tick]) -> Result:
    longest = max(tick.longest for tick in ticks)
    return Result(
        name="planning, longest write", figure=longest, unit="ms", anchor="a limit",
        anchor_figure=LIMIT_MILLISECONDS, ratio=LIMIT_MILLISECONDS / longest, target=1.0,
    )  # fmt: skip


def _memory() -> Result:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(
        name="planning, peak memory", figure=peak, unit="MB", anchor="a limit",
        anchor_figure=LIMIT_MEGABYTES, ratio=LIMIT_MEGABYTES / peak, target=1.0,
    )  # fmt: skip


def _ten_times(settings: Settings, size: Size) -> list[Result]:
    """As many deadlines a day, and ten times as many days of them."""
    seconds = []
    for number, factor in enumerate((1, 10)):
        larger = replace(size, calls=size.calls * factor, days=size.days * factor)
        url = f"sqlite:///{settings.instance_path}/times{number}.db"
        with _world(url, larger) as db:
            seconds.append(median(tick.each for tick in _ticks(db, settings)))
    ratio = seconds[1] / seconds[0]
    return [
        Result(
            name="planning, ten times the calls", figure=ratio, unit="times the cost of a row",
            anchor="a limit", anchor_figure=MOST_FOR_TEN_TIMES,
            ratio=MOST_FOR_TEN_TIMES / ratio, target=1.0,
        )
    ]  # fmt: skip


def _join(db: Database, size: Size) -> Result:
    """Who asks for a call by a narrow filter: found by keys, and by comparing values."""
    keys = predicates = 0.0
    calls = range(1, min(size.calls, CALLS_JOINED) + 1)
    with db.begin() as session:
        _write_wishes(session)
        for call_id in calls:
            audience = followers.audiences(session, [call_id])[call_id]
            narrow = [key for key in audience.keys if "*" not in key.split("|")[:4]]
            start = perf_counter()
            by_keys = session.scalar(BY_KEYS, audience.values | {"keys": narrow})
            middle = perf_counter()
            by_values = session.scalar(PREDICATES, {"call_id": call_id})
            keys, predicates = keys + middle - start, predicates + perf_counter() - middle
            if by_keys != by_values:
                raise Untrue(f"{by_keys} by keys, {by_values} by values")
        session.rollback()
    return Result(
        name="planning, join by keys", figure=keys / len(calls) * 1000, unit="ms a call",
        anchor="predicates of each filter", anchor_figure=predicates / len(calls) * 1000,
        ratio=predicates / keys, target=TARGET_JOIN,
    )  # fmt: skip


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
        cluster, funder, programme, applicant, _ = key.split("|")
        if funder != "*":
            wishes.append(
                {"subscription": number, "cluster": int(cluster), "funder": int(funder),
                 "programme": int(programme), "applicant": applicant}
            )  # fmt: skip
    session.execute(WISH, wishes)
