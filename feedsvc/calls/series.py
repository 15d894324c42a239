"""Calls in the order of a value (an instant, an amount), and the sets of those within a window. Pure.

A window that was asked for is kept, and the next one is made of the nearest: as time goes on, or a
call changes, few calls come into it or leave it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from feedsvc.search.stretches import less, of

FEW = 500  # changes that are made one by one
MOST_ASKED = 40  # windows that are kept
NOTHING = -(1 << 63)

Pair = tuple[int, int]  # value, place
Window = tuple[int, int]  # from where in the order up to where


@dataclass(frozen=True)
class Series:
    """What has a value, in the order of the values, as whole numbers.

    A place may stand in it several times: its values are then in `_several`, else in `_value`.
    """

    values: array[int] = field(default_factory=lambda: array("q"))
    places: array[int] = field(default_factory=lambda: array("q"))
    size: int = 0
    _value: array[int] = field(default_factory=lambda: array("q"))
    _several: Mapping[int, list[int]] = field(default_factory=dict)
    _asked: dict[Window, int] = field(default_factory=dict, compare=False)

    @classmethod
    def made(cls, pairs: Iterable[Pair], size: int) -> Series:
        ordered = sorted(pairs)
        value = array("q", [NOTHING]) * size
        several: defaultdict[int, list[int]] = defaultdict(list)
        for one, place in ordered:
            if value[place] != NOTHING:
                several[place] = several[place] or [value[place]]
                several[place].append(one)
            value[place] = one
        values = array("q", [one for one, _ in ordered])
        return cls(values, array("q", [place for _, place in ordered]), size, value, several)

    def of(self, place: int) -> Collection[int]:
        """The values of a place, in order."""
        if place in self._several:
            return self._several[place]
        value = self._value[place] if place < len(self._value) else NOTHING
        return () if value == NOTHING else (value,)

    def changed(self, gone: Collection[int], more: Collection[Pair], size: int) -> Series:
        """The series without some places, and with more pairs; itself if that is the same."""
        was = [(value, place) for place in gone for value in self.of(place)]
        if sorted(was) == sorted(more):
            return self
        if len(was) + len(more) <= FEW:
            return self._edited(was, more, size)
        there = set(gone)
        kept = (pair for pair in self.pairs() if pair[1] not in there)
        return Series.made((*kept, *more), size)

    def _edited(self, was: Collection[Pair], more: Collection[Pair], size: int) -> Series:
        values, places, value = self.values[:], self.places[:], self._value[:]
        gone = {place for _, place in was}
        several = {place: found for place, found in self._several.items() if place not in gone}
        value.extend(array("q", [NOTHING]) * (size - len(value)))
        for one, place in was:
            at = places.index(place, bisect_left(values, one))
            del values[at], places[at]
            value[place] = NOTHING
        for one, place in sorted(more):
            at = bisect_right(values, one)
            values.insert(at, one)
            places.insert(at, place)
            if value[place] != NOTHING:
                several[place] = [*several.get(place, [value[place]]), one]
            value[place] = one
        return Series(values, places, size, value, several, self._moved(values, gone, more, size))

    def _moved(
        self, values: array[int], gone: Collection[int], more: Collection[Pair], size: int
    ) -> dict[Window, int]:
        """The windows that are kept, between the same values as before."""
        moved, away = {}, of(gone, size)
        for (start, end), found in tuple(self._asked.items()):
            low, high = self.values[start], self.values[end - 1]
            come = of([place for value, place in more if low <= value <= high], size)
            window = bisect_left(values, low), bisect_right(values, high)
            if window[0] < window[1]:
                moved[window] = less(found, away) | come
        return moved

    def place(self, value: int) -> int:
        """How many values there are up to that one."""
        return bisect_right(self.values, value)

    def until(self, value: int) -> int:
        """The set of places with a value up to that one, itself included."""
        return self._within(0, bisect_right(self.values, value))

    def above(self, value: int) -> int:
        """The set of places with a higher value."""
        return self._within(bisect_right(self.values, value), len(self.values))

    def between(self, after: int, until: int) -> int:
        """Those with a value after the one, and up to the other."""
        return self._within(bisect_right(self.values, after), bisect_right(self.values, until))

    def any(self) -> int:
        """Those that have a value at all."""
        return self._within(0, len(self.values))

    def pairs(self) -> Iterator[Pair]:
        return zip(self.values, self.places, strict=True)

    def _within(self, start: int, end: int) -> int:
        """Those of a window, whose first value is not the last one before it."""
        if start >= end:
            return 0
        found = self._asked.get((start, end))
        if found is None:
            found = self._made_of_nearest(start, end)
            asked = tuple(self._asked)  # others ask at the same time
            if len(asked) >= MOST_ASKED:
                self._asked.pop(asked[0], None)
            self._asked[start, end] = found
        return found

    def _made_of_nearest(self, start: int, end: int) -> int:
        def far(window: Window) -> int:
            return abs(window[0] - start) + abs(window[1] - end)

        asked = self._asked.copy()
        first, last = near = min(asked, key=far, default=(start, start))
        if far(near) >= end - start:  # which is so of all that lie beside it
            return of(self.places[start:end], self.size)
        come = self.places[start:first] + self.places[max(last, start) : end]
        left = self.places[first:start] + self.places[max(end, first) : last]
        low, high = self.values[start], self.values[end - 1]
        away = [one for one in left if not any(low <= value <= high for value in self.of(one))]
        return less(asked[near], of(away, self.size)) | of(come, self.size)
