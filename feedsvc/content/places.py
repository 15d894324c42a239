"""Where applicants must be: countries by code (ISO 3166-1 alpha-2), and EU for the whole Union. Pure.

A call that is open to the Union is open to each of its members: who asks for Luxembourg is shown it.
"""

from __future__ import annotations

from collections.abc import Collection

UNION = "EU"
# https://european-union.europa.eu/principles-countries-history/eu-countries_en (since 2020)
MEMBERS = frozenset(
    ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
     "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")
)  # fmt: skip


def is_code(text: str) -> bool:
    """Whether it is written like a country's code; which countries there are changes with time."""
    return len(text) == 2 and text.isascii() and text.isalpha()


def meeting(asked: Collection[str]) -> tuple[str, ...]:
    """The places by which a call meets a filter on `asked`: those, and the Union for its members."""
    union = {UNION} if MEMBERS & set(asked) else set()
    return tuple(sorted({*asked} | union))


def kept(stated: Collection[str]) -> tuple[str, ...]:
    """What is kept of the places that a call states, so that each is counted once.

    Beside the Union its members say nothing more.
    """
    named = set(stated)
    return tuple(sorted(named - MEMBERS if UNION in named else named))
