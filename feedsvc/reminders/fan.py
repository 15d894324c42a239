"""Write the items of an occasion: one for each reader who asks for it, by INSERT ... SELECT.

Some thousands at a time, in the order of the readers' numbers: nobody waits long for the database,
and a process that dies leaves a beginning from which another goes on. Who asks in several ways gets
one item, by the unique key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Select,
    SQLColumnExpression,
    String,
    UpdateBase,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from feedsvc.db import UTCDateTime, insert
from feedsvc.reminders import followers, items, occasions, rules
from feedsvc.reminders.models import Item, Occasion
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription

READERS_AT_ONCE = 2_000  # so many are planned in a few hundredths of a second
MOST_COUNTED = 20_000
UNDONE = ("planned", "mailed")


@dataclass(frozen=True)
class Written:
    """What one step did: items written, and whether that was all of the occasion."""

    items: int
    done: bool


def out(session: Session, occasion_id: int, now: datetime) -> Written:
    """Write items of one due occasion, for the next of its readers.

    Others who are at it are not waited for.
    """
    occasion = occasions.lock(session, occasion_id, now)
    if occasion is None:
        return Written(0, True)
    if rules.expires_at(occasion.deadline_at) <= now:
        occasion.state, occasion.reason = "void", occasions.LATE
        return Written(0, True)
    step = _Step(session, occasion, now)
    written, done = step.take()
    occasion.state = "done" if done else "open"
    return Written(written, done)


class _Step:
    """One turn at an occasion."""

    def __init__(self, session: Session, occasion: Occasion, now: datetime) -> None:
        self.session, self.occasion, self.now = session, occasion, now
        self.filters = followers.filters_of(session, occasion.call)
        self.came_back = self._any(Occasion.days == occasion.days, Occasion.turn > 1)
        self.had_nearer = self._any(
            Occasion.days < occasion.days,
            or_(Occasion.state == "done", Occasion.cursor > 0),
        )
        self.has_mutes = bool(
            session.scalar(select(exists().where(CallMute.call_id == occasion.call_id)))
        )

    def take(self) -> tuple[int, bool]:
        """Write for as many readers as may take their time at once; how many, and whether all."""
        few, self.by_reader = self._size()
        if few:
            return self._write(None), True
        last = self.session.scalar(select(func.max(Subscriber.id))) or 0
        written, width = 0, READERS_AT_ONCE
        while written < READERS_AT_ONCE and self.occasion.cursor < last:
            # Where few of so many numbers ask for it, the next stretch may be longer.
            until = self.occasion.cursor + width
            written += self._write(until)
            self.occasion.cursor, width = until, width * 2
        return written, self.occasion.cursor >= last

    def _size(self) -> tuple[bool, bool]:
        """Whether one statement may do it all, and whether it shall go by readers.

        The other way is by subscriptions. Either the readers of that zone and hour are fewer, or
        those who ask for the call wherever they live.
        """
        asking = select(Subscription.id).where(followers.asks(self.occasion.call_id, self.filters))
        living = select(Subscriber.id).where(
            Subscriber.zone == self.occasion.zone, Subscriber.hour == self.occasion.hour
        )
        most = READERS_AT_ONCE
        for limit in (READERS_AT_ONCE, MOST_COUNTED):
            a, b = self._count(asking, limit + 1), self._count(living, limit + 1)
            if min(a, b) <= limit:
                break
        return min(a, b) <= most, b < a

    def _count(self, rows: Select[int], limit: int) -> int:
        return (
            self.session.scalar(select(func.count()).select_from(rows.limit(limit).subquery())) or 0
        )

    def _any(self, *which: ColumnElement[bool]) -> bool:
        """Whether there is such an occasion of the same deadline."""
        return bool(
            self.session.scalar(
                select(
                    exists().where(
                        Occasion.key_date_id == self.occasion.key_date_id,
                        Occasion.deadline_at == self.occasion.deadline_at,
                        *which,
                    )
                )
            )
        )

    def _write(self, until: int | None) -> int:
        """Write for the readers after the cursor, up to that number."""
        asking = followers.of(self.occasion, self.filters)
        if until is not None:
            asking = asking.where(
                Subscription.subscriber_id > self.occasion.cursor,
                Subscription.subscriber_id <= until,
            )
        again = self._again(asking) if self.came_back else 0
        statement = insert(self.session, Item).from_select(items.COLUMNS, self._rows(asking))
        return again + changed(self.session, statement.on_conflict_do_nothing())

    def _rows(self, asking: Select[int, int]) -> Select[Any]:
        one = self.occasion
        reason = self._reason()
        return asking.with_only_columns(
            literal(one.id, BigInteger()),
            Subscription.subscriber_id,
            Subscription.id,
            literal(one.key_date_id, BigInteger()),
            literal(one.deadline_at, UTCDateTime()),
            literal(one.days, BigInteger()),
            case((reason == "", literal("planned", String())), else_=literal("void", String())),
            reason,
            literal(1, BigInteger()),
            literal(self.now, UTCDateTime()),
        )

    def _reason(self) -> ColumnElement[str]:
        """Why an item is void at once; empty if it is not."""
        cases = [(Subscriber.paused_until > self.occasion.due_at, literal(items.PAUSED, String()))]
        if self.has_mutes:
            muted = exists().where(
                CallMute.call_id == self.occasion.call_id, CallMute.subscriber_id == Subscriber.id
            )
            cases.append((muted, literal(items.MUTED, String())))
        if self.had_nearer:
            nearer = self._nearer(Subscription.subscriber_id)
            cases.append((nearer, literal(items.COALESCED, String())))
        return case(*cases, else_=literal("", String()))

    def _nearer(self, subscriber_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
        """Whether the reader has, or had, a later reminder of the same deadline."""
        other = aliased(Item)
        return exists().where(
            other.key_date_id == self.occasion.key_date_id,
            other.deadline_at == self.occasion.deadline_at,
            other.days < self.occasion.days,
            other.subscriber_id == subscriber_id,
            or_(other.state.in_(UNDONE), other.reason == items.TOLD),
        )

    def _again(self, asking: Select[int, int]) -> int:
        """Plan again what was taken back when the deadline fell, which now stands again."""
        one = self.occasion
        statement = (
            update(Item)
            .where(
                Item.key_date_id == one.key_date_id,
                Item.deadline_at == one.deadline_at,
                Item.days == one.days,
                Item.state == "void",
                Item.reason.in_(occasions.REOPENABLE),
                Item.subscriber_id.in_(asking.with_only_columns(Subscription.subscriber_id)),
                ~self._nearer(Item.subscriber_id),
            )
            .values(
                occasion_id=one.id, state="planned", reason="", turn=Item.turn + 1,
                planned_at=self.now,
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        return changed(self.session, statement)


def changed(session: Session, statement: UpdateBase) -> int:
    """Execute an INSERT or UPDATE; how many rows it wrote."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
