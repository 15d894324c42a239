"""Rendered entries, kept: an entry is rendered once for each revision, language and format.

The store is bounded by bytes and forgets what was not asked for the longest.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
OVERHEAD = 400  # bytes that keeping a fragment takes beside its data, about


@dataclass(frozen=True)
class Fragment:
    """One entry in one format. `zones` are those whose rules a calendar must declare."""

    data: bytes
    zones: tuple[str, ...] = ()
    digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest(self.data))


@dataclass(frozen=True)
class Frame:
    """What stands before, between and after the entries of a feed."""

    before: bytes
    after: bytes
    between: bytes = b""

    def around(self, fragments: Sequence[Fragment]) -> bytes:
        """The whole feed. Long ones are megabytes, so they are copied once."""
        if not fragments:
            return self.before + self.after
        rows = [fragment.data for fragment in fragments]
        rows[0] = self.before + rows[0]
        rows[-1] += self.after
        return self.between.join(rows)


def digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


class Store:
    """A bounded map of fragments, for any number of threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[Hashable, Fragment] = OrderedDict()
        self._lock = Lock()

    def among(self, keys: Iterable[K]) -> dict[K, Fragment]:
        """Those of the keys that are kept, each with its fragment."""
        found: dict[K, Fragment] = {}
        with self._lock:
            for key in keys:
                fragment = self._kept.get(key)
                if fragment is not None:
                    found[key] = fragment
                    self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, fragment: Fragment) -> None:
        with self._lock:
            self._size += _weight(fragment) - _weight(self._kept.pop(key, None))
            self._kept[key] = fragment
            while self._size > self._limit and len(self._kept) > 1:
                _, old = self._kept.popitem(last=False)
                self._size -= _weight(old)

    def __len__(self) -> int:
        return len(self._kept)


def _weight(fragment: Fragment | None) -> int:
    return len(fragment.data) + OVERHEAD if fragment else 0
