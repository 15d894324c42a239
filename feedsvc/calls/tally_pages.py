"""Pages of a list from the tally, in the orders and with the cursors of `lists`: no row is sorted.

Each shelf walks along values that are in order already, from where the page before ended, and stops
when the page is full: the last page costs what the first one does. Where that is far to go, because
few calls match, their values are looked up and sorted instead. Pure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from feedsvc.calls.lists import Cursor
from feedsvc.calls.series import Series
from feedsvc.calls.tally import Moment, Snapshot, micros
from feedsvc.search.stretches import less, places_in

MICROS = 1_000_000
NEVER = 1 << 62
PAGE = 20  # rows that are usually asked for
SHORT = 300  # steps that are walked, whatever there is to meet
WORTH = 15  # steps of a walk that take as long as one call to be looked up and sorted
Row = tuple[int, int, int]  # value, id, place
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
    calls = less(wanted.calls, held.mark("cancelled") | held.mark("closed"))
    series = held.series["deadlines"]
    since = series.place(now)
    begin = since if start is None else max(since, bisect_left(series.values, start.at * MICROS))

    def walked(way: range) -> Iterator[Row]:
        return _first(_tied(held, series, way, calls), series, now)

    def looked_up(few: int, first: int) -> Iterator[Row]:
        return iter(sorted(row for row in _next(held, series, few, now) if row[0] >= first))

    way = Way(series, range(begin, len(series.values)), calls, series.above(now))
    for value, call_id, _ in _rows(way, walked, looked_up):
        if start is None or (value // MICROS, call_id) > (start.at, start.id):
            yield value // MICROS, call_id


@dataclass(frozen=True)
class Way:
    """Along which values to go, for which calls, and which have such a value at all."""

    series: Series
    steps: range
    calls: int
    valued: int

    def turn(self, steps: int) -> int:
        """Not less than so many steps on, and not between equal values."""
        if steps >= len(self.steps):
            return len(self.steps)
        start, values = self.steps.start, self.series.values
        value = values[self.steps[steps]]
        if self.steps.step > 0:
            return bisect_right(values, value) - start
        return start - bisect_left(values, value) + 1


def _rows(
    way: Way,
    walked: Callable[[range], Iterator[Row]],
    looked_up: Callable[[int, int], Iterator[Row]],
) -> Iterator[Row]:
    """The rows along a way. Of n calls one stands at every (way / n)th step, more or less: few are
    sooner looked up. Who walked as long as that takes, and met no page of them, looks them up too.
    """
    if len(way.steps) <= SHORT:
        yield from walked(way.steps)
        return
    few = way.calls & way.valued
    effort = few.bit_count() * WORTH
    turn = 0
    if effort * few.bit_count() > len(way.steps) * PAGE:
        turn = way.turn(effort)
        yield from walked(way.steps[:turn])
    if few and (rest := way.steps[turn:]):
        yield from looked_up(few, way.series.values[rest[0]])


def _next(held: Snapshot, series: Series, calls: int, now: int) -> Iterator[Row]:
    """The next value of each of these calls that has one."""
    for place in places_in(calls):
        following = [value for value in series.of(place) if value > now]
        if following:
            yield following[0], held.places.id(place), place


def _first(rows: Iterable[Row], series: Series, now: int) -> Iterator[Row]:
    """Without those that stand in the list already, by an earlier of their values."""
    for row in rows:
        if next(one for one in series.of(row[2]) if one > now) == row[0]:
            yield row


def _undated(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    held = wanted.at.held
    over = held.mark("cancelled") | held.mark("closed") | held.series["closes"].any()
    return _latest(wanted, "published", less(wanted.calls, over), start)


def _over(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    """By when they closed, or were published if they never would: the latest first."""
    held, now = wanted.at.held, micros(wanted.at.now)
    closes, ahead = held.series["closes"].any(), held.series["deadlines"].above(now)
    off = held.mark("cancelled") | held.mark("closed")
    calls = wanted.calls & (off | less(closes, ahead))
    yield from merge(
        _latest(wanted, "closes", calls & closes, start),
        _latest(wanted, "published", less(calls, closes), start),
        reverse=True,
    )


def _newest(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    return _latest(wanted, "published", wanted.calls, start)


def _priced(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    return _latest(wanted, "award_max", wanted.calls, start, unit=1)


def _unpriced(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
    calls = less(wanted.calls, wanted.at.held.series["award_max"].any())
    return _latest(wanted, "published", calls, start)


def _latest(
    wanted: Wanted, name: str, calls: int, start: Cursor | None, unit: int = MICROS
) -> Iterator[Found]:
    """From the highest value down; of equal ones the highest id first."""
    held = wanted.at.held
    series = held.series[name]
    end = len(series.values)
    if start is not None:
        end = bisect_left(series.values, (start.at + 1) * unit)

    def walked(way: range) -> Iterator[Row]:
        return _tied(held, series, way, calls)

    def looked_up(few: int, first: int) -> Iterator[Row]:
        rows = ((one, held.places.id(at), at) for at in places_in(few) for one in series.of(at))
        return iter(sorted((row for row in rows if row[0] <= first), reverse=True))

    way = Way(series, range(end - 1, -1, -1), calls, series.any())
    for value, call_id, _ in _rows(way, walked, looked_up):
        if start is None or (value // unit, call_id) < (start.at, start.id):
            yield value // unit, call_id


def _tied(held: Snapshot, series: Series, way: range, calls: int) -> Iterator[Row]:
    """Those calls along the way; of equal values by id, the same way."""
    among, call_id = held.written(calls), held.places.id
    values, places = series.values, series.places
    equal: list[Row] = []
    for at in way:
        place = places[at]
        if among[place >> 3] >> (place & 7) & 1:
            value = values[at]
            if equal and equal[0][0] != value:
                yield from _by_id(equal, way)
                equal = []
            equal.append((value, call_id(place), place))
    yield from _by_id(equal, way)


def _by_id(equal: list[Row], way: range) -> Sequence[Row]:
    if len(equal) < 2:
        return equal
    # A call may have two deadlines at one instant.
    return sorted(set(equal), reverse=way.step < 0)


def _titled(shelf: Shelf, *, inside: bool) -> Shelf:
    def part(wanted: Wanted, start: Cursor | None) -> Iterator[Found]:
        calls = wanted.calls & wanted.titled if inside else less(wanted.calls, wanted.titled)
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
