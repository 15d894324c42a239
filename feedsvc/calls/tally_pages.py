"""Pages of a list from the tally, in the orders and with the cursors of `lists`: no row is sorted.

Each shelf walks along values that are in order already, from where the page before ended, and stops
when the page is full: the last page costs what the first one does. Pure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter

from feedsvc.calls.bits import Series
from feedsvc.calls.lists import Cursor
from feedsvc.calls.tally import Moment, micros

MICROS = 1_000_000
NEVER = 1 << 62
Found = tuple[int, int]  # a sort value as a cursor writes it, and a call's id


@dataclass(frozen=True)
class Wanted:
    """What a page is made of: the calls that match, and those with the words in their title."""

    at: Moment
    calls: int
    titled: int = 0


Shelf = Callable[[Wanted, Cursor | None], Iterator[Found]]


def page(
    wanted: Wanted, order: str, after: Cursor | None, limit: int
) -> tuple[Sequence[int], Cursor | None]:
    """The ids of the page's calls, and the cursor of its last row if more follow."""
    found: list[tuple[int, int, int]] = []
    for number, shelf in enumerate(SHELVES[order]):
        if after and number < after.shelf:
            continue
        start = after if after and after.shelf == number else None
        rows = islice(shelf(wanted, start), limit + 1 - len(found))
        found += [(number, value, call_id) for value, call_id in rows]
        if len(found) > limit:
            break
    kept = found[:limit]
    last = Cursor(*kept[-1]) if len(found) > limit else None
    return [call_id for _, _, call_id in kept], last


def _ahead(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    """By the next deadline, the nearest first."""
    held, now = wanted.at.held, micros(wanted.at.now)
    calls = wanted.calls & ~held.mark("cancelled") & ~held.mark("closed")
    series = held.series["deadlines"]
    since = bisect_right(series.values, now)
    begin = since if start is None else max(since, bisect_left(series.values, start.at * MICROS))
    told = _Told(series, since, begin)
    rows = _tied(wanted, series, range(begin, len(series.values)), calls)
    for value, place, call_id in rows:
        is_beyond = start is None or (value // MICROS, call_id) > (start.at, start.id)
        if told.is_new(place) and is_beyond:
            yield value // MICROS, call_id


class _Told:
    """Whether a call stood in the list already, by an earlier of its deadlines."""

    def __init__(self, series: Series, since: int, begin: int) -> None:
        self._seen = set(series.places[since:begin])

    def is_new(self, place: int) -> bool:
        if place in self._seen:
            return False
        self._seen.add(place)
        return True


def _undated(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    held = wanted.at.held
    over = held.mark("cancelled") | held.mark("closed") | held.series["closes"].any()
    return _latest(wanted, "published", wanted.calls & ~over, start)


def _over(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    """By when they closed, or were published if they never would: the latest first."""
    held, now = wanted.at.held, micros(wanted.at.now)
    closes, ahead = held.series["closes"].any(), held.series["deadlines"].between(now, NEVER)
    off = held.mark("cancelled") | held.mark("closed")
    calls = wanted.calls & (off | closes & ~ahead)
    yield from merge(
        _latest(wanted, "closes", calls & closes, start),
        _latest(wanted, "published", calls & ~closes, start),
        reverse=True,
    )


def _newest(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    return _latest(wanted, "published", wanted.calls, start)


def _priced(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    return _latest(wanted, "award_max", wanted.calls, start, unit=1)


def _unpriced(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    calls = wanted.calls & ~wanted.at.held.series["award_max"].any()
    return _latest(wanted, "published", calls, start)


def _latest(
    wanted: Wanted, name: str, calls: int, start: Cursor | None, unit: int = MICROS
) -> Iterator[Found]:
    """From the highest value down; of equal ones the highest id first."""
    if not calls:
        return
    series = wanted.at.held.series[name]
    end = len(series.values)
    if start is not None:
        end = bisect_left(series.values, (start.at + 1) * unit)
    for value, _, call_id in _tied(wanted, series, range(end - 1, -1, -1), calls):
        if start is None or (value // unit, call_id) < (start.at, start.id):
            yield value // unit, call_id


def _tied(wanted: Wanted, series: Series, way: range, calls: int) -> Iterator[tuple[int, int, int]]:
    """Value, place and id of those calls along the way; of equal values by id, the same way."""
    among, ids = calls.to_bytes(series.size // 8 + 1, "little"), wanted.at.held.ids
    values, places = series.values, series.places
    rows = (
        (values[at], place, ids[place])
        for at in way
        if among[(place := places[at]) >> 3] >> (place & 7) & 1
    )
    for _, equal in groupby(rows, itemgetter(0)):
        yield from sorted(equal, key=itemgetter(2), reverse=way.step < 0)


def _titled(shelf: Shelf, *, inside: bool) -> Shelf:
    def part(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
        calls = wanted.calls & (wanted.titled if inside else ~wanted.titled)
        return shelf(Wanted(wanted.at, calls), start)

    return part


# As `lists.SHELVES` has them.
SHELVES: dict[str, tuple[Shelf, ...]] = {
    "deadline": (_ahead, _undated, _over),
    "newest": (_newest,),
    "amount": (_priced, _unpriced),
    "relevance": tuple(
        _titled(shelf, inside=inside)
        for shelves in ((_ahead, _undated), (_over,))
        for inside in (True, False)
        for shelf in shelves
    ),
}
