"""Rendered entries, kept: an entry is rendered once for each revision, language and format."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from feedsvc.feeds.bounded import Bounded

OVERHEAD = 400  # bytes that keeping a fragment takes beside its data, about


@dataclass(frozen=True, slots=True)
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


class Store(Bounded[Hashable, Fragment]):
    """Fragments by whatever says what they show, in the room of `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit, _weight)


def _weight(_key: Hashable, fragment: Fragment) -> int:
    return len(fragment.data) + OVERHEAD
