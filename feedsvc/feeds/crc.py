"""The CRC-32 of bytes of which the parts' CRC-32 are known, without reading them again.

A CRC-32 is a polynomial over GF(2), modulo the polynomial of gzip (RFC 1952 section 8), written
with its lowest power in the highest bit. Bytes that follow multiply it by x to the power of eight
times their number; a sum is an exclusive or.
"""

from __future__ import annotations

from array import array
from functools import reduce
from itertools import accumulate, compress, repeat
from operator import xor

POLYNOMIAL = 0xEDB88320
ONE = 1 << 31
EIGHT = 1 << 23  # x to the power of eight: one byte that follows
LONGEST = 40  # bits of a length

_BITS = [tuple(value >> bit & 1 for bit in range(8)) for value in range(256)]  # lowest first


def shift(length: int) -> array[int]:
    """How that many bytes that follow change a CRC-32. Keep it: `joined` is quick with it."""
    power = ONE
    for bit, square in enumerate(_SQUARES):
        if length >> bit & 1:
            power = _times(power, square)
    return _products(power)


def joined(before: int, after: int, over: array[int]) -> int:
    """The CRC-32 of two parts, one after the other; `over` is the shift of the second's length."""
    return _times(before, over) ^ after


def _times(factor: int, products: array[int]) -> int:
    a, b, c, d = factor.to_bytes(4, "little")
    bits = _BITS[a] + _BITS[b] + _BITS[c] + _BITS[d]
    return reduce(xor, compress(products, bits), 0)


def _products(factor: int) -> array[int]:
    """The factor times each power of x that is a bit of another, from the lowest bit on."""
    powers = accumulate(repeat(None, 31), lambda power, _: _times_x(power), initial=factor)
    return array("I", reversed(list(powers)))


def _times_x(power: int) -> int:
    return (power >> 1) ^ POLYNOMIAL if power & 1 else power >> 1


def _squares() -> list[array[int]]:
    """The shifts of 1, 2, 4, 8 ... bytes."""
    found, power = [], EIGHT
    for _ in range(LONGEST):
        found.append(_products(power))
        power = _times(power, found[-1])
    return found


_SQUARES = _squares()
