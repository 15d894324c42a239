"""Pages of calls, in an order that a reader expects, by keyset: quick at any depth.

By deadline a list has three shelves: calls with a deadline ahead (the nearest first), calls
without one (the newest first), and calls that are over (the latest first).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls import queries
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import cursors
from feedsvc.content.filters import Filter
from feedsvc.content.queries import Page

ORDERS = ("deadline", "newest")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: its shelf, sort value and id."""

    shelf: int
    at: dt.datetime
    id: int

    def __str__(self) -> str:
        return f"{self.shelf}-{int(self.at.timestamp())}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises: BadRequest."""
        try:
            shelf, at, entry_id = cursors.numbers(text)
            return cls(shelf, dt.datetime.fromtimestamp(at, dt.UTC), entry_id)
        except (ValueError, OverflowError, OSError):
            raise cursors.incomplete() from None


@dataclass(frozen=True)
class Shelf:
    """Part of a list: which calls, by which column, and which way."""

    where: Callable[[Any], ColumnElement[bool]]
    by: Callable[[Any], SQLColumnExpression[Any]]
    ascending: bool = False


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
    shelves = SHELVES[order]
    cursor = Cursor.parse(after) if after else None
    ids = queries.matching(session, wanted, now, closing_soon_days=closing_soon_days)
    found: list[tuple[int, int, dt.datetime]] = []
    for number in range(cursor.shelf if cursor else 0, len(shelves)):
        start = cursor if cursor and cursor.shelf == number else None
        rows = session.execute(
            _shelf_query(shelves[number], ids, start, now).limit(limit + 1 - len(found))
        )
        found += [(number, row.id, row.at) for row in rows]
        if len(found) > limit:
            break
    more = len(found) > limit
    kept = found[:limit]
    last = kept[-1] if more else None
    calls = queries.by_ids(session, [entry_id for _, entry_id, _ in kept])
    return Page(calls, str(Cursor(last[0], last[2], last[1])) if last else None)


def _shelf_query(
    shelf: Shelf, ids: Select[int], start: Cursor | None, now: dt.datetime
) -> Select[int, dt.datetime]:
    upcoming = (
        select(KeyDate.call_id, func.min(KeyDate.utc_at).label("at"))
        .where(KeyDate.is_deadline.is_(True), KeyDate.utc_at > now)
        .group_by(KeyDate.call_id)
        .subquery()
    )
    at = shelf.by(upcoming.c.at)
    query: Select[int, dt.datetime] = (
        select(Call.id.label("id"), at.label("at"))
        .outerjoin(upcoming, upcoming.c.call_id == Call.id)
        .where(Call.id.in_(ids), shelf.where(upcoming.c.at))
    )
    if start is not None:
        beyond = at > start.at if shelf.ascending else at < start.at
        further = Call.id > start.id if shelf.ascending else Call.id < start.id
        query = query.where(or_(beyond, and_(at == start.at, further)))
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


SHELVES: dict[str, tuple[Shelf, ...]] = {
    "deadline": (
        Shelf(_is_ahead, lambda next_at: next_at, ascending=True),
        Shelf(_is_undated, lambda _: Call.publish_at),
        Shelf(_is_over, lambda _: func.coalesce(Call.closes_at, Call.publish_at)),
    ),
    "newest": (Shelf(lambda _: Call.id.is_not(None), lambda _: Call.publish_at),),
}
