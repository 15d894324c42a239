"""The shelves that an order of the desk's lists is made of, each to be read along an index.

By title come the entries that have one in the language of the page, then those that have one in the
next language of the site, and so on. By deadline come the calls with a deadline ahead, then those
whose last one is over (the latest first), then those without. By the day of publication come those
that have one, then the others, the last edited first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_, select

from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import cursors
from feedsvc.content.desk.asked import Asked
from feedsvc.content.models import Entry, Translation

# Tables, not classes: of the class of calls every query would join the entry once more, and to give
# a class another name takes as long as the query itself.
CALL = Call.__table__
TEXT, EARLIER = Translation.__table__.alias("text"), Translation.__table__.alias("earlier")
DATE, OTHER = KeyDate.__table__.alias("date"), KeyDate.__table__.alias("other")


@dataclass(frozen=True)
class Shelf:
    """Entries in one order: the ids, the column they stand by (the last one in it), and which way."""

    query: Select[int, Any]
    by: ColumnElement[Any]
    id: SQLColumnExpression[int]
    falling: bool

    def after(self, value: str | dt.datetime, number: int) -> Shelf:
        """What comes after the entry that stands there by that value.

        Raises: BadRequest for a value of another kind of shelf.
        """
        if isinstance(value, str) != (self.by.type.python_type is str):
            raise cursors.incomplete()
        # Its bound stands first, by itself: an index is entered there, and at no alternative.
        bound = self.by <= value if self.falling else self.by >= value
        further = self.id < number if self.falling else self.id > number
        rest = and_(bound, or_(self.by != value, further))
        return replace(self, query=self.query.where(rest))

    def ordered(self) -> Select[int, Any]:
        if self.falling:
            return self.query.order_by(self.by.desc(), self.id.desc())
        return self.query.order_by(self.by, self.id)


Made = Callable[[], Shelf]  # when it is its turn: the first one mostly fills the page


def shelves(
    wanted: ColumnElement[bool],
    asked: Asked,
    languages: Sequence[str],
    now: dt.datetime,
    *,
    many: bool,
) -> Sequence[Made]:
    """Of `many` by title or deadline the index of titles or deadlines is read first.

    SQLite, which does not know that they are many, would put them all in order.
    """
    falling = asked.falling
    if asked.order == "title":
        codes = tuple(dict.fromkeys(languages))
        until = (codes[: number + 1] for number in range(len(codes)))
        return [partial(_titled, wanted, some, falling, many=many) for some in until]
    if asked.order == "deadline":
        ahead = partial(_ahead, wanted, asked, now, many=many)
        if asked.ends_in_order:
            return [ahead]
        return [ahead, partial(_closed, wanted, now, many=many), partial(_never_closing, wanted)]
    if asked.order == "updated":
        return [partial(_by, wanted, Entry.updated_at, falling)]
    at = Entry.publish_at
    return [
        partial(_by, and_(wanted, at.is_not(None)), at, falling),
        partial(_by, and_(wanted, at.is_(None)), Entry.updated_at, True),
    ]


def _by(wanted: ColumnElement[bool], column: Any, falling: bool) -> Shelf:
    return Shelf(select(Entry.id, column).where(wanted), column, Entry.id, falling)


def _titled(
    wanted: ColumnElement[bool], codes: Sequence[str], falling: bool, *, many: bool
) -> Shelf:
    """Those with a title in the last of these languages, and in none before it."""
    text, earlier = TEXT.c, EARLIER.c
    query = (
        select(Entry.id, text.sort_key)
        .join(TEXT, _number(text.entry_id, first=many) == Entry.id)
        .where(wanted, text.kind == Entry.kind, text.language == codes[-1], text.sort_key != "")
    )
    for code in codes[:-1]:
        query = query.where(
            ~select(earlier.id)
            .where(earlier.entry_id == Entry.id, earlier.language == code, earlier.sort_key != "")
            .exists()
        )
    return Shelf(query, text.sort_key, text.entry_id, falling)


def _ahead(wanted: ColumnElement[bool], asked: Asked, now: dt.datetime, *, many: bool) -> Shelf:
    """A call stands by its next deadline, which is the one that has no other between it and now."""
    date, other = DATE.c, OTHER.c
    sooner = or_(other.utc_at < date.utc_at, and_(other.utc_at == date.utc_at, other.id < date.id))
    # Of the entry, not of the date: so it is asked of those only that are wanted.
    between = select(other.id).where(
        other.call_id == Entry.id, other.is_deadline.is_(True), other.utc_at > now, sooner
    )
    query = (
        select(Entry.id, date.utc_at)
        .join(DATE, _number(date.call_id, first=many) == Entry.id)
        .where(wanted, date.is_deadline.is_(True), date.utc_at > now, ~between.exists())
    )
    if asked.ends_in_order:
        query = query.where(date.utc_at <= asked.until(now))
    return Shelf(query, date.utc_at, date.call_id, asked.falling)


def _closed(wanted: ColumnElement[bool], now: dt.datetime, *, many: bool) -> Shelf:
    call = CALL.c
    query = (
        select(Entry.id, call.closes_at)
        .join(CALL, _number(call.id, first=many) == Entry.id)
        .where(wanted, call.closes_at <= now)
    )
    return Shelf(query, call.closes_at, call.id, falling=True)


def _never_closing(wanted: ColumnElement[bool]) -> Shelf:
    query = select(Entry.id, Entry.updated_at).join(CALL, CALL.c.id == Entry.id)
    undated = query.where(wanted, CALL.c.closes_at.is_(None))
    return Shelf(undated, Entry.updated_at.expression, Entry.id, falling=True)


def _number(column: ColumnElement[int], *, first: bool) -> ColumnElement[int]:
    """A column that is joined to the entry's; `first` if its table has to be read before.

    A number that is calculated can be looked up in no index.
    """
    return column + 0 if first else column
