"""Pages of calls, in an order that a reader expects, by keyset: quick at any depth.

By deadline a list has three shelves: calls with a deadline ahead (the nearest first), calls
without one (the newest first), and calls that are over (the latest first). By relevance come first
those in whose title the words stand, then those that hold them elsewhere, both by deadline, and
at the end those that are over: the same on both databases, and no page needs to look at them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls import queries
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import cursors
from feedsvc.content.filters import Filter
from feedsvc.content.queries import Page
from feedsvc.db import Amount
from feedsvc.search import index

ORDERS = ("deadline", "newest", "amount", "relevance")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: its shelf, sort value (seconds, or hundredths of money) and id."""

    shelf: int
    at: int
    id: int

    def __str__(self) -> str:
        return f"{self.shelf}-{self.at}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises: BadRequest."""
        try:
            return cls(*cursors.numbers(text))
        except (TypeError, ValueError):
            raise cursors.incomplete() from None


@dataclass(frozen=True)
class Shelf:
    """Part of a list: which calls, by which column, and which way.

    With `in_title` it holds those in whose title the words stand, or those where they do not.
    """

    where: Callable[[Any], ColumnElement[bool]]
    by: Callable[[Any], ColumnElement[Any]]
    ascending: bool = False
    in_title: bool | None = None


def page(
    session: Session,
    wanted: Filter,
    *,
    now: dt.datetime,
    order: str = "deadline",
    after: str | None = None,
    limit: int = 20,
    closing_soon_days: int = queries.CLOSING_SOON_DAYS,
) -> Page[Call]:
    """A page of the calls that match. Raises: BadRequest for a cursor that was not made here."""
    shelves = SHELVES["deadline" if order == "relevance" and not wanted.q else order]
    cursor = Cursor.parse(after) if after else None
    ids = queries.matching(session, wanted, now, closing_soon_days=closing_soon_days)
    found: list[tuple[int, int, Any]] = []
    for number in range(cursor.shelf if cursor else 0, len(shelves)):
        start = cursor if cursor and cursor.shelf == number else None
        rows = session.execute(
            _shelf_query(
                shelves[number], _among(session, ids, shelves[number], wanted), start, now
            ).limit(limit + 1 - len(found))
        )
        found += [(number, row.id, row.at) for row in rows]
        if len(found) > limit:
            break
    more = len(found) > limit
    kept = found[:limit]
    last = kept[-1] if more else None
    calls = queries.by_ids(session, [entry_id for _, entry_id, _ in kept])
    return Page(calls, str(Cursor(last[0], _number(last[2]), last[1])) if last else None)


def _among(session: Session, ids: Select[int], shelf: Shelf, wanted: Filter) -> Select[int]:
    if shelf.in_title is None:
        return ids
    titled = Call.id.in_(index.matching(session, wanted.q, in_title=True))
    return ids.where(titled if shelf.in_title else ~titled)


def _number(value: dt.datetime | Decimal) -> int:
    """A sort value as a cursor writes it."""
    return int(value.timestamp()) if isinstance(value, dt.datetime) else int(value * 100)


def _value(number: int, by: ColumnElement[Any]) -> dt.datetime | Decimal:
    """What a cursor wrote. Raises: BadRequest for an instant that never is."""
    if isinstance(by.type, Amount):
        return Decimal(number) / 100
    try:
        return dt.datetime.fromtimestamp(number, dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise cursors.incomplete() from None


def _shelf_query(
    shelf: Shelf, ids: Select[int], start: Cursor | None, now: dt.datetime
) -> Select[int, Any]:
    upcoming = (
        select(KeyDate.call_id, func.min(KeyDate.utc_at).label("at"))
        .where(KeyDate.is_deadline.is_(True), KeyDate.utc_at > now)
        .group_by(KeyDate.call_id)
        .subquery()
    )
    at = shelf.by(upcoming.c.at)
    query: Select[int, Any] = (
        select(Call.id.label("id"), at.label("at"))
        .outerjoin(upcoming, upcoming.c.call_id == Call.id)
        .where(Call.id.in_(ids), shelf.where(upcoming.c.at))
    )
    if start is not None:
        place = _value(start.at, at)
        beyond = at > place if shelf.ascending else at < place
        further = Call.id > start.id if shelf.ascending else Call.id < start.id
        query = query.where(or_(beyond, and_(at == place, further)))
    if shelf.ascending:
        return query.order_by(at, Call.id)
    return query.order_by(at.desc(), Call.id.desc())


def _is_ahead(next_at: Any) -> ColumnElement[bool]:
    return and_(next_at.is_not(None), Call.cancelled_at.is_(None), Call.close_reason == "")


def _is_undated(_: Any) -> ColumnElement[bool]:
    return and_(Call.closes_at.is_(None), Call.cancelled_at.is_(None), Call.close_reason == "")


def _is_over(next_at: Any) -> ColumnElement[bool]:
    return or_(
        Call.cancelled_at.is_not(None),
        Call.close_reason != "",
        and_(next_at.is_(None), Call.closes_at.is_not(None)),
    )


_AHEAD = Shelf(_is_ahead, lambda next_at: next_at, ascending=True)
_UNDATED = Shelf(_is_undated, lambda _: Call.publish_at.expression)
_OVER = Shelf(_is_over, lambda _: func.coalesce(Call.closes_at, Call.publish_at))

SHELVES: dict[str, tuple[Shelf, ...]] = {
    "deadline": (_AHEAD, _UNDATED, _OVER),
    "newest": (Shelf(lambda _: Call.id.is_not(None), lambda _: Call.publish_at.expression),),
    "amount": (
        Shelf(lambda _: Call.award_max.is_not(None), lambda _: Call.award_max.expression),
        Shelf(lambda _: Call.award_max.is_(None), lambda _: Call.publish_at.expression),
    ),
    # What is over is rarely meant, whatever its title says.
    "relevance": tuple(
        replace(shelf, in_title=in_title)
        for shelves in ((_AHEAD, _UNDATED), (_OVER,))
        for in_title in (True, False)
        for shelf in shelves
    ),
}
