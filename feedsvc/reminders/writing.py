"""The statements that write items: INSERT ... SELECT, made once for each shape of what is asked.

`fan` says for which occasions and readers, and gives them their values.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    true,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from feedsvc.db import UTCDateTime
from feedsvc.reminders import items, occasions
from feedsvc.reminders.models import Item, Occasion
from feedsvc.statements import one_of
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription, SubscriptionOffset

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


@cache
def insert(shape: Shape, on_postgresql: bool) -> UpdateBase:
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
    rows = items.locking(rows, Subscriber)  # the date is locked with its occasion
    begin = postgresql.insert if on_postgresql else sqlite.insert
    return begin(_ITEMS).from_select(items.COLUMNS, rows).on_conflict_do_nothing()


@cache
def again(shape: Shape, on_postgresql: bool) -> UpdateBase:
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
        ).where(one_of(Occasion.id, "occasions"))
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
