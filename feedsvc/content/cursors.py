"""Where a page of a list ends: the place of its last row, so that the next page begins there. Pure.

A number of rows to skip would show a row twice, or never, when something is published between two
pages. A place stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from feedsvc.errors import BadRequest
from feedsvc.i18n import N_

MOST_DIGITS = 18  # of a number that both databases hold


@dataclass(frozen=True)
class Cursor:
    """A place among entries from the newest to the oldest. `at` is when the last one was published."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{int(self.at.timestamp())}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises: BadRequest."""
        try:
            at, entry_id = numbers(text)
            return cls(datetime.fromtimestamp(at, UTC), entry_id)
        except (ValueError, OverflowError, OSError):
            raise incomplete() from None


def numbers(text: str) -> list[int]:
    """The numbers that a cursor is made of. Raises: ValueError for what no database could hold."""
    parts = text.split("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS for part in parts):
        raise ValueError(text)
    return [int(part) for part in parts]


def incomplete() -> BadRequest:
    return BadRequest(N_("The address of this page is not complete. Begin at the first page."))
