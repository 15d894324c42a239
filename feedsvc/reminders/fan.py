"""Write the items of occasions: one for each reader who asks for it, by INSERT ... SELECT.

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
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Row,
    Select,
    SQLColumnExpression,
    String,
    Table,
    UpdateBase,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from feedsvc.db import UTCDateTime
from feedsvc.reminders import followers, items, occasions, rules
from feedsvc.reminders.followers import Audience
from feedsvc.reminders.models import Item, Occasion
from feedsvc.reminders.pace import Pace
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription, SubscriptionOffset

MOST_COUNTED = 20_000
TOLD_STATES = ("planned", "mailed")
WANTED = ("wanted_by", "wanted_filters")
_ITEMS = cast("Table", Item.__table__)


@dataclass(frozen=True)
class Shape:
    """Which statement occasions need: what cannot apply to them is not asked of every reader.

    `few` needs no stretches of readers. `direct` is for those who follow the call itself, else it is
    for those whose filter finds it. `by_reader` goes through the readers of the zone and hour,
    because these are fewer than such subscriptions.
    """

    opens: bool
    has_mutes: bool
    had_nearer: bool
    few: bool
    direct: bool = False
    by_reader: bool = True


@dataclass
class Desk:
    """What one turn of planning needs to know once, and how many rows it writes at once.

    Below a thousand rows what a transaction costs by itself would weigh more than the rows.
    """

    now: datetime
    audiences: dict[int, Audience]
    rows: Pace = field(default_factory=lambda: Pace(at_once=1_000, fewest=1_000, most=4_000))
    living: dict[tuple[str, int], int] = field(default_factory=dict)
    asking: dict[int, tuple[int, int]] = field(default_factory=dict)


def desk(session: Session, call_ids: Collection[int], now: datetime) -> Desk:
    return Desk(now, followers.audiences(session, call_ids))


def count(session: Session, at: Desk) -> None:
    """Count who asks for the calls of that turn, which the transactions that write are to know."""
    for audience in at.audiences.values():
        filtering = _FILTERING[audience.filters is not None]
        at.asking[audience.call_id] = (
            session.scalar(_FOLLOWING, audience.asking) or 0,
            session.scalar(filtering, audience.asking) or 0,
        )


def out(session: Session, occasion_ids: Sequence[int], at: Desk) -> tuple[int, list[int]]:
    """Write items of these due occasions, for the next of their readers.

    They must not be about the same deadline. Returns how many items there are, and the occasions
    that have readers left. Others who are at them are not waited for.
    """
    if session.get_bind().dialect.name == "postgresql":  # a plan for any stretch suits none
        session.execute(_PLAN_EACH)
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


_PLAN_EACH = text("SET LOCAL plan_cache_mode = force_custom_plan")
_LAST = select(func.max(Subscriber.id))
_LIVING = _count(
    Subscriber.id, Subscriber.zone == bindparam("zone"), Subscriber.hour == bindparam("hour")
)
_FOLLOWING = _count(Subscription.id, followers.follows())
_FILTERING = {
    named: _count(Subscription.id, followers.finds(named=named)) for named in (True, False)
}


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
                again = _again(shape, on_postgresql)
                written += _changed(session, again, _values(session, [one], at, stretch))
        written += _changed(session, _insert(shape, on_postgresql), values)
    return written


def _values(
    session: Session, some: Sequence[Row[Any]], at: Desk, stretch: tuple[int, int]
) -> dict[str, Any]:
    one, wanted = some[0], {row.id: _filters(session, row, at) for row in some}
    return {
        "occasions": list(wanted), "wanted": json.dumps(wanted),
        "wanted_by": [number for number, filters in wanted.items() for _ in filters],
        "wanted_filters": [number for filters in wanted.values() for number in filters],
        "zone": one.zone, "hour": one.hour, "after": stretch[0], "until": stretch[1],
        "now": at.now,
        "occasion": one.id, "key_date": one.key_date_id, "deadline": one.deadline_at,
        "lead_time": one.days,
    }  # fmt: skip


def _filters(session: Session, one: Row[Any], at: Desk) -> Sequence[int]:
    audience = at.audiences[one.call_id]
    if audience.filters is not None:
        return audience.filters
    return session.scalars(followers.FILTERS, audience.values).all()


def _changed(session: Session, statement: UpdateBase, values: Mapping[str, Any]) -> int:
    """Execute an INSERT or UPDATE; how many rows it wrote."""
    kept = {"preserve_rowcount": True}  # else psycopg's is not kept for an INSERT
    return session.connection().execute(statement, values, execution_options=kept).rowcount


@cache
def _insert(shape: Shape, on_postgresql: bool) -> UpdateBase:
    reason = _reason(shape)
    rows = _asking(shape, on_postgresql).with_only_columns(
        Occasion.id,
        Subscription.subscriber_id,
        Subscription.id,
        Occasion.key_date_id,
        Occasion.deadline_at,
        Occasion.days,
        case((reason == "", literal("planned", String())), else_=literal("void", String())),
        reason,
        literal(1, BigInteger()),
        bindparam("now", type_=UTCDateTime()),
        maintain_column_froms=True,
    )
    begin = postgresql.insert if on_postgresql else sqlite.insert
    return begin(_ITEMS).from_select(items.COLUMNS, rows).on_conflict_do_nothing()


@cache
def _again(shape: Shape, on_postgresql: bool) -> UpdateBase:
    """Plan again what was taken back when the deadline fell, which now stands again."""
    asking = _asking(shape, on_postgresql).with_only_columns(
        Subscription.subscriber_id, maintain_column_froms=True
    )
    key_date: BindParameter[int] = bindparam("key_date")
    deadline: BindParameter[datetime] = bindparam("deadline")
    lead_time: BindParameter[int] = bindparam("lead_time")
    return (
        update(_ITEMS)
        .where(
            Item.key_date_id == key_date,
            Item.deadline_at == deadline,
            Item.days == lead_time,
            Item.state == "void",
            Item.reason.in_(occasions.REOPENABLE),
            Item.subscriber_id.in_(asking),
            ~_nearer(Item.subscriber_id, key_date, deadline, lead_time),
        )
        .values(
            occasion_id=bindparam("occasion"), state="planned", reason="", turn=Item.turn + 1,
            planned_at=bindparam("now"),
        )
    )  # fmt: skip


def _asking(shape: Shape, on_postgresql: bool) -> Select[Any]:
    """The subscriptions that ask for occasions; a reader may ask in several of them.

    Who subscribed after the occasion was due is late for it, and is told the next time. An opening
    is told whatever the lead times are.
    """
    zone, subject = Subscriber.zone.expression, Subscription.filter_id.expression
    days = SubscriptionOffset.days.expression
    if shape.direct:
        subject = Subscription.entry_id.expression
    if not on_postgresql:  # SQLite has no statistics: this tells it where not to begin
        zone, days = zone if shape.by_reader else zone.concat(""), days + 0
        subject = subject + 0 if shape.by_reader else subject
    wanted = _wanted(shape, on_postgresql)
    found = (
        select(Subscription.subscriber_id)
        .select_from(wanted)
        .join(Occasion, Occasion.id == wanted.c.occasion_id)
        .join(Subscription, subject == wanted.c.subject_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.confirmed_at <= Occasion.followed_by,
            Subscriber.confirmed_at.is_not(None),
            zone == bindparam("zone"),
            Subscriber.hour == bindparam("hour"),
        )
    )
    if not shape.few:  # said of both numbers: PostgreSQL does not conclude one from the other
        for number in (Subscriber.id, Subscription.subscriber_id):
            found = found.where(number > bindparam("after"), number <= bindparam("until"))
    if shape.opens:
        return found
    return found.join(
        SubscriptionOffset,
        and_(SubscriptionOffset.subscription_id == Subscription.id, days == Occasion.days),
    )


def _wanted(shape: Shape, on_postgresql: bool) -> FromClause:
    """Occasions, each with its call or with every filter that finds it: pairs of numbers.

    Where these are looked up by subject, SQLite writes them down, and makes an index for them.
    """
    written_down = "MATERIALIZED" if shape.by_reader else "NOT MATERIALIZED"
    if shape.direct:
        pairs = select(
            Occasion.id.label("occasion_id"), Occasion.call_id.label("subject_id")
        ).where(Occasion.id.in_(bindparam("occasions", expanding=True)))
        return pairs.cte("wanted").prefix_with(written_down)
    if on_postgresql:
        numbers = (bindparam(name, type_=ARRAY(BigInteger())) for name in WANTED)
        return (
            func.unnest(*numbers).table_valued("occasion_id", "subject_id").render_derived("wanted")
        )
    due = func.json_each(bindparam("wanted")).table_valued("key", "value", name="due")
    each = func.json_each(due.c.value).table_valued("value", name="each_filter")
    pairs = select(
        cast_to(due.c.key, Integer()).label("occasion_id"), each.c.value.label("subject_id")
    ).select_from(due.join(each, true()))
    return pairs.cte("wanted").prefix_with(written_down)


def _reason(shape: Shape) -> ColumnElement[str]:
    """Why an item is void at once; empty if it is not."""
    cases = [(Subscriber.paused_until > Occasion.due_at, literal(items.PAUSED, String()))]
    if shape.has_mutes:
        muted = exists().where(
            CallMute.call_id == Occasion.call_id, CallMute.subscriber_id == Subscriber.id
        )
        cases.append((muted, literal(items.MUTED, String())))
    if shape.had_nearer:
        nearer = _nearer(
            Subscription.subscriber_id, Occasion.key_date_id, Occasion.deadline_at, Occasion.days
        )
        cases.append((nearer, literal(items.COALESCED, String())))
    return case(*cases, else_=literal("", String()))


def _nearer(
    subscriber_id: SQLColumnExpression[int],
    key_date_id: ColumnElement[int] | SQLColumnExpression[int],
    deadline_at: ColumnElement[datetime] | SQLColumnExpression[datetime],
    days: ColumnElement[int] | SQLColumnExpression[int],
) -> ColumnElement[bool]:
    """Whether the reader has, or had, a later reminder of the same deadline."""
    other = aliased(Item)
    return exists().where(
        other.key_date_id == key_date_id,
        other.deadline_at == deadline_at,
        other.days < days,
        other.subscriber_id == subscriber_id,
        or_(other.state.in_(TOLD_STATES), other.reason == items.TOLD),
    )
