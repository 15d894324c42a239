"""Calls that are called off (cancelled, or taken off the site), and calls that come back.

The notices of one call are numbered: `cancelled:7:1`, then `back:7:1`, then perhaps
`cancelled:7:2`. So whoever finds the same again has the same key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from feedsvc.calls import net
from feedsvc.calls.models import Call, CallEvent, KeyDate
from feedsvc.content import queries as content
from feedsvc.reminders.models import Notice
from feedsvc.reminders.notices import rules
from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED, Found
from feedsvc.reminders.notices.rules import CATCH_UP, QUIET


def told_off(call_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a notice says that the call is off, and none that it is back."""
    off = aliased(Notice)
    return exists().where(off.call_id == call_id, off.kind == CALLED_OFF, _unanswered(off))


def called_off(session: Session, now: datetime) -> list[Found]:
    """Calls that have been off for ten minutes: who republishes at once tells nobody."""
    rows = session.execute(CALLED_OFF_LATELY, rules.times(now))
    return [
        _off(session, call_id, min(at for at in (cancelled, withdrawn) if at), closes, number + 1)
        for call_id, cancelled, withdrawn, closes, number in rows.all()
    ]


def back(session: Session, now: datetime) -> list[Found]:
    """Calls that stand again after a notice said that they do not, and in which nothing happens."""
    rows = session.execute(STANDS_AGAIN, {"now": now})
    found = [_back(session, off, closes, now) for off, closes in rows.all()]
    return [one for one in found if one.due_at <= now]


def _unanswered(off: type[Notice]) -> ColumnElement[bool]:
    answer = aliased(Notice)
    return ~exists().where(answer.key == func.replace(off.key, "cancelled:", "back:"))


def _called_off() -> Select[*tuple[Any, ...]]:
    cancelled = select(CallEvent.call_id).where(
        CallEvent.type == "cancelled", CallEvent.at > bindparam("cancelled_since")
    )
    ripe = and_(Call.withdrawn_at > bindparam("since"), Call.withdrawn_at <= bindparam("settled"))
    off = and_(
        Call.id.in_(cancelled),
        Call.cancelled_at <= bindparam("settled"),
        or_(content.stays(bindparam("now")), ripe),
    )
    before = (
        select(func.count())
        .where(Notice.call_id == Call.id, Notice.kind == CALLED_OFF)
        .scalar_subquery()
    )
    return select(Call.id, Call.cancelled_at, Call.withdrawn_at, Call.closes_at, before).where(
        or_(ripe, off), Call.publish_at <= bindparam("now"), ~told_off(Call.id)
    )


CALLED_OFF_LATELY = _called_off()
STANDS_AGAIN = (
    select(Notice, Call.closes_at)
    .join(Call, Call.id == Notice.call_id)
    .where(
        Notice.kind == CALLED_OFF,
        _unanswered(Notice),
        content.public(bindparam("now")),
        Call.cancelled_at.is_(None),
    )
)


def _off(
    session: Session, call_id: int, at: datetime, closes: datetime | None, number: int
) -> Found:
    """A call that had closed already is over anyway: taking it off the site is no news."""
    events = session.execute(
        select(CallEvent.id, CallEvent.type).where(CallEvent.call_id == call_id)
    ).all()
    covered = session.scalar(
        select(func.max(Notice.last_event_id)).where(Notice.call_id == call_id)
    )
    untold = [n for n, kind in events if n > (covered or 0) and kind not in net.UNTOLD]
    return Found(
        key=f"cancelled:{call_id}:{number}",
        call_id=call_id,
        kind=CALLED_OFF,
        due_at=at + QUIET,
        expires_at=closes or at + CATCH_UP,
        first_event_id=min(untold, default=None),
        last_event_id=max((n for n, _ in events), default=None),
    )


def _back(session: Session, off: Notice, closes: datetime | None, now: datetime) -> Found:
    """What was changed before and while it was off is told with it."""
    events = session.execute(
        select(CallEvent.id, CallEvent.at).where(
            CallEvent.call_id == off.call_id, CallEvent.id > (off.last_event_id or 0)
        )
    ).all()
    ids = [row.id for row in events]
    instants = [*_restored(session, off.call_id, now), *(row.at for row in events)]
    due = rules.settles_at(first=min(instants), last=max(instants)) if instants else now
    return Found(
        key=off.key.replace("cancelled:", "back:"),
        call_id=off.call_id,
        kind=CHANGED,
        due_at=due,
        expires_at=closes or due + CATCH_UP,
        first_event_id=off.first_event_id or min(ids, default=None),
        last_event_id=max(ids, default=off.last_event_id),
    )


def _restored(session: Session, call_id: int, now: datetime) -> list[datetime]:
    """When the dates of the call came back, if that was lately."""
    found = session.scalars(
        select(KeyDate.restored_at).where(
            KeyDate.call_id == call_id, KeyDate.restored_at > now - CATCH_UP
        )
    )
    return [at for at in found if at is not None]
