"""Write the items of occasions: one for each reader who asks for it, by INSERT ... SELECT.

Some thousands at a time, in the order of the readers' numbers: nobody waits long for the database,
and a process that dies leaves a beginning from which another goes on. Who asks in several ways gets
one item, by the unique key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    String,
    Table,
    UpdateBase,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from feedsvc.db import UTCDateTime
from feedsvc.reminders import followers, items, occasions, rules
from feedsvc.reminders.followers import Audience
from feedsvc.reminders.models import Item
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription, SubscriptionOffset

READERS_AT_ONCE = 2_000  # so many are planned in a few hundredths of a second
MOST_COUNTED = 20_000
TOLD_STATES = ("planned", "mailed")
_ITEMS = cast("Table", Item.__table__)


@dataclass(frozen=True)
class Shape:
    """Which statement an occasion needs: what cannot apply to it is not asked of every reader.

    `named` is said of the filters. `few` needs no stretches of readers. `by_reader` goes through the readers of the zone and hour,
    because these are fewer than the subscriptions that ask for the call.
    """

    opens: bool
    has_mutes: bool
    had_nearer: bool
    named: bool
    few: bool
    by_reader: bool


@dataclass
class Desk:
    """What one turn of planning needs to know once."""

    now: datetime
    audiences: dict[int, Audience]
    living: dict[tuple[str, int], int] = field(default_factory=dict)
    asking: dict[int, int] = field(default_factory=dict)


def desk(session: Session, call_ids: Collection[int], now: datetime) -> Desk:
    return Desk(now, followers.audiences(session, call_ids))


def out(session: Session, occasion_ids: Sequence[int], at: Desk) -> tuple[int, list[int]]:
    """Write items of these due occasions, for the next of their readers.

    They must not be about the same deadline. Returns how many items there are, and the occasions
    that have readers left. Others who are at them are not waited for.
    """
    written, done, left = 0, [], []
    for one in occasions.locked(session, occasion_ids, at.now):
        if written >= READERS_AT_ONCE:
            left.append(one.id)
        elif rules.expires_at(one.deadline_at) <= at.now or one.call_id not in at.audiences:
            occasions.close(session, [one.id], state="void", reason=occasions.LATE)
        else:
            more, cursor = _write(session, one, at)
            written += more
            if cursor is None:
                done.append(one.id)
            else:
                occasions.go_on(session, one.id, cursor)
                left.append(one.id)
    occasions.close(session, done, state="done")
    return written, left


def to_one(session: Session, subscriber_id: int, found: Sequence[Row[Any]], at: Desk) -> int:
    """Write the items of one reader, of occasions whose other readers have theirs; how many."""
    written = 0
    for one in found:
        audience = at.audiences.get(one.call_id)
        if audience is not None and rules.expires_at(one.deadline_at) > at.now:
            shape = Shape(
                one.type == "opens", one.has_mutes, had_nearer=True,
                named=audience.filters is not None, few=False, by_reader=True,
            )  # fmt: skip
            values = _values(one, audience, at.now)
            values |= {"after": subscriber_id - 1, "until": subscriber_id}
            written += _execute(session, one, shape, values)
    return written


def _write(session: Session, one: Row[Any], at: Desk) -> tuple[int, int | None]:
    """Write for as many readers as may take their time; how many, and the last of them.

    None for the last: that was all.
    """
    audience = at.audiences[one.call_id]
    few, by_reader = _size(session, one, at)
    named = audience.filters is not None
    shape = Shape(one.type == "opens", one.has_mutes, one.had_nearer, named, few, by_reader)
    values = _values(one, audience, at.now)
    if few:
        return _execute(session, one, shape, values), None
    last = session.scalar(select(func.max(Subscriber.id))) or 0
    written, cursor, width = 0, one.cursor, READERS_AT_ONCE
    while written < READERS_AT_ONCE and cursor < last:
        values |= {"after": cursor, "until": cursor + width}
        written += _execute(session, one, shape, values)
        cursor += width
        # Where few of so many numbers ask for it, the next stretch may be longer.
        likely = (READERS_AT_ONCE - written) * (cursor - one.cursor) // max(written, 1)
        width = max(min(2 * width, likely), READERS_AT_ONCE)
    return written, cursor if cursor < last else None


def _values(one: Row[Any], audience: Audience, now: datetime) -> dict[str, Any]:
    return audience.asking | {
        "occasion": one.id, "key_date": one.key_date_id, "deadline": one.deadline_at,
        "lead_time": one.days, "zone": one.zone, "hour": one.hour, "due_at": one.due_at,
        "followed_by": one.followed_by, "now": now, "after": 0, "until": 0,
    }  # fmt: skip


def _size(session: Session, one: Row[Any], at: Desk) -> tuple[bool, bool]:
    """Whether one statement may do it all, and whether it shall go by readers."""
    place = (one.zone, one.hour)
    if place not in at.living:
        at.living[place] = _count(session, _LIVING, {"zone": one.zone, "hour": one.hour})
    if one.call_id not in at.asking:
        audience = at.audiences[one.call_id]
        counting = _ASKING[audience.filters is not None]
        at.asking[one.call_id] = _count(session, counting, audience.asking)
    living, asking = at.living[place], at.asking[one.call_id]
    return min(living, asking) <= READERS_AT_ONCE, living < asking


def _count(session: Session, statement: Select[int], values: Mapping[str, Any]) -> int:
    return session.scalar(statement, values) or 0


_LIVING = select(func.count()).select_from(
    select(Subscriber.id)
    .where(Subscriber.zone == bindparam("zone"), Subscriber.hour == bindparam("hour"))
    .limit(MOST_COUNTED)
    .subquery()
)
_ASKING = {
    named: select(func.count()).select_from(
        select(Subscription.id).where(followers.asks(named=named)).limit(MOST_COUNTED).subquery()
    )
    for named in (True, False)
}


def _execute(session: Session, one: Row[Any], shape: Shape, values: dict[str, Any]) -> int:
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    again = _changed(session, _again(shape, on_postgresql), values) if one.came_back else 0
    return again + _changed(session, _insert(shape, on_postgresql), values)


def _changed(session: Session, statement: UpdateBase, values: Mapping[str, Any]) -> int:
    """Execute an INSERT or UPDATE; how many rows it wrote."""
    kept = {"preserve_rowcount": True}  # else psycopg's is not kept for an INSERT
    return session.connection().execute(statement, values, execution_options=kept).rowcount


@cache
def _insert(shape: Shape, on_postgresql: bool) -> UpdateBase:
    reason = _reason(shape)
    rows = _asking(shape, on_postgresql).with_only_columns(
        bindparam("occasion", type_=BigInteger()),
        Subscription.subscriber_id,
        Subscription.id,
        bindparam("key_date", type_=BigInteger()),
        bindparam("deadline", type_=UTCDateTime()),
        bindparam("lead_time", type_=BigInteger()),
        case((reason == "", literal("planned", String())), else_=literal("void", String())),
        reason,
        literal(1, BigInteger()),
        bindparam("now", type_=UTCDateTime()),
    )
    begin = postgresql.insert if on_postgresql else sqlite.insert
    return begin(_ITEMS).from_select(items.COLUMNS, rows).on_conflict_do_nothing()


@cache
def _again(shape: Shape, on_postgresql: bool) -> UpdateBase:
    """Plan again what was taken back when the deadline fell, which now stands again."""
    asking = _asking(shape, on_postgresql).with_only_columns(Subscription.subscriber_id)
    return (
        update(_ITEMS)
        .where(
            Item.key_date_id == bindparam("key_date"),
            Item.deadline_at == bindparam("deadline"),
            Item.days == bindparam("lead_time"),
            Item.state == "void",
            Item.reason.in_(occasions.REOPENABLE),
            Item.subscriber_id.in_(asking),
            ~_nearer(Item.subscriber_id),
        )
        .values(
            occasion_id=bindparam("occasion"), state="planned", reason="", turn=Item.turn + 1,
            planned_at=bindparam("now"),
        )
    )  # fmt: skip


def _asking(shape: Shape, on_postgresql: bool) -> Select[Any]:
    """The subscriptions that ask for the occasion; a reader may ask in several of them.

    Who subscribed after the occasion was due is late for it, and is told the next time. An opening
    is told whatever the lead times are.
    """
    asks = followers.asks(named=shape.named, through_index=on_postgresql or not shape.by_reader)
    zone, days = Subscriber.zone.expression, SubscriptionOffset.days.expression
    if not on_postgresql:  # SQLite has no statistics: this tells it where not to begin
        zone, days = zone if shape.by_reader else zone.concat(""), days + 0
    found = (
        select(Subscription.subscriber_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.confirmed_at <= bindparam("followed_by"),
            Subscriber.confirmed_at.is_not(None),
            zone == bindparam("zone"),
            Subscriber.hour == bindparam("hour"),
            asks,
        )
    )
    if not shape.few:
        number = Subscriber.id if shape.by_reader else Subscription.subscriber_id
        found = found.where(number > bindparam("after"), number <= bindparam("until"))
    if shape.opens:
        return found
    return found.join(
        SubscriptionOffset, SubscriptionOffset.subscription_id == Subscription.id
    ).where(days == bindparam("lead_time"))


def _reason(shape: Shape) -> ColumnElement[str]:
    """Why an item is void at once; empty if it is not."""
    cases = [(Subscriber.paused_until > bindparam("due_at"), literal(items.PAUSED, String()))]
    if shape.has_mutes:
        muted = exists().where(
            CallMute.call_id == bindparam("call_id"), CallMute.subscriber_id == Subscriber.id
        )
        cases.append((muted, literal(items.MUTED, String())))
    if shape.had_nearer:
        nearer = _nearer(Subscription.subscriber_id)
        cases.append((nearer, literal(items.COALESCED, String())))
    return case(*cases, else_=literal("", String()))


def _nearer(subscriber_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether the reader has, or had, a later reminder of the same deadline."""
    other = aliased(Item)
    return exists().where(
        other.key_date_id == bindparam("key_date"),
        other.deadline_at == bindparam("deadline"),
        other.days < bindparam("lead_time"),
        other.subscriber_id == subscriber_id,
        or_(other.state.in_(TOLD_STATES), other.reason == items.TOLD),
    )
