"""The orders of a list of the desk, page by page, by keyset: quick at any depth.

An order is made of shelves, one after the other. By title come the entries that have one in the
language of the page, then those that have one in the next language of the site, and so on: each
shelf is read along an index. By deadline come the calls with a deadline ahead, then those whose
last one is over (the latest first), then those without. By the day of publication come those that
have one, then the others, the last edited first.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_, select
from sqlalchemy.orm import Session, aliased

from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import cursors
from feedsvc.content.desk.asked import Asked
from feedsvc.content.models import Entry, Translation

PER_PAGE = 50
MICROSECOND = dt.timedelta(microseconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
CALLS = Call.__table__  # of the class, every query would join the entry once more
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
class Shelf:
    """Entries in one order: the ids, the column they stand by (the last one in it), and which way."""

    query: Select[int, Any]
    by: ColumnElement[Any]
    id: SQLColumnExpression[int]
    falling: bool

    def after(self, place: Cursor) -> Shelf:
        """What comes after that place. Raises: BadRequest for a place on another kind of shelf."""
        if isinstance(place.value, str) != (self.by.type.python_type is str):
            raise cursors.incomplete()
        # Its bound stands first, by itself: an index is entered there, and at no alternative.
        bound = self.by <= place.value if self.falling else self.by >= place.value
        further = self.id < place.id if self.falling else self.id > place.id
        rest = and_(bound, or_(self.by != place.value, further))
        return replace(self, query=self.query.where(rest))

    def ordered(self) -> Select[int, Any]:
        if self.falling:
            return self.query.order_by(self.by.desc(), self.id.desc())
        return self.query.order_by(self.by, self.id)


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

    Of `many` by title or deadline the first page is found along the index of titles, or of
    deadlines. SQLite, which does not know that they are many, would put them all in order.
    Raises: BadRequest for a cursor that was not made here.
    """
    shelves = _shelves(wanted, asked, languages, now, many=many)
    cursor = Cursor.parse(after) if after else None
    found: list[Cursor] = []
    for number in range(cursor.shelf if cursor else 0, len(shelves)):
        shelf = shelves[number]
        if cursor and cursor.shelf == number:
            shelf = shelf.after(cursor)
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


def _shelves(
    wanted: ColumnElement[bool],
    asked: Asked,
    languages: Sequence[str],
    now: dt.datetime,
    *,
    many: bool,
) -> list[Shelf]:
    if asked.order == "title":
        codes = list(dict.fromkeys(languages))
        return [
            _titled(wanted, codes[: n + 1], asked.falling, many=many) for n in range(len(codes))
        ]
    if asked.order == "deadline":
        return _by_deadline(wanted, asked.falling, now, many=many)
    edited = _by(wanted, Entry.updated_at, falling=asked.falling)
    if asked.order == "updated":
        return [edited]
    dated = _by(and_(wanted, Entry.publish_at.is_not(None)), Entry.publish_at, asked.falling)
    return [dated, _by(and_(wanted, Entry.publish_at.is_(None)), Entry.updated_at, falling=True)]


def _by(wanted: ColumnElement[bool], column: Any, falling: bool) -> Shelf:
    return Shelf(select(Entry.id, column).where(wanted), column, Entry.id, falling)


def _titled(
    wanted: ColumnElement[bool], codes: Sequence[str], falling: bool, *, many: bool
) -> Shelf:
    """Those with a title in the last of these languages, and in none before it."""
    text, earlier = aliased(Translation), aliased(Translation)
    query = (
        select(Entry.id, text.sort_key)
        .join(text, _number(text.entry_id, first=many) == Entry.id)
        .where(wanted, text.kind == Entry.kind, text.language == codes[-1], text.sort_key != "")
    )
    for code in codes[:-1]:
        query = query.where(
            ~select(earlier.id)
            .where(earlier.entry_id == Entry.id, earlier.language == code, earlier.sort_key != "")
            .exists()
        )
    return Shelf(query, text.sort_key.expression, text.entry_id, falling)


def _by_deadline(
    wanted: ColumnElement[bool], falling: bool, now: dt.datetime, *, many: bool
) -> list[Shelf]:
    """A call stands by its next deadline, which is the one that has no other between it and now."""
    date, other = aliased(KeyDate), aliased(KeyDate)
    sooner = or_(other.utc_at < date.utc_at, and_(other.utc_at == date.utc_at, other.id < date.id))
    between = select(other.id).where(
        other.call_id == date.call_id, other.is_deadline.is_(True), other.utc_at > now, sooner
    )
    ahead = (
        select(Entry.id, date.utc_at)
        .join(date, _number(date.call_id, first=many) == Entry.id)
        .where(wanted, date.is_deadline.is_(True), date.utc_at > now, ~between.exists())
    )
    call = CALLS.c
    closed = _number(call.id, first=many) == Entry.id
    dated = select(Entry.id, call.closes_at).join(CALLS, closed).where(wanted)
    undated = select(Entry.id, Entry.updated_at).join(CALLS, call.id == Entry.id)
    return [
        Shelf(ahead, date.utc_at.expression, date.call_id, falling),
        Shelf(dated.where(call.closes_at <= now), call.closes_at, call.id, falling=True),
        Shelf(
            undated.where(wanted, call.closes_at.is_(None)),
            Entry.updated_at.expression, Entry.id, falling=True,
        ),
    ]  # fmt: skip


def _number(column: Any, *, first: bool) -> ColumnElement[int]:
    """A column that is joined to the entry's; `first` if its table has to be read before.

    A number that is calculated can be looked up in no index.
    """
    return column + 0 if first else column


def _value(text: str) -> Value:
    """Raises: ValueError, OverflowError."""
    if text.startswith("t"):
        words = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)).decode()
        if "\0" in words:  # no database holds it
            raise ValueError(text)
        return words
    return EPOCH + cursors.numbers(text)[0] * MICROSECOND
