"""Keep the occasions true to the deadlines: new ones appear, fallen ones are void, some come back.

An occasion's key holds the instant of its deadline, so a moved deadline simply has other occasions.
Moved back, it has its old ones again: what was told is not told again, what had been taken back is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, select, update
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import queries as content
from feedsvc.db import insert
from feedsvc.reminders import rules
from feedsvc.reminders.models import Occasion
from feedsvc.reminders.notices import bursts
from feedsvc.reminders.rules import FLOOR, Deadline
from feedsvc.settings import Settings
from feedsvc.subscriptions import rules as subscription_rules
from feedsvc.subscriptions.models import Subscriber

SUPERSEDED, CANCELLED, UNPUBLISHED = "superseded", "cancelled", "unpublished"
REOPENABLE = (SUPERSEDED, CANCELLED, UNPUBLISHED)
LATE = "late"  # its deadline had passed before anybody could be told
# A lead time in days reaches back at most this much further: zones apart, and the hours of notice.
MARGIN = timedelta(days=3)


def stands(now: datetime) -> Sequence[ColumnElement[bool]]:
    """When a key date of a call is a deadline to remind of. For queries that join both."""
    return (
        content.public(now),
        Call.cancelled_at.is_(None),
        Call.suspended_at.is_(None),
        Call.close_reason == "",
        KeyDate.is_deadline.is_(True),
        KeyDate.mandatory.is_(True),
        KeyDate.certainty == "confirmed",
        KeyDate.precision.in_(("minute", "day")),
        KeyDate.utc_at > now,
    )


def deadline_of(key_date: KeyDate) -> Deadline:
    return Deadline(key_date.local_date, key_date.local_time, key_date.zone, key_date.utc_at)


def discover(session: Session, settings: Settings, now: datetime) -> int:
    """Insert the occasions that the deadlines of the coming weeks have and the table has not."""
    zones = session.scalars(
        select(Subscriber.zone).where(Subscriber.confirmed_at.is_not(None)).distinct()
    ).all()
    found = [
        {
            "days": days,
            "zone": zone,
            "known_at": now,
            **_facts(key_date, published or now, days, zone, settings.reminder_hour),
        }
        for zone in zones
        for days in subscription_rules.choices(settings.reminder_offsets)
        for key_date, published in _missing(session, days, zone, now)
    ]
    if found:
        session.execute(insert(session, Occasion).on_conflict_do_nothing(), found)
    return len(found)


def void_fallen(session: Session, now: datetime) -> list[int]:
    """Void the occasions whose deadline does not stand any more; their ids."""
    reason = case(
        (~exists().where(*_same_deadline()), SUPERSEDED),
        (exists().where(Call.id == Occasion.call_id, Call.cancelled_at.is_not(None)), CANCELLED),
        else_=UNPUBLISHED,
    )
    return list(
        session.scalars(
            update(Occasion)
            .where(
                Occasion.state.in_(("open", "done")),
                Occasion.deadline_at > now,
                ~_stands_still(now),
            )
            .values(state="void", reason=reason)
            .returning(Occasion.id)
            .execution_options(synchronize_session=False)
        )
    )


def reopen(session: Session, now: datetime) -> int:
    """Open again what was void and stands again; how many these are."""
    back = session.scalars(
        update(Occasion)
        .where(
            Occasion.state == "void",
            Occasion.reason.in_(REOPENABLE),
            Occasion.deadline_at > now,
            _stands_still(now),
        )
        .values(state="open", reason="")
        .returning(Occasion.id)
        .execution_options(synchronize_session=False)
    )
    return len(back.all())


def due(session: Session, now: datetime) -> Sequence[int]:
    """The open occasions whose hour has come, the nearest deadlines' first: ix_occasion_due.

    Those of a call in which something is happening wait for the notice that tells it.
    """
    return session.scalars(
        select(Occasion.id)
        .where(
            Occasion.state == "open",
            Occasion.due_at <= now,
            ~bursts.unsettled(Occasion.call_id, now),
        )
        .order_by(Occasion.days, Occasion.id)
    ).all()


def postpone(session: Session, occasion_id: int, until: datetime) -> None:
    """Try an occasion that failed again later, so that it holds up nobody meanwhile."""
    session.execute(
        update(Occasion)
        .where(Occasion.id == occasion_id, Occasion.state == "open")
        .values(due_at=until)
    )


def standing(session: Session, occasion_ids: Iterable[int], now: datetime) -> set[int]:
    """Those of the occasions whose deadline stands, asked of the calls as they are now."""
    return set(
        session.scalars(
            select(Occasion.id).where(Occasion.id.in_(list(occasion_ids)), _stands_still(now))
        )
    )


def _missing(
    session: Session, days: int, zone: str, now: datetime
) -> Iterable[tuple[KeyDate, datetime | None]]:
    """Deadlines ahead that have no occasion of that lead time and zone (ix_key_date_closing)."""
    known = exists().where(
        Occasion.key_date_id == KeyDate.id,
        Occasion.deadline_at == KeyDate.utc_at,
        Occasion.days == days,
        Occasion.zone == zone,
    )
    rows = session.execute(
        select(KeyDate, Call.publish_at)
        .join(Call, Call.id == KeyDate.call_id)
        .where(
            *stands(now),
            KeyDate.utc_at > now + FLOOR,
            KeyDate.utc_at <= now + timedelta(days=days) + MARGIN,
            ~known,
        )
    )
    return ((key_date, published) for key_date, published in rows)


def _facts(
    key_date: KeyDate, published: datetime, days: int, zone: str, hour: int
) -> dict[str, object]:
    """What was published or moved after its hour is due from then on."""
    regular = rules.due_at(deadline_of(key_date), days, reader_zone=zone, hour=hour)
    return {
        "key_date_id": key_date.id,
        "call_id": key_date.call_id,
        "deadline_at": key_date.utc_at,
        "due_at": max(regular, published, key_date.updated_at),
    }


def _same_deadline() -> Sequence[ColumnElement[bool]]:
    return (KeyDate.id == Occasion.key_date_id, KeyDate.utc_at == Occasion.deadline_at)


def _stands_still(now: datetime) -> ColumnElement[bool]:
    return (
        select(KeyDate.id)
        .join(Call, Call.id == KeyDate.call_id)
        .where(*_same_deadline(), *stands(now))
        .exists()
    )
