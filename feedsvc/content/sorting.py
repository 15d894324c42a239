"""How titles stand in a list: the same order on both databases, in every language. Pure.

Case and accents do not count, and numbers stand by their size: `Call 9` comes before `Call 10`.
"""

from __future__ import annotations

import re

from feedsvc.search import rules

LONGEST = 100  # characters
FIGURES = 9  # of a number that is put in order
_NUMBER = re.compile(r"(?<!\d)\d{1,9}(?!\d)")


def key(title: str) -> str:
    """What a title is put in order by; empty only if nothing was written."""
    words = " ".join(rules.tokens(title)) or title.strip().casefold()
    return _NUMBER.sub(lambda number: number[0].zfill(FIGURES), words)[:LONGEST]
