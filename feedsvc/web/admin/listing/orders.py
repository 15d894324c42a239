"""The orders of a list of the desk, page by page, by keyset: quick at any depth.

An order is made of shelves, one after the other (see `shelves`).
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from feedsvc.content import cursors
from feedsvc.content.desk.asked import Asked
from feedsvc.web.admin.listing import shelves

PER_PAGE = 50
MICROSECOND = dt.timedelta(microseconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Value = str | dt.datetime


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: its shelf, what it stood there by, and its number."""

    shelf: int
    value: Value
    id: int

    def __str__(self) -> str:
        if isinstance(self.value, str):
            packed = base64.urlsafe_b64encode(self.value.encode()).decode().rstrip("=")
            return f"{self.shelf}.t{packed}.{self.id}"
        return f"{self.shelf}.{(self.value - EPOCH) // MICROSECOND}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises: BadRequest."""
        try:
            shelf, value, entry_id = text.split(".")
            number, row = cursors.numbers(f"{shelf}-{entry_id}")
            return cls(number, _value(value), row)
        except (ValueError, OverflowError):
            raise cursors.incomplete() from None


@dataclass(frozen=True)
class Place:
    """A page of a list: the numbers of its entries, and the place after which the next one begins."""

    ids: tuple[int, ...]
    next: str | None


def page(
    session: Session,
    wanted: ColumnElement[bool],
    asked: Asked,
    *,
    languages: Sequence[str],
    now: dt.datetime,
    after: str | None = None,
    limit: int = PER_PAGE,
    many: bool = False,
) -> Place:
    """Some of the entries that are `wanted`. `languages`: the page's first, then the site's.

    `many` of them are sooner found along the index of the order than put in order.
    Raises: BadRequest for a cursor that was not made here.
    """
    order = shelves.shelves(wanted, asked, languages, now, many=many)
    cursor = Cursor.parse(after) if after else None
    found: list[Cursor] = []
    for number in range(cursor.shelf if cursor else 0, len(order)):
        shelf = order[number]()
        if cursor and cursor.shelf == number:
            shelf = shelf.after(cursor.value, cursor.id)
        rows = session.execute(shelf.ordered().limit(limit + 1 - len(found)))
        found += [Cursor(number, row[1], row[0]) for row in rows]
        if len(found) > limit:
            break
    kept = found[:limit]
    return Place(tuple(row.id for row in kept), str(kept[-1]) if len(found) > limit else None)


def every(
    session: Session,
    wanted: ColumnElement[bool],
    asked: Asked,
    *,
    languages: Sequence[str],
    now: dt.datetime,
    limit: int,
) -> Iterator[tuple[int, ...]]:
    """All of them in their order, so many at a time."""
    after: str | None = None
    while True:
        place = page(session, wanted, asked, languages=languages, now=now, after=after, limit=limit)
        if place.ids:
            yield place.ids
        if place.next is None:
            return
        after = place.next


def _value(text: str) -> Value:
    """Raises: ValueError, OverflowError."""
    if text.startswith("t"):
        words = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)).decode()
        if "\0" in words:  # no database holds it
            raise ValueError(text)
        return words
    return EPOCH + cursors.numbers(text)[0] * MICROSECOND
