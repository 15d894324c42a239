"""A map that takes a bounded room, for any number of threads.

It forgets what was not asked for the longest, one by one: never much at once, so that no moment is
slow because everything was forgotten together.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Values by key, each weighed when it is put. Only the last one put may exceed the limit."""

    def __init__(self, limit: int, weigh: Callable[[K, V], int]) -> None:
        self.weight = 0
        self._limit, self._weigh = limit, weigh
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def among(self, keys: Sequence[K]) -> list[V | None]:
        """For each of the keys what is kept, or None: thousands at a time."""
        with self._lock:
            get, touch = self._kept.get, self._kept.move_to_end
            found: list[V | None] = []
            for key in keys:
                kept = get(key)
                if kept is None:
                    found.append(None)
                else:
                    found.append(kept[0])
                    touch(key)
            return found

    def put(self, key: K, value: V) -> None:
        self.settle(key, lambda _: value)

    def settle(self, key: K, choose: Callable[[V | None], V]) -> V:
        """Put what `choose` makes of what is kept now (quickly: others wait), and return it."""
        with self._lock:
            old, weight = self._kept.get(key, (None, 0))
            value = choose(old)
            self._kept.pop(key, None)
            self.weight -= weight
            self._add(key, value)
            return value

    def weigh_again(self, key: K) -> None:
        """The value has grown. One that is no longer kept takes no room here."""
        with self._lock:
            found = self._kept.pop(key, None)
            if found is not None:
                self.weight -= found[1]
                self._add(key, found[0])

    def __len__(self) -> int:
        return len(self._kept)

    def _add(self, key: K, value: V) -> None:
        weight = self._weigh(key, value)
        self._kept[key] = (value, weight)
        self.weight += weight
        while self.weight > self._limit and len(self._kept) > 1:
            self.weight -= self._kept.popitem(last=False)[1][1]
