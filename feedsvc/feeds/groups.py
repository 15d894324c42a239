"""gzip of a long feed, by groups of entries: after an edit one group is compressed, not all.

Each group is deflated on its own up to a full flush, so that its bytes depend on nothing before it
(RFC 1951). One header, the groups, an end block and the sums make one ordinary gzip member
(RFC 1952), which every client reads.

Where a group ends is for its last entry's digest to say, and not for a count: an entry that is
added or taken away leaves the other groups as they are.

Measured on 4,359 real calls (12 MB) after one edit: 2.3 ms against 142 ms for the whole, and 1.17
times its size. Groups of half that size save a tenth of the time and add a tenth of the size.
Other codings have no such form that every client reads: zstd frames one after the other are allowed
(RFC 8878 section 3.1), but many clients stop after the first, and brotli has no flush of this kind.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from typing import NamedTuple

from feedsvc.feeds import crc
from feedsvc.feeds.body import LONG, Body
from feedsvc.feeds.bounded import Bounded
from feedsvc.feeds.fragments import Fragment, Frame, digest

LEVEL = 6
LEAST, MOST = 32_768, 98_304  # bytes of a group; deflate looks 32 kB back and no further
ENDS = 16  # of 256 digests, how many end a group that is long enough
HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, no system
END = b"\x03\x00"  # a last block, empty
DIGEST = 16  # bytes
OVERHEAD = 700  # bytes that keeping a group takes beside its data, about


_MAY_END = bytes(first_byte < ENDS for first_byte in range(256))


class Group(NamedTuple):
    """A part of a feed: `key` stands for its bytes, which end at `end`."""

    key: bytes
    end: int


class Deflated(NamedTuple):
    data: bytes
    crc: int
    shift: array[int]  # of its plain length


def cut(frame: Frame, fragments: Sequence[Fragment]) -> list[Group]:
    """The parts of `frame.around(fragments)`: its head, its entries by groups, its end.

    Every edit of a long feed comes through here, so nothing is looked at entry by entry.
    """
    digests = b"".join([fragment.digest for fragment in fragments])
    may_end = digests[::DIGEST].translate(_MAY_END)
    between, head = len(frame.between), len(frame.before)
    ends = list(accumulate([len(fragment.data) + between for fragment in fragments], initial=head))
    groups = [Group(digest(frame.before), head)]
    first = 0
    while (last := _last(ends, may_end, first)) < len(fragments):
        groups.append(Group(_key(frame.between, digests, first, last), ends[last]))
        first = last
    return [
        *groups,
        Group(_key(frame.between, digests, first, last) + b"." + frame.after, sys.maxsize),
    ]


def _last(ends: Sequence[int], may_end: bytes, first: int) -> int:
    """Up to which entry the group goes that begins with the entry `first`."""
    least = bisect_left(ends, ends[first] + LEAST, first + 1)
    most = bisect_left(ends, ends[first] + MOST, least)
    found = may_end.find(b"\1", least - 1, most - 1)
    return min(most if found < 0 else found + 1, len(may_end))


def _key(between: bytes, digests: bytes, first: int, last: int) -> bytes:
    return digests[first * DIGEST : last * DIGEST] + between


class Compressor:
    """Keeps compressed groups for whatever feed they come in again."""

    def __init__(self, limit: int) -> None:
        self._kept: Bounded[bytes, Deflated] = Bounded(limit, _weight)

    def body(self, frame: Frame, fragments: Sequence[Fragment]) -> Body:
        """The feed's bytes. A short feed is smaller, and quick enough, when compressed whole."""
        data = frame.around(fragments)
        if len(data) < LONG:
            return Body(data)
        return Body(data, gzip=partial(self.gzip, cut(frame, fragments)))

    def gzip(self, groups: Sequence[Group], data: bytes) -> bytes:
        """The feed `data`, which was cut into those groups, as a gzip file."""
        parts, total, begin = [HEADER], 0, 0
        kept = self._kept.among([group.key for group in groups])
        for group, found in zip(groups, kept, strict=True):
            deflated = found or self._made(group.key, data[begin : group.end])
            parts.append(deflated.data)
            total = crc.joined(total, deflated.crc, deflated.shift)
            begin = group.end
        size = len(data) & 0xFFFFFFFF
        return b"".join([*parts, END, total.to_bytes(4, "little"), size.to_bytes(4, "little")])

    def _made(self, key: bytes, plain: bytes) -> Deflated:
        deflate = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
        data = deflate.compress(plain) + deflate.flush(zlib.Z_FULL_FLUSH)
        made = Deflated(data, zlib.crc32(plain), crc.shift(len(plain)))
        self._kept.put(key, made)
        return made


def _weight(key: bytes, deflated: Deflated) -> int:
    return len(key) + len(deflated.data) + OVERHEAD
