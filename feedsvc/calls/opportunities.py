"""Search calls as other systems ask for them: by ranges, in any order, in numbered pages.

Lists for readers go from cursor to cursor (`calls.lists`); a protocol that numbers its pages needs
a count and an offset. Both are cheap among the thousands of calls that a site has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, lazyload, selectinload

from feedsvc.calls import queries
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import queries as content_queries
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster, Tombstone, Translation

T = TypeVar("T")

ANY = Filter()
# Where a call stands, as other systems tell it; each stands for some of ours.
STANDINGS = {
    "forecast": ("forecast",),
    "open": ("open",),
    "halted": ("suspended", "cancelled"),
    "closed": ("closed", "archived"),
}


@dataclass(frozen=True)
class Span(Generic[T]):
    """From `low` to `high`, both included; None is no bound. `outside` asks for what is not in it.

    What has no value is neither inside nor outside.
    """

    low: T | None = None
    high: T | None = None
    outside: bool = False

    def holds(self, value: Callable[[T], SQLColumnExpression[Any]]) -> ColumnElement[bool]:
        """The condition; `value(bound)` is the column to compare with that bound."""
        if self.outside:
            below = [value(self.low) < self.low] if self.low is not None else []
            above = [value(self.high) > self.high] if self.high is not None else []
            return or_(*below, *above)
        from_low = [value(self.low) >= self.low] if self.low is not None else []
        to_high = [value(self.high) <= self.high] if self.high is not None else []
        return and_(*from_low, *to_high)


@dataclass(frozen=True)
class MoneySpan:
    """A span of one of the call's amounts; amounts in another currency are not found."""

    field: str  # total_budget | award_min | award_max
    currency: str
    span: Span[Decimal]


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is asked for: every condition must hold.

    `excluded` are filters whose calls are left out. `closes` compares days with the day of the last
    deadline where the call is made, and instants with its instant.
    """

    wanted: Filter = ANY
    excluded: tuple[Filter, ...] = ()
    standings: tuple[str, ...] | None = None  # of STANDINGS; None: any
    closes: Span[dt.date | dt.datetime] | None = None
    money: tuple[MoneySpan, ...] = ()
    order: str = "updated"  # of ORDERS
    ascending: bool = False


@dataclass(frozen=True)
class Ref:
    """A call as it is now: nothing that is said of it differs unless one of these does."""

    id: int
    revision: int
    passed: int  # key dates that lie behind


@dataclass(frozen=True)
class Found:
    """A page of calls, and how many there are on all pages."""

    total: int
    refs: Sequence[Ref]


def page(
    session: Session,
    search: Search,
    *,
    number: int,
    size: int,
    languages: Sequence[str],
    now: dt.datetime,
) -> Found:
    """Page `number` (from 1) of the public calls that match; empty beyond the last.

    `languages`, the reader's first, say by which title calls are put in order.
    """
    ids = _matching(session, search, now)
    total = session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    first = (number - 1) * size
    if first >= total:
        return Found(total, ())
    by = ORDERS[search.order](Order(languages, now))
    keys = (by, Call.id) if search.ascending else (by.desc(), Call.id.desc())
    rows = ids.order_by(keys[0].nulls_last(), keys[1]).limit(size).offset(first)
    return Found(total, _refs(session, session.scalars(rows).all(), now))


def by_uid(session: Session, uid: str, now: dt.datetime) -> Ref | None:
    """The public call with that uid."""
    found = session.scalar(select(Call.id).where(Call.uid == uid, content_queries.public(now)))
    return None if found is None else _refs(session, [found], now)[0]


def was_public(session: Session, uid: str, now: dt.datetime) -> bool:
    """Whether a call that is not public was public once: withdrawn, or deleted."""
    withdrawn = select(Call.id).where(
        Call.uid == uid, Call.publish_at <= now, Call.withdrawn_at.is_not(None)
    )
    deleted = select(Tombstone.id).where(Tombstone.uid == uid, Tombstone.kind == "call")
    return any(session.scalar(query.limit(1)) is not None for query in (withdrawn, deleted))


def whole(session: Session, ids: Sequence[int]) -> list[Call]:
    """The calls with those ids, with all that is said of them, in any order.

    A fixed number of statements for any number of calls; the photo and former names of clusters
    are not asked for.
    """
    query = (
        select(Call)
        .where(Call.id.in_(ids))
        .options(
            lazyload(Call.photo),
            selectinload(Call.attachments),
            selectinload(Call.clusters).lazyload(Cluster.former_names),
        )
    )
    return list(session.scalars(query))


def _refs(session: Session, ids: Sequence[int], now: dt.datetime) -> list[Ref]:
    """The calls with those ids, in that order, as they are now."""
    passed = (
        select(func.count())
        .where(KeyDate.call_id == Call.id, KeyDate.utc_at <= now)
        .scalar_subquery()
    )
    rows = session.execute(select(Call.id, Call.revision, passed).where(Call.id.in_(ids)))
    found = {row[0]: Ref(*row) for row in rows}
    return [found[call_id] for call_id in ids]


def _matching(session: Session, search: Search, now: dt.datetime) -> Select[int]:
    """Ids of the public calls that meet every condition."""
    ids = queries.matching(session, search.wanted, now)
    for refused in search.excluded:
        ids = ids.where(Call.id.not_in(queries.matching(session, refused, now)))
    if search.standings is not None:
        ours = [word for name in search.standings for word in STANDINGS[name]]
        ids = ids.where(or_(literal(False), *(queries.status_condition(w, now) for w in ours)))
    if search.closes is not None:
        ids = ids.where(search.closes.holds(_closing))
    for money in search.money:
        ids = ids.where(Call.currency == money.currency, money.span.holds(_amount(money.field)))
    return ids


def _amount(field: str) -> Callable[[Decimal], SQLColumnExpression[Any]]:
    column: SQLColumnExpression[Any] = getattr(Call, field)
    return lambda _: column


def _closing(bound: dt.date | dt.datetime) -> SQLColumnExpression[Any]:
    """What a bound of `closes` is compared with."""
    if isinstance(bound, dt.datetime):
        return Call.closes_at
    return (
        select(func.max(KeyDate.local_date))
        .where(
            KeyDate.call_id == Call.id,
            KeyDate.is_deadline.is_(True),
            KeyDate.utc_at == Call.closes_at,
        )
        .scalar_subquery()
    )


@dataclass(frozen=True)
class Order:
    """What an order may depend on."""

    languages: Sequence[str]
    now: dt.datetime


def _title(order: Order) -> SQLColumnExpression[Any]:
    """The title that the reader is shown: in the first of the languages that has one."""
    rank = case(
        {code: place for place, code in enumerate(order.languages)},
        value=Translation.language,
        else_=len(order.languages),
    )
    return (
        select(func.lower(Translation.title))
        .where(Translation.entry_id == Call.id)
        .order_by(rank, Translation.language)
        .limit(1)
        .scalar_subquery()
    )


def _standing(order: Order) -> SQLColumnExpression[Any]:
    """In the order of a call's life, as STANDINGS has it."""
    conditions = [
        (or_(*(queries.status_condition(word, order.now) for word in words)), place)
        for place, words in enumerate(STANDINGS.values())
    ]
    return case(*conditions, else_=len(conditions))


def _updated(_: Order) -> SQLColumnExpression[Any]:
    """As `content.rules.updated` has it."""
    return case((Call.updated_at > Call.publish_at, Call.updated_at), else_=Call.publish_at)


# Calls without a value come last, whichever way the order goes.
ORDERS: dict[str, Callable[[Order], SQLColumnExpression[Any]]] = {
    "updated": _updated,
    "published": lambda _: Call.publish_at,
    "title": _title,
    "standing": _standing,
    "closes": lambda _: Call.closes_at,
    "opens": lambda _: Call.opens_at,
    "award_max": lambda _: Call.award_max,
    "award_min": lambda _: Call.award_min,
    "total_budget": lambda _: Call.total_budget,
    "expected_awards": lambda _: Call.expected_awards,
}
