"""How long what is shown stays true while nobody edits: until time changes a call, or publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedsvc.calls import queries as calls
from feedsvc.content import queries as content
from feedsvc.web import context

AT_MOST = timedelta(seconds=30)
NEXT = "the next change"


@dataclass(frozen=True)
class Change:
    """The next instant at which time changes something, if any, as it was found at `since`."""

    generation: int
    since: datetime
    at: datetime | None

    def holds(self, generation: int, now: datetime) -> bool:
        return (
            self.generation == generation
            and self.since <= now
            and (self.at is None or now < self.at)
        )


def until(session: Session, current: int, now: datetime) -> datetime:
    """The next instant at which something may look different; half a minute from now at the latest.

    `current` is the generation that `session` reads.
    """
    shelf = context.runtime().changes
    found: Change | None = shelf.get(NEXT)
    if found is None or not found.holds(current, now):
        found = Change(current, now, _next(session, now))
        shelf.put(NEXT, found)
    latest = now + AT_MOST
    return latest if found.at is None else min(latest, found.at)


def _next(session: Session, now: datetime) -> datetime | None:
    soon = context.settings().closing_soon_days
    changes = (
        calls.next_transition(session, now, closing_soon_days=soon),
        content.next_coming_or_going(session, now),
    )
    return min((at for at in changes if at is not None), default=None)
