"""Dates of HTTP: written in one form, read in three (RFC 9110 section 5.6.7). Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT; Sun Nov  6 08:49:37 1994
        rf"^[a-z]{{3}}, (?P<day>\d\d) (?P<month>[a-z]{{3}}) (?P<year>\d{{4}}) {_CLOCK} GMT$",
        rf"^[a-z]{{6,9}}, (?P<day>\d\d)-(?P<month>[a-z]{{3}})-(?P<short>\d\d) {_CLOCK} GMT$",
        rf"^[a-z]{{3}} (?P<month>[a-z]{{3}}) (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})$",
    )
)


@lru_cache(maxsize=64)
def http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


@lru_cache(maxsize=512)
def parse_date(text: str, this_year: int) -> datetime | None:
    """An HTTP date in any of its three forms; None for what is none."""
    found = next((match for form in _DATES if (match := form.match(text.strip()))), None)
    if found is None or found["month"].lower() not in _MONTHS:
        return None
    parts = found.groupdict()
    year = int(parts["year"]) if parts.get("year") else _full_year(int(parts["short"]), this_year)
    try:
        return datetime(
            year, _MONTHS.index(parts["month"].lower()) + 1, int(parts["day"]),
            int(parts["hour"]), int(parts["minute"]), min(int(parts["second"]), 59), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None


def _full_year(short: int, this_year: int) -> int:
    """Two digits that seem more than 50 years ahead mean the past (RFC 9110 section 5.6.7)."""
    year = this_year - this_year % 100 + short
    return year - 100 if year > this_year + 50 else year
