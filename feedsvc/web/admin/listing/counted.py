"""The numbers over a list: counted once, until something is written or time changes them.

Every act of an editor is a line of the history, so that its newest one says whether anything was.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.content import queries, rights
from feedsvc.content.desk.asked import Asked
from feedsvc.web import context
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.listing import found
from feedsvc.web.admin.listing.found import Counts

_NEWEST = select(func.max(History.id))


@dataclass(frozen=True)
class Held:
    """The numbers of all entries as they were at the newest line of the history."""

    newest: int
    since: dt.datetime
    until: dt.datetime | None
    by_state: dict[str, int]

    def holds(self, newest: int, now: dt.datetime) -> bool:
        return self.newest == newest and self.since <= now and (not self.until or now < self.until)


def counts(session: Session, kind: str, asked: Asked, anywhere: ColumnElement[bool]) -> Counts:
    """What `found.counts` says; of all entries at once it is kept."""
    now = context.now()
    if asked.but(state="").is_narrowed or not rights.sees_all(actor()):
        return found.counts(session, asked, anywhere, now=now)
    shelf, newest = context.runtime().counts, session.scalar(_NEWEST) or 0
    held: Held | None = shelf.get(kind)
    if held is None or not held.holds(newest, now):
        until = queries.next_coming_or_going(session, now)
        held = Held(newest, now, until, found.of_all(session, kind, now))
        shelf.put(kind, held)
    by_state = held.by_state
    return Counts(by_state[asked.state] if asked.state else sum(by_state.values()), by_state)
