"""The numbers over a list: counted once, until something is written or time changes them.

Every act of an editor is a line of the history, so that its newest one says whether anything was.
PostgreSQL can show a line after one that is newer; so nothing is kept for longer than a minute. Two things
need no new count after each act: that there are more than are counted, and how many readers could see, which
every act on one of those advances the generation for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    """Something as it was at a line of the history, or in a generation; None: whatever is written."""

    at: int | None
    since: dt.datetime
    until: dt.datetime
    thing: Any

    def holds(self, at: int, now: dt.datetime) -> bool:
        return self.at in (None, at) and self.since <= now < self.until


def counts(
    session: Session, kind: str, asked: Asked, anywhere: Callable[[], Said], *, generation: int
) -> Counts:
    """What `found.counts` says, or said less than a minute ago.

    `generation` is one that was there before the session began: what is kept under it is never older.
    """
    now, state = context.now(), asked.state
    everything = rights.sees_all(actor()) and not asked.but(state="").is_narrowed
    if everything:
        asked = Asked()
    name, newest = _name(kind, asked), session.scalar(_NEWEST) or 0
    counted: Counts | None = _held(name, newest, now)
    if counted is None:
        until = _until(session, now)
        if everything:
            counted = _of_all(session, kind, now, until, generation)
        else:
            counted = found.counts(session, asked, anywhere(), now=now)
        _hold(name, Held(None if counted.more else newest, now, until, counted))
    return counted.of(state) if everything and state else counted


def _of_all(
    session: Session, kind: str, now: dt.datetime, until: dt.datetime, generation: int
) -> Counts:
    name = f"{kind} seen"
    seen: int | None = _held(name, generation, now)
    if seen is None:
        seen = found.seen(session, kind, now)
        _hold(name, Held(generation, now, until, seen))
    by_state = found.of_all(session, kind, now, seen=seen)
    return Counts(sum(by_state.values()), by_state)


def _until(session: Session, now: dt.datetime) -> dt.datetime:
    """When time may change what is counted now."""
    at = queries.next_coming_or_going(session, now)
    return min(now + KEPT, at or now + KEPT)


def _held(name: str, at: int, now: dt.datetime) -> Any:
    held: Held | None = context.runtime().counts.get(name)
    return held.thing if held is not None and held.holds(at, now) else None


def _hold(name: str, held: Held) -> None:
    context.runtime().counts.put(name, held)


def _name(kind: str, asked: Asked) -> str:
    """Of a list and of whoever looks at it: some see only their own, and each is another `me`."""
    who = actor()
    is_same = rights.sees_all(who) and asked.author != MINE
    sight = "" if is_same else f"{who.role} {who.id} {sorted(who.clusters)}"
    return f"{kind}?{asked.but(sort=NEWEST).query()} {sight}"
