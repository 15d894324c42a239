"""Bursts of changes: what an editor changes in one go is one notice of what it comes to.

An event is covered by the notice that tells it, and found by nobody afterwards. Events of a call
that is off wait until it is back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from feedsvc.calls import net
from feedsvc.calls.models import Call, CallEvent
from feedsvc.content import queries as content
from feedsvc.reminders.models import Notice
from feedsvc.reminders.notices import rules
from feedsvc.reminders.notices.found import CHANGED, Found
from feedsvc.reminders.notices.off import told_off
from feedsvc.reminders.notices.rules import AT_MOST, CATCH_UP

SLACK = timedelta(minutes=15)  # a planner that is late must not free reminders before their notice


def times(now: datetime) -> dict[str, datetime]:
    """The values of UNSETTLED."""
    return {"now": now, "lately": now - AT_MOST - SLACK}


def _uncovered() -> Sequence[ColumnElement[bool]]:
    """Events that readers need to know of and that no notice covers (ix_notice_call_id)."""
    covered = exists().where(
        Notice.call_id == CallEvent.call_id, Notice.last_event_id >= CallEvent.id
    )
    return (
        CallEvent.material.is_(True),
        CallEvent.type.not_in(net.UNTOLD),
        CallEvent.at <= bindparam("now"),
        ~covered,
    )


# Ids of the calls to which something has happened that no notice covers yet. Their reminders wait
# meanwhile, at most for AT_MOST and SLACK: the date may change again, and the notice may count as
# one of them (ix_call_event_listing).
UNSETTLED = select(CallEvent.call_id).where(CallEvent.at > bindparam("lately"), *_uncovered())
HAPPENED = (
    select(CallEvent.call_id, CallEvent.id, CallEvent.at, Call.closes_at)
    .join(Call, Call.id == CallEvent.call_id)
    .where(
        *_uncovered(),
        CallEvent.at > bindparam("since"),
        content.public(bindparam("now")),
        Call.cancelled_at.is_(None),
        ~told_off(Call.id),
    )
    .order_by(CallEvent.call_id, CallEvent.id)
)


def settled(session: Session, now: datetime) -> list[Found]:
    """The bursts of calls that stand, and in which nothing happens any more (ix_call_event_listing)."""
    rows = session.execute(HAPPENED, rules.times(now)).all()
    found = []
    for call_id, group in groupby(rows, key=lambda row: row.call_id):
        burst = list(group)
        due = rules.settles_at(first=burst[0].at, last=burst[-1].at)
        if due <= now:
            told = events(session, call_id, burst[0].id, burst[-1].id)
            found.append(_notice(call_id, told, burst[0].closes_at, due))
    return found


def events(
    session: Session, call_id: int, first: int, last: int | None = None
) -> Sequence[CallEvent]:
    """The events of a call in their order from `first` to `last`, minor ones too."""
    query = select(CallEvent).where(CallEvent.call_id == call_id, CallEvent.id >= first)
    if last is not None:
        query = query.where(CallEvent.id <= last)
    return session.scalars(query.order_by(CallEvent.id)).all()


def _notice(
    call_id: int, burst: Sequence[CallEvent], closes: datetime | None, due: datetime
) -> Found:
    changes = net.changes(burst)
    later = due + CATCH_UP
    return Found(
        key=f"changed:{call_id}:{burst[0].id}",
        call_id=call_id,
        kind=CHANGED,
        due_at=due,
        expires_at=net.worth_until(changes, closes_at=closes, otherwise=later) if changes else due,
        first_event_id=burst[0].id,
        last_event_id=burst[-1].id,
        reason="" if changes else rules.UNDONE,
    )
