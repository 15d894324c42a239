"""A shelf of a fixed size: what was not asked for longest makes room. Safe among threads."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any


class Shelf:
    """Things by name, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._things: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> Any:
        """The thing of that name, or None."""
        with self._lock:
            if name in self._things:
                self._things.move_to_end(name)
            return self._things.get(name)

    def put(self, name: str, thing: Any) -> None:
        with self._lock:
            self._things[name] = thing
            self._things.move_to_end(name)
            while len(self._things) > self._size:
                self._things.popitem(last=False)
