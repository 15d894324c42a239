"""The numbers over a list: counted once, until something is written or time changes them.

Every act of an editor is a line of the history, so that its newest one says whether anything was.
PostgreSQL can show a line after one that is newer; so nothing is kept for longer than a minute. That there
are more than are counted is not counted again after each act.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.content import queries, rights
from feedsvc.content.desk.asked import MINE, NEWEST, Asked
from feedsvc.web import context
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.listing import found
from feedsvc.web.admin.listing.found import Counts, Said

_NEWEST = select(func.max(History.id))
KEPT = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Held:
    """The numbers as they were at the newest line of the history."""

    newest: int
    since: dt.datetime
    until: dt.datetime
    counts: Counts

    def holds(self, newest: int, now: dt.datetime) -> bool:
        is_same = self.newest == newest or self.counts.more
        return is_same and self.since <= now < self.until


def counts(session: Session, kind: str, asked: Asked, anywhere: Callable[[], Said]) -> Counts:
    """What `found.counts` says, or said less than a minute ago."""
    now, state = context.now(), asked.state
    everything = rights.sees_all(actor()) and not asked.but(state="").is_narrowed
    if everything:
        asked = Asked()
    shelf, name = context.runtime().counts, _name(kind, asked)
    newest = session.scalar(_NEWEST) or 0
    held: Held | None = shelf.get(name)
    if held is None or not held.holds(newest, now):
        until = min(now + KEPT, queries.next_coming_or_going(session, now) or now + KEPT)
        if everything:
            by_state = found.of_all(session, kind, now)
            counted = Counts(sum(by_state.values()), by_state)
        else:
            counted = found.counts(session, asked, anywhere(), now=now)
        held = Held(newest, now, until, counted)
        shelf.put(name, held)
    return held.counts.of(state) if everything and state else held.counts


def _name(kind: str, asked: Asked) -> str:
    """Of a list and of whoever looks at it: some see only their own, and each is another `me`."""
    who = actor()
    is_same = rights.sees_all(who) and asked.author != MINE
    sight = "" if is_same else f"{who.role} {who.id} {sorted(who.clusters)}"
    return f"{kind}?{asked.but(sort=NEWEST).query()} {sight}"
