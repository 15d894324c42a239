"""Play the planner's turns up to a time, in a transaction that is rolled back: who would get what.

It is the planner itself that plays, from now on, at each time at which it would find something; so
what it says is what would be, if nobody changes anything. On SQLite others wait while it writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc import clock
from feedsvc.db import Database
from feedsvc.reminders import hours, plan, rules
from feedsvc.reminders.models import Item, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import Subscriber


@dataclass(frozen=True)
class Expected:
    """A reminder of one reader. With a `reason` it is planned and not sent: it is void at once."""

    leaves_at: datetime
    address: str
    language: str
    zone: str
    call_id: int
    key_date_id: int
    deadline_at: datetime
    days: int
    reason: str


class Rehearsal(Database):
    """A database whose transactions are parts of one that is never committed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def begin(self) -> Iterator[Session]:
        self._session.expire_all()
        with self._session.begin_nested():
            yield self._session

    @contextmanager
    def read(self, **_: object) -> Iterator[Session]:
        self._session.expire_all()
        yield self._session

    def stopwatch(self) -> float:
        return clock.stopwatch()


def preview(db: Database, settings: Settings, at: datetime, *, now: datetime) -> list[Expected]:
    """The reminders that would be planned from `now` until `at`, in the order in which they leave.

    What waits in the outbox by now is not among them.
    """
    with db.begin() as session:
        last = session.scalar(select(func.max(Item.id))) or 0
        for turn in _turns(session, now, at):
            plan.keep_true(Rehearsal(session), settings, turn)
            plan.write_due(Rehearsal(session), turn)
        found = _expected(session, last)
        session.rollback()
    return sorted(found, key=lambda one: (one.leaves_at, one.address, one.deadline_at))


def _turns(session: Session, now: datetime, at: datetime) -> Sequence[datetime]:
    """When the planner would find something: now, at readers' hours and mornings, at the end."""
    morning = rules.QUIET_UNTIL.hour
    slots = {
        slot
        for zone, hour in hours.places(session)
        for of_day in (hour, morning)
        for slot in rules.slots(now, at, zone=zone, hour=of_day)
    }
    return sorted({now, max(at, now), *slots})


def _expected(session: Session, last: int) -> list[Expected]:
    rows = session.execute(
        select(Item, Occasion, Subscriber.uid, Subscriber.email, Subscriber.language,
               Subscriber.zone)
        .join(Occasion, Occasion.id == Item.occasion_id)
        .join(Subscriber, Subscriber.id == Item.subscriber_id)
        .where((Item.id > last) | (Item.state == "planned"))
    )  # fmt: skip
    return [
        Expected(
            rules.leaves_at(
                occasion.due_at, occasion.known_at, uid, max(item.planned_at, occasion.due_at),
                zone=zone, deadline_at=item.deadline_at,
            ),
            email, language, zone, occasion.call_id, item.key_date_id, item.deadline_at,
            item.days, item.reason,
        )
        for item, occasion, uid, email, language, zone in rows
    ]  # fmt: skip
