"""Count, for each value that a filter may take, the calls that it would leave.

Each facet is counted with the other conditions kept. All facets in which nothing is chosen count
the same calls, so they are found once; a chosen facet has a set of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from feedsvc.calls import queries
from feedsvc.calls.models import Call, CallApplicant, CallPlace, call_funder
from feedsvc.content import places
from feedsvc.content.counts import PUBLISHED, Counts, frequent_first, offered
from feedsvc.content.filters import NAMES, STATUSES, Filter
from feedsvc.content.models import Cluster, Organisation, Programme, entry_cluster

Condition = Callable[[Decimal, dt.datetime], ColumnElement[bool]]

# What is offered to choose from where any number may be asked for, and what it asks of a call.
NUMBERS: Mapping[str, tuple[Sequence[int], Condition]] = {
    "award_max_from": (
        (10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000),
        lambda amount, _: Call.award_max >= amount,
    ),
    "cofinancing_from": ((50, 70, 100), lambda rate, _: queries.highest_rate() >= rate),
    "closes_within": ((7, 30, 90), lambda days, now: queries.closes_within(int(days), now)),
    "published_within": (
        PUBLISHED,
        lambda days, now: Call.publish_at > now - dt.timedelta(days=int(days)),
    ),
}
CALL = Call.__table__.c
_LISTED = ("cluster", "funder", "programme", "applicant", "geography", "model", "currency")
_COUNTED = ("status", *NUMBERS)


def facets(session: Session, wanted: Filter, now: dt.datetime, **days: int) -> Counts:
    """The counts of every facet. A value that would leave nothing is left out."""
    found: dict[str, Mapping[str, int]] = {}
    for base, names in _bases(wanted):
        ids = queries.matching(session, base, now, **days)
        found |= _listed(session, ids, [name for name in names if name in _LISTED])
        counted = [name for name in names if name in _COUNTED]
        found |= _counted(session, ids, counted, wanted, now, **days)
    return found


def narrowest(
    session: Session, wanted: Filter, now: dt.datetime, **days: int
) -> tuple[str, int] | None:
    """The condition without which the most calls are left, and how many; None if none helps."""
    given = [name for name in NAMES if getattr(wanted, name) not in (None, (), "")]
    left = [(name, queries.count(session, wanted.without(name), now, **days)) for name in given]
    best = max(left, key=lambda pair: pair[1], default=None)
    return best if best and best[1] else None


def _bases(wanted: Filter) -> Iterator[tuple[Filter, Sequence[str]]]:
    """Filters to count by, each with its facets."""
    chosen = [name for name in (*_LISTED, *_COUNTED) if getattr(wanted, name) not in (None, ())]
    yield wanted, [name for name in (*_LISTED, *_COUNTED) if name not in chosen]
    for name in chosen:
        yield wanted.without(name), [name]


def _listed(
    session: Session, ids: Select[int], names: Sequence[str]
) -> dict[str, Mapping[str, int]]:
    """Facets whose values are rows, counted in one statement."""
    if not names:
        return {}
    base = ids.cte("base").prefix_with("MATERIALIZED", dialect="postgresql")
    parts = [_values(name, base) for name in names]
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    for name, value, number in session.execute(union_all(*parts)):
        found[name][value] = number
    if "geography" in found:
        found["geography"] = _by_place(found["geography"])
    return {name: frequent_first(values.items()) for name, values in found.items()}


def _values(name: str, base: CTE) -> Select[str, str, int]:
    """Each value of one facet, and how many of the calls have it."""
    value, query = {
        "cluster": (Cluster.slug, _linked(entry_cluster.c.entry_id, base).join(Cluster)),
        "funder": (Organisation.slug, _linked(call_funder.c.call_id, base).join(Organisation)),
        "programme": (
            Programme.slug,
            _linked(CALL.id, base).join(Programme, Programme.id == CALL.programme_id),
        ),
        "applicant": (CallApplicant.applicant, _linked(CallApplicant.__table__.c.call_id, base)),
        "geography": (CallPlace.place, _linked(CallPlace.__table__.c.call_id, base)),
        "model": (CALL.deadline_model, _linked(CALL.id, base)),
        "currency": (CALL.currency, _linked(CALL.id, base)),
    }[name]
    return query.with_only_columns(literal(name), value, func.count()).group_by(value)


def _linked(key: Any, base: CTE) -> Select[int]:
    """The rows of the calls in a table; `key` is its column with their ids."""
    return select(key).select_from(base).join(key.table, key == base.c.id)


def _counted(
    session: Session,
    ids: Select[int],
    names: Sequence[str],
    wanted: Filter,
    now: dt.datetime,
    **days: int,
) -> dict[str, Mapping[str, int]]:
    """Facets whose values are conditions, counted in one pass over the calls."""
    conditions = [
        (name, value, condition)
        for name in names
        for value, condition in _conditions(name, wanted, now, **days)
    ]
    if not conditions:
        return {}
    columns = [func.sum(case((condition, 1), else_=0)) for _, _, condition in conditions]
    row = session.execute(select(*columns).where(Call.id.in_(ids))).one()
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    for (name, value, _), number in zip(conditions, row, strict=True):
        if number:
            found[name][value] = int(number)
    return dict(found)


def _conditions(
    name: str, wanted: Filter, now: dt.datetime, **days: int
) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """What each value of a facet asks of a call; a value that was typed by hand is counted too."""
    if name == "status":
        for word in STATUSES:
            yield word, queries.status_condition(word, now, **days)
    else:
        values, condition = NUMBERS[name]
        for number in offered(values, getattr(wanted, name)):
            yield f"{number:f}", condition(number, now)


def _by_place(stated: Mapping[str, int]) -> dict[str, int]:
    """What a filter on each place finds: a call of the Union is found by each of its members.

    No call states both (`places.kept`), so the numbers may be added. A member that no call names is
    not offered: the Union stands for it.
    """
    union = stated.get(places.UNION, 0)
    return {
        place: number + (union if place in places.MEMBERS else 0)
        for place, number in stated.items()
    }
