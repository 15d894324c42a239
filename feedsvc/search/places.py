"""Which bit of a whole number stands for which entry: by their ids, without the stretches of ids in
which none is that matters. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from feedsvc.search.stretches import BITS, LENGTH, SHIFT, of, read, set_bits


@dataclass(frozen=True)
class Places:
    """The stretches that have room, in order."""

    order: tuple[int, ...] = ()
    _starts: Mapping[int, int] = field(default_factory=dict, compare=False)

    def with_ids(self, ids: Iterable[int]) -> Places:
        """With room for these. What has a place keeps it."""
        fresh = {one >> SHIFT for one in ids} - self._starts.keys()
        order = (*self.order, *sorted(fresh))
        return Places(order, {stretch: at << SHIFT for at, stretch in enumerate(order)})

    @property
    def size(self) -> int:
        return len(self.order) << SHIFT

    def has_room(self, entry_id: int) -> bool:
        """Whether the stretch of that id is known."""
        return entry_id >> SHIFT in self._starts

    def of(self, entry_id: int) -> int:
        """The place of an entry; the stretch of its id is known."""
        return self._starts[entry_id >> SHIFT] | entry_id & LENGTH - 1

    def id(self, place: int) -> int:
        return self.order[place >> SHIFT] << SHIFT | place & LENGTH - 1

    def set_of(self, ids: Iterable[int]) -> int:
        """The set of those that have room."""
        return of([self.of(one) for one in ids if self.has_room(one)], self.size)

    def united(self, pieces: Iterable[Sequence[Any]]) -> int:
        """All that is in pieces of sets, where there is room; each comes with its stretch, as it is
        kept.

        Pieces of different stretches are laid beside each other, and read as one number.
        """
        layers: list[bytearray] = [bytearray(self.size >> 3)]
        used: Counter[int] = Counter()
        few: defaultdict[int, bytes] = defaultdict(bytes)
        for stretch, kept in pieces:
            start = self._starts.get(stretch)
            if start is None:
                continue
            if kept[:1] != BITS:
                few[start] += kept[1:]
                continue
            if used[stretch] == len(layers):
                layers.append(bytearray(self.size >> 3))
            first = start >> 3
            layers[used[stretch]][first : first + len(kept) - 1] = kept[1:]
            used[stretch] += 1
        set_bits(layers[0], ((start >> 3, read(places)) for start, places in few.items()))
        return reduce(or_, (int.from_bytes(layer, "little") for layer in layers))
