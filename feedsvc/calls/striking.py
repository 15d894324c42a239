"""Which dates of a call calendars must strike, or hold again, after a change of the call.

A call that leaves the site on a day to come has its dates written as struck from that day on, and
written anew with every change until then: nothing has to happen on the day itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.calls import events, key_dates, rules, snapshots, struck
from feedsvc.calls.events import DateFact, Happened
from feedsvc.calls.models import Call
from feedsvc.content import entries
from feedsvc.content import rules as entry_rules


def differing(
    session: Session,
    call: Call,
    before: Mapping[str, DateFact],
    after: Mapping[str, DateFact],
    *,
    now: datetime,
) -> None:
    """Strike the dates that were taken away or no longer name a day; hold those that do again."""
    forget_plan(session, call, now=now)  # it is written anew, of the dates that are left
    held, holds = _in_calendars(before), _in_calendars(after)
    strike(session, call, [before[uid] for uid in sorted(held - holds)], now=now)
    struck.restore(session, call, (holds - held) & before.keys(), now=now)


def restore(
    session: Session, call: Call, withdrawn_at: datetime, *, now: datetime
) -> list[Happened]:
    """Hold the dates of a call that comes back; what happened to them meanwhile.

    Their readers can know of the change from now on only: who began to follow while the call was
    off the site is told of what it moved past, as everybody else is.
    """
    before = struck.facts(session, call, since=withdrawn_at)
    after = key_dates.facts(call)
    struck.restore(session, call, _in_calendars(after), now=now)
    written = {row.uid: row.updated_at for row in call.key_dates}
    seen = {
        uid: fact for uid, fact in after.items() if uid in before or written[uid] > withdrawn_at
    }
    for row in call.key_dates:
        if row.updated_at > withdrawn_at:
            row.updated_at = now
    return events.of_dates(before, seen, now=now)


def strike(session: Session, call: Call, facts: Collection[DateFact], *, now: datetime) -> None:
    """Those dates stand no longer, from now on."""
    if facts:
        struck.strike(session, call, facts, words=_words(call), now=now)


def plan(session: Session, call: Call, *, now: datetime) -> None:
    """The dates as they are now stand no longer from the day on which the call leaves the site."""
    at = entry_rules.leaves_at(call, now)
    forget_plan(session, call, now=now)
    if at is not None:
        struck.plan(session, call, key_dates.facts(call).values(), words=_words(call), at=at)


def forget_plan(session: Session, call: Call, *, now: datetime) -> None:
    struck.forget_plan(session, call, now=now)


def _words(call: Call) -> str:
    return "\n".join(entries.searched(call, snapshots.names(call)))


def _in_calendars(facts: Mapping[str, DateFact]) -> set[str]:
    return {uid for uid, fact in facts.items() if rules.names_a_day(fact.precision)}
