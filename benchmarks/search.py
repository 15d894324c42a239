"""Search and lists: a faceted query, counts, deep pages and upkeep, beside what is usually written.

Every query finds the same calls as the list in SQL does before a figure is printed. SQLite runs in
this process, so that its figures are CPU time, which hardly feels what else the machine does; those
of PostgreSQL are time on the wall.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import product
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks import content, databases, many_calls
from benchmarks.result import Result, Untrue
from feedsvc import migrations
from feedsvc.calls import lists, queries, tally_rows
from feedsvc.calls.counts import Counter, Teller
from feedsvc.calls.models import Call
from feedsvc.calls.tally import Snapshot
from feedsvc.content import entries, generation
from feedsvc.content.filters import Filter
from feedsvc.content.models import Entry
from feedsvc.db import Database

T = TypeVar("T")

SIZES = tuple(map(int, os.environ.get("BENCH_SIZES", "10000,100000,1000000").split(",")))
ONCE = (40,)
REAL = 5_000  # calls of the file that are taken; it has fewer
NOW = datetime.fromisoformat("2026-04-10T09:00:00+00:00")
WORDS = (
    "innovation health", "energy", "digital", "hydrogen", "climate data", "research", "water",
    "training", "smart cities", "cancer", "security", "batteries recycling", "soil", "quantum",
)  # fmt: skip
CAPS = (None, Decimal(100_000), Decimal(2_000_000))
SHOWN, ROUNDS, EDITS = 20, 5, 40
CHECKED = 400_000  # calls times queries that are compared: SQL is slow where there are many
FAR = 50_000  # calls from which on OFFSET has a long way
SLOW = 100_000  # calls from which on the anchor answers some of the queries only
LIMITS = {"SQLite": 2.0, "PostgreSQL": 10.0}  # milliseconds for the faceted query
LIMIT_COUNTS, LIMIT_EDIT = 20.0, 1.0  # milliseconds
TARGET_DEEP, MOST_GROWTH = 500.0, 6.0


def search(*, once: bool) -> list[Result]:
    results: list[Result] = []
    for name, database in databases.BOTH:
        with content.installed() as settings, database() as url:
            here = replace(settings, database_url=url or settings.effective_database_url)
            db = Database(here.effective_database_url)
            if url:
                migrations.upgrade(db)
            calls = many_calls.Calls(db, here, ONCE[0] if once else REAL, NOW)
            results += _grown(db, calls, name, ONCE if once else SIZES)
            db.close()
    return results


def _grown(
    db: Database, calls: many_calls.Calls, name: str, sizes: Sequence[int]
) -> Iterator[Result]:
    figures: list[float] = []
    for size in sizes:
        made = calls.grow(size)
        if made < size:
            raise Untrue(f"{made} calls instead of {size}")
        found = list(_measured(db, name, made, rounds=1 if sizes is ONCE else ROUNDS))
        figures.append(found[0].figure or 0)
        yield from found
    if len(figures) > 1:
        growth = figures[-1] / figures[0]
        yield _limit(f"query, growth, {name}", growth, "times", MOST_GROWTH)


def _measured(db: Database, name: str, size: int, *, rounds: int) -> Iterator[Result]:
    filters = [
        Filter(q=words, status=("open",), award_max_from=cap) for words, cap in product(WORDS, CAPS)
    ]
    where = f"{size:,} calls, {name}"
    # SQLite runs in this process: its time hardly feels what else the machine does.
    timed = Stopwatch(process_time if name == "SQLite" else perf_counter)
    with db.read() as session:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        built, held = timed(Teller().tally, session)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        _check(session, held, filters[:: max(5, size * len(filters) // CHECKED)])

        def ours(wanted: Filter) -> Sequence[int]:
            held.words.clear()  # nobody has searched for these words since the last edit
            return Counter(session, held, wanted, NOW).page("deadline", None, SHOWN)[0]

        compared = filters[:: max(1, size // SLOW)]
        quick, slow = _interleaved(
            timed, filters, ours, compared, lambda wanted: _naive(session, wanted), rounds=rounds
        )
        yield _limit(f"query, p99, {where}", _p99(quick), "ms", LIMITS[name])
        yield Result(
            name=f"query, median, {where}", figure=median(quick), unit="ms",
            anchor="join and sort", anchor_figure=median(slow), ratio=median(slow) / median(quick),
        )  # fmt: skip

        def count(wanted: Filter) -> object:
            held.words.clear()
            return Counter(session, held, wanted, NOW).facets()

        first = timed(count, Filter())[0]
        counts = [
            timed(count, wanted)[0]
            for wanted in (Filter(), Filter(status=("open",)), *filters[:8])
            for _ in range(rounds)
        ]
        yield _limit(f"counts of all facets, p99, {where}", _p99(counts), "ms", LIMIT_COUNTS)
        yield Result(name=f"first counts of a process, {where}", figure=first, unit="ms")
        yield _deep(timed, session, held, where=where, rounds=rounds)
        yield Result(
            name=f"tally from nothing, {where}", figure=built, unit=f"ms (+{grown:.0f} MB)"
        )
    yield from _upkeep(timed, db, held, where=where, edits=2 if rounds == 1 else EDITS)


def _naive(session: Session, wanted: Filter) -> Sequence[int]:
    """What everybody writes: all that match, sorted by their deadline."""
    ids = queries.matching(session, wanted, NOW)
    found = select(Call.id).where(Call.id.in_(ids)).order_by(Call.closes_at, Call.id).limit(SHOWN)
    return session.scalars(found).all()


def _check(session: Session, held: Snapshot, filters: Sequence[Filter]) -> None:
    """Raises: Untrue, where the two lists or a number differ."""
    for wanted in filters:
        counter = Counter(session, held, wanted, NOW)
        listed = [call.id for call in lists.page(session, wanted, now=NOW, limit=SHOWN).items]
        if list(counter.page("deadline", None, SHOWN)[0]) != listed:
            raise Untrue(f"other calls than in SQL: {wanted.query()}")
        if counter.total() != queries.count(session, wanted, NOW):
            raise Untrue(f"another number than in SQL: {wanted.query()}")


def _deep(timed: Stopwatch, session: Session, held: Snapshot, *, where: str, rounds: int) -> Result:
    """The last page of all calls, the newest first."""
    number = Counter(session, held, Filter(), NOW).total()
    last = select(Entry.publish_at, Entry.id).where(Entry.kind == "call")
    ordered = last.order_by(Entry.publish_at.desc(), Entry.id.desc())
    at, call_id = session.execute(ordered.offset(max(0, number - SHOWN - 1)).limit(1)).one()
    cursor = f"0-{int(at.timestamp())}-{call_id}"

    def ours() -> Sequence[int]:
        return Counter(session, held, Filter(), NOW).page("newest", cursor, SHOWN)[0]

    def offset() -> list[int]:
        rows = session.execute(ordered.offset(number - SHOWN).limit(SHOWN))
        return [row.id for row in rows]

    if number > SHOWN and list(ours()) != offset():
        raise Untrue("the last page differs from the one by OFFSET")
    quick = median(timed(ours)[0] for _ in range(rounds * 5))
    slow = median(timed(offset)[0] for _ in range(rounds))
    return Result(
        name=f"last page, {where}", figure=quick, unit="ms", anchor="OFFSET", anchor_figure=slow,
        ratio=slow / quick, target=TARGET_DEEP if number >= FAR else None,
    )  # fmt: skip


def _upkeep(
    timed: Stopwatch, db: Database, held: Snapshot, *, where: str, edits: int
) -> Iterator[Result]:
    """What an edit pays for the index, and who asks next for the tally and for all counts."""
    indexed, followed, counted = [], [], []
    for number in range(edits + 1):
        with db.begin() as session:
            call = session.scalars(select(Call).order_by(Call.id).offset(number).limit(1)).one()
            call.translations[0].summary = f"Corrected {number}."
            call.version += 1
            session.flush()
            indexed.append(timed(entries.index_text, session, call)[0])
            generation.advance(session, NOW)
            current = generation.current(session).value
            took, held = timed(tally_rows.refreshed, session, held, current)
            followed.append(took)
            counter = Counter(session, held, Filter(), NOW)
            counted.append(took + timed(counter.facets)[0])
            session.rollback()  # the next size is made of the calls as they were
    # The first edit of a process has its statements compiled.
    indexed, followed, counted = indexed[1:], followed[1:], counted[1:]
    yield _limit(f"index kept in an edit, {where}", median(indexed), "ms", LIMIT_EDIT)
    yield Result(name=f"tally after an edit, {where}", figure=median(followed), unit="ms")
    yield _limit(f"first counts after an edit, p99, {where}", _p99(counted), "ms", LIMIT_COUNTS)


def _interleaved(
    timed: Stopwatch,
    filters: Sequence[Filter],
    ours: Callable[[Filter], object],
    compared: Sequence[Filter],
    anchor: Callable[[Filter], object],
    *,
    rounds: int,
) -> tuple[list[float], list[float]]:
    """How long each takes; the first round warms what is kept, and the anchor has one more."""
    quick, slow = [], []
    for number in range(rounds + 1):
        for wanted in filters:
            mine = timed(ours, wanted)[0]
            theirs = [timed(anchor, wanted)[0]] if number < 2 and wanted in compared else []
            if number:
                quick.append(mine)
                slow += theirs
    return quick, slow


class Stopwatch:
    """How many milliseconds an act takes, and what it gives."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def __call__(self, act: Callable[..., T], *values: object) -> tuple[float, T]:
        start = self._clock()
        found = act(*values)
        return (self._clock() - start) * 1e3, found


def _p99(figures: Sequence[float]) -> float:
    return quantiles(figures, n=100)[98] if len(figures) > 1 else figures[0]


def _limit(name: str, figure: float, unit: str, limit: float) -> Result:
    return Result(
        name=name, figure=figure, unit=unit, anchor="a limit", anchor_figure=limit,
        ratio=limit / figure, target=1.0,
    )  # fmt: skip
