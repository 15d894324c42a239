"""Calls in the order of a value (an instant, an amount), and the sets of those up to one. Pure."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from feedsvc.search.stretches import of

FEW = 50  # changes that are made one by one
MOST_ASKED = 50  # sets that are kept: instants are asked for a while
NOTHING = -(1 << 63)

Pair = tuple[int, int]  # value, place


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
    _asked: dict[int, int] = field(default_factory=dict, compare=False)

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
        """The series without some places, and with more pairs."""
        if len(gone) + len(more) <= FEW:
            return self._edited(gone, more, size)
        kept = (pair for pair in self.pairs() if pair[1] not in gone)
        return Series.made((*kept, *more), size)

    def _edited(self, gone: Collection[int], more: Iterable[Pair], size: int) -> Series:
        values, places, value = self.values[:], self.places[:], self._value[:]
        several = {place: found for place, found in self._several.items() if place not in gone}
        value.extend(array("q", [NOTHING]) * (size - len(value)))
        for place in gone:
            for one in self.of(place):
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
        return Series(values, places, size, value, several)

    def until(self, value: int) -> int:
        """The set of places with a value up to that one, itself included."""
        end = bisect_right(self.values, value)
        if end not in self._asked:
            near = max((at for at in self._asked if at < end), default=0)
            found = self._asked.get(near, 0) | of(self.places[near:end], self.size)
            if len(self._asked) >= MOST_ASKED:
                self._asked.clear()
            self._asked[end] = found
        return self._asked[end]

    def between(self, after: int, until: int) -> int:
        """Those with a value after the one, and up to the other."""
        start, end = bisect_right(self.values, after), bisect_right(self.values, until)
        return of(self.places[start:end], self.size)

    def any(self) -> int:
        """Those that have a value at all."""
        return self.until(self.values[-1]) if self.values else 0

    def pairs(self) -> Iterator[Pair]:
        return zip(self.values, self.places, strict=True)
