"""Write the items of occasions: one for each reader who asks for it (`writing` has the statements).

Some thousands at a time, in the order of the readers' numbers: nobody waits long for the database,
and a process that dies leaves a beginning from which another goes on. Who asks in several ways gets
one item, by the unique key.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    UpdateBase,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from feedsvc.postgres import PLAN_ANEW
from feedsvc.reminders import followers, occasions, pace, rules, writing
from feedsvc.reminders.followers import Audience
from feedsvc.reminders.pace import Pace
from feedsvc.reminders.writing import Shape
from feedsvc.statements import one_of
from feedsvc.subscriptions.models import Subscriber, Subscription

MOST_COUNTED = 20_000


@dataclass
class Desk:
    """What one turn of planning needs to know once, and how many rows it writes at once."""

    now: datetime
    audiences: dict[int, Audience]
    rows: Pace
    living: dict[tuple[str, int], int] = field(default_factory=dict)
    asking: dict[int, tuple[int, int]] = field(default_factory=dict)


def desk(session: Session, call_ids: Collection[int], now: datetime) -> Desk:
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    return Desk(now, followers.audiences(session, call_ids), pace.of_items(on_postgresql))


def count(session: Session, at: Desk) -> None:
    """Count who asks for the calls of that turn, which the transactions that write are to know."""
    named = {number for one in at.audiences.values() for number in one.filters or ()}
    following = _by_subject(session, _FOLLOWING, {"calls": list(at.audiences)})
    asking = _by_subject(session, _ASKING, {"filters": sorted(named)})
    for one in at.audiences.values():
        if one.filters is None:
            through_filters = session.scalar(_FOUND, one.values) or 0
        else:
            through_filters = sum(asking.get(number, 0) for number in one.filters)
        at.asking[one.call_id] = following.get(one.call_id, 0), through_filters


def out(session: Session, occasion_ids: Sequence[int], at: Desk) -> tuple[int, list[int]]:
    """Write items of these due occasions, for the next of their readers.

    They must not be about the same deadline. Returns how many items there are, and the occasions
    that have readers left. Others who are at them are not waited for.
    """
    found = occasions.locked(session, occasion_ids, at.now)
    useful = [one for one in found if _is_useful(one, at)]
    late = {one.id for one in found} - {one.id for one in useful}
    occasions.close(session, sorted(late), state="void", reason=occasions.LATE)
    written, done, left = 0, [], []
    for some in _together(useful, at):
        ids = [one.id for one in some]
        if written >= at.rows.at_once // 2:
            left += ids
            continue
        more, cursor = _write(session, some, at)
        written += more
        if cursor is None:
            done += ids
        else:
            occasions.go_on(session, ids, cursor)
            left += ids
    occasions.close(session, done, state="done")
    return written, left


def to_one(session: Session, subscriber_id: int, found: Sequence[Row[Any]], at: Desk) -> int:
    """Write the items of one reader, of occasions whose other readers have theirs; how many."""
    written = 0
    for one in found:
        if _is_useful(one, at):
            shape = Shape(one.type == "opens", one.has_mutes, had_nearer=True, few=False)
            both = replace(shape, direct=True), shape
            written += _execute(session, [one], both, at, (subscriber_id - 1, subscriber_id))
    return written


def _is_useful(one: Row[Any], at: Desk) -> bool:
    return rules.expires_at(one.deadline_at) > at.now and one.call_id in at.audiences


def _together(found: Sequence[Row[Any]], at: Desk) -> list[list[Row[Any]]]:
    """Those of one place that have come equally far share a statement, if their filters are few."""
    groups: dict[object, list[Row[Any]]] = defaultdict(list)
    for one in found:
        many = one.id if at.audiences[one.call_id].filters is None else None
        groups[one.zone, one.hour, one.type == "opens", one.cursor, many].append(one)
    return list(groups.values())


def _write(session: Session, some: Sequence[Row[Any]], at: Desk) -> tuple[int, int | None]:
    """Write for as many readers as may take their time; how many, and the last of them.

    None for the last: that was all.
    """
    living = _living(session, some[0], at)
    direct = sum(at.asking[one.call_id][0] for one in some)
    through_filters = sum(at.asking[one.call_id][1] for one in some)
    asking = direct + through_filters
    shape = Shape(
        some[0].type == "opens",
        any(one.has_mutes for one in some),
        any(one.had_nearer for one in some),
        few=min(living * len(some), asking) <= at.rows.at_once,
    )
    both = (
        replace(shape, direct=True, by_reader=living < direct),
        replace(shape, by_reader=living < through_filters),
    )
    if shape.few:
        return _execute(session, some, both, at), None
    last = session.scalar(_LAST) or 0
    begun = cursor = some[0].cursor
    written, width = 0, at.rows.at_once * last // asking + 1
    while cursor < last and written < at.rows.at_once // 2:
        written += _execute(session, some, both, at, (cursor, cursor + width))
        cursor += width
        # Where few of so many numbers ask for it, the next stretch may be longer.
        likely = (at.rows.at_once - written) * (cursor - begun) // max(written, 1)
        width = max(min(4 * width, likely), 1)
    return written, cursor if cursor < last else None


def _by_subject(
    session: Session, counted: Select[Any, int], values: Mapping[str, Any]
) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(counted, values)}


def _count(what: SQLColumnExpression[int], *which: ColumnElement[bool]) -> Select[int]:
    """How many there are, or many."""
    return select(func.count()).select_from(
        select(what).where(*which).limit(MOST_COUNTED).subquery()
    )


def _living(session: Session, one: Row[Any], at: Desk) -> int:
    """How many readers there are in that place, or many."""
    place = (one.zone, one.hour)
    if place not in at.living:
        at.living[place] = session.scalar(_LIVING, {"zone": one.zone, "hour": one.hour}) or 0
    return at.living[place]


# The driver does not keep by itself how many rows an INSERT wrote; a plan for any stretch suits none.
_OPTIONS = {"preserve_rowcount": True, PLAN_ANEW: True}
_LAST = select(func.max(Subscriber.id))
_LIVING = _count(
    Subscriber.id, Subscriber.zone == bindparam("zone"), Subscriber.hour == bindparam("hour")
)
_FOLLOWING, _ASKING = (
    select(subject, func.count()).where(one_of(subject, name)).group_by(subject)
    for subject, name in ((Subscription.entry_id, "calls"), (Subscription.filter_id, "filters"))
)
_FOUND = _count(Subscription.id, followers.finds())


def _execute(
    session: Session,
    some: Sequence[Row[Any]],
    shapes: Iterable[Shape],
    at: Desk,
    stretch: tuple[int, int] = (0, 0),
) -> int:
    """Write for the readers of a stretch: those after one number, until another; how many."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    written, values = 0, _values(session, some, at, stretch)
    for shape in shapes:
        for one in some:
            if one.came_back:
                again = writing.again(shape, on_postgresql)
                written += _changed(session, again, _values(session, [one], at, stretch))
        written += _changed(session, writing.insert(shape, on_postgresql), values)
    return written


def _values(
    session: Session, some: Sequence[Row[Any]], at: Desk, stretch: tuple[int, int]
) -> dict[str, Any]:
    one, wanted = (
        some[0],
        {row.id: followers.filters(session, at.audiences[row.call_id]) for row in some},
    )
    return {
        "occasions": list(wanted), "wanted": json.dumps(wanted),
        "wanted_by": [number for number, filters in wanted.items() for _ in filters],
        "wanted_filters": [number for filters in wanted.values() for number in filters],
        "zone": one.zone, "hour": one.hour, "after": stretch[0], "until": stretch[1],
        "now": at.now,
        "occasion": one.id, "key_date": one.key_date_id, "deadline": one.deadline_at,
        "lead_time": one.days,
    }  # fmt: skip


def _changed(session: Session, statement: UpdateBase, values: Mapping[str, Any]) -> int:
    """Execute an INSERT or UPDATE; how many rows it wrote."""
    return session.connection().execute(statement, values, execution_options=_OPTIONS).rowcount
