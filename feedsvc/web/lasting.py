"""How long what is shown stays true while nobody edits: until time changes a call, or publishes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedsvc.calls import queries as calls
from feedsvc.content import queries as content
from feedsvc.web import context

AT_MOST = timedelta(seconds=30)


def until(session: Session, now: datetime) -> datetime:
    """The next instant at which something may look different; half a minute from now at the latest."""
    soon = context.settings().closing_soon_days
    changes = (
        calls.next_transition(session, now, closing_soon_days=soon),
        content.next_coming_or_going(session, now),
    )
    return min([now + AT_MOST, *(at for at in changes if at is not None)])
