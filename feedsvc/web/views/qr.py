"""A text as a QR code, for paper and for cameras: one path of an SVG. Pure.

It has neither a size nor a colour of its own: page and stylesheet give both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import segno

QUIET = 4  # modules of white around it (ISO/IEC 18004 section 6.3.8)


@dataclass(frozen=True)
class Code:
    """`side` is the length of a side in modules, quiet zone included."""

    side: int
    path: str


@lru_cache(maxsize=500)
def code(address: str) -> Code:
    """The code of an address, kept for the next who asks."""
    return drawn(address)


def drawn(text: str) -> Code:
    """The code of a text. Level M: a fold or a stain on the paper does not spoil it."""
    made = segno.make(text, error="m", micro=False)
    rows = [bytes(row) for row in made.matrix]
    return Code(
        side=len(rows) + 2 * QUIET,
        path="".join(_runs(number, row) for number, row in enumerate(rows)),
    )


def _runs(number: int, row: bytes) -> str:
    """The dark modules of a row as bars: `M4 4h7v1h-7z`."""
    bars, start = [], None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            length = place - start
            bars.append(f"M{start + QUIET} {number + QUIET}h{length}v1h-{length}z")
            start = None
    return "".join(bars)
