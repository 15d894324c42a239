"""Sets of entries as whole numbers, a bit for each: two sets meet in a microsecond. Pure.

Ids are cut into stretches, so that a set is changed in small pieces. A piece is kept as its places in
order while they are few, and as its bits from then on, which are read at once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from struct import pack, unpack

SHIFT = 15
LENGTH = 1 << SHIFT  # ids of a stretch
PLACES, BITS = b"p", b"b"  # how the bytes that follow are meant
PLACE_SIZE = 2
FEW = 32  # a place is worth as much as so many bytes of bits
SPARSE = 32  # where fewer than one place in so many is meant, bits are set one by one
_ONE = ord("1")
_BIT = (1, 2, 4, 8, 16, 32, 64, 128)
_NOT_EMPTY = re.compile(rb"[^\0]+")
_IN_BYTE = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]


def of(places: Collection[int], size: int) -> int:
    """The set of those places, all below `size`."""
    if len(places) * SPARSE < size:
        held = bytearray(size // 8 + 1)
        set_bits(held, [(0, places)])
        return int.from_bytes(held, "little")
    # Python reads a number that is written out in ones and noughts faster than we set its bits.
    written = bytearray(b"0") * size
    for place in places:
        written[place] = _ONE
    written.reverse()
    return int(written or b"0", 2)


def set_bits(held: bytearray, places: Iterable[tuple[int, Iterable[int]]]) -> None:
    """Set the bits of these places, each group counted from a byte on."""
    bit = _BIT
    for first, group in places:
        for place in group:
            held[first + (place >> 3)] |= bit[place & 7]


def less(one: int, other: int) -> int:
    """What is in the one set and not in the other.

    `one & ~other` takes seven times as long: Python has no operation for it, and makes `~other`.
    """
    return one ^ (one & other)


def places_in(bits: int) -> list[int]:
    """The places of a set, in order."""
    written = bits.to_bytes(bits.bit_length() // 8 + 1, "little")
    return [
        at << 3 | bit
        for run in _NOT_EMPTY.finditer(written)
        for at, byte in enumerate(run[0], run.start())
        for bit in _IN_BYTE[byte]
    ]


def split(ids: Iterable[int]) -> dict[int, int]:
    """A set of ids, by stretches."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for one in ids:
        found[one >> SHIFT].append(one & LENGTH - 1)
    return {stretch: of(places, LENGTH) for stretch, places in found.items()}


def places_of(kept: bytes) -> Sequence[int]:
    """The places in a piece as it is kept."""
    if kept[:1] == BITS:
        return places_in(int.from_bytes(kept[1:], "little"))
    return read(kept[1:])


def packed(bits: int) -> bytes:
    """A piece of a set as it is kept; empty if nothing is in it."""
    if not bits:
        return b""
    size = (bits.bit_length() + 7) // 8
    if bits.bit_count() * FEW >= size:
        return BITS + bits.to_bytes(size, "little")
    return _as_short(places_in(bits))


def changed(kept: bytes, place: int, *, there: bool) -> bytes:
    """A piece as it is kept, now with that place in it, or without; empty if nothing is left."""
    if kept[:1] == BITS:
        return _changed_bits(bytearray(kept), 1 + (place >> 3), _BIT[place & 7], there=there)
    places = list(read(kept[1:]))
    at = bisect_left(places, place)
    is_there = places[at : at + 1] == [place]
    if is_there != there:
        places[at : at + is_there] = [place] if there else []
    return _as_short(places)


def _changed_bits(held: bytearray, at: int, bit: int, *, there: bool) -> bytes:
    if there:
        held.extend(bytes(max(0, at + 1 - len(held))))
        held[at] |= bit
    elif at < len(held):
        held[at] &= ~bit
    size = len(held) - 1
    full = size - held.count(0)  # bytes: there are no fewer bits
    if held[-1] and full * FEW >= size:
        return bytes(held)
    return packed(int.from_bytes(held[1:], "little"))


def _as_short(places: Sequence[int]) -> bytes:
    if not places:
        return b""
    size = places[-1] // 8 + 1
    if len(places) * FEW >= size:
        return BITS + of(places, size * 8).to_bytes(size, "little")
    return PLACES + pack(f"<{len(places)}H", *places)


def read(places: bytes | bytearray) -> tuple[int, ...]:
    """Places as they are written one after another."""
    return unpack(f"<{len(places) // PLACE_SIZE}H", places)
