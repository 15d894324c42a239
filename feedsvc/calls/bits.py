"""Sets of calls as whole numbers, a bit for each: two sets meet in a microsecond. Pure."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

FEW = 50  # changes that are made one by one


def of(places: Iterable[int], size: int) -> int:
    """The set of those places, all below `size`."""
    held = bytearray(size // 8 + 1)
    for place in places:
        held[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(held, "little")


@dataclass(frozen=True)
class Series:
    """What has a value, in the order of the values: of an instant or an amount, as whole numbers.

    A place may stand in it several times. What was asked last is kept, for the next asks the same.
    """

    values: array[int] = field(default_factory=lambda: array("q"))
    places: array[int] = field(default_factory=lambda: array("q"))
    size: int = 0
    _asked: dict[int, int] = field(default_factory=dict, compare=False)

    @classmethod
    def made(cls, pairs: Iterable[tuple[int, int]], size: int) -> Series:
        """Of pairs (value, place)."""
        ordered = sorted(pairs)
        values = array("q", (value for value, _ in ordered))
        return cls(values, array("q", (place for _, place in ordered)), size)

    def pairs(self) -> Iterator[tuple[int, int]]:
        return zip(self.values, self.places, strict=True)

    def changed(
        self, gone: Collection[int], more: Collection[tuple[int, int]], size: int
    ) -> Series:
        """The series without some places, and with more pairs."""
        if len(gone) + len(more) <= FEW:
            return self._edited(gone, more, size)
        return Series.made((*(p for p in self.pairs() if p[1] not in gone), *more), size)

    def _edited(self, gone: Collection[int], more: Iterable[tuple[int, int]], size: int) -> Series:
        values, places = self.values[:], self.places[:]
        for place in gone:
            for _ in range(places.count(place)):
                at = places.index(place)
                values.pop(at)
                places.pop(at)
        for value, place in more:
            at = bisect_right(values, value)
            values.insert(at, value)
            places.insert(at, place)
        return Series(values, places, size)

    def until(self, value: int) -> int:
        """The set of places with a value up to that one, itself included."""
        end = bisect_right(self.values, value)
        if end not in self._asked:
            if len(self._asked) > 50:  # instants: each is asked for a while
                self._asked.clear()
            self._asked[end] = of(self.places[:end], self.size)
        return self._asked[end]

    def between(self, after: int, until: int) -> int:
        """Those with a value after the one, and up to the other."""
        start, end = bisect_right(self.values, after), bisect_right(self.values, until)
        return of(self.places[start:end], self.size)

    def any(self) -> int:
        """Those that have a value at all."""
        return self.until(self.values[-1]) if self.values else 0
