"""How long the proof of consent is kept: as long as its reader is here, and some years after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from feedsvc.subscriptions.models import ConsentEvent, Subscriber


def drop_consent(session: Session, before: datetime, *, limit: int = 500) -> int:
    """Delete the events of readers who have gone and of whom the last is that old.

    Of so many readers at a time; how many these were. Nothing else deletes an event, and nothing
    at all changes one.
    """
    gone = session.scalars(
        select(ConsentEvent.subscriber_uid)
        .where(~exists().where(Subscriber.uid == ConsentEvent.subscriber_uid))
        .group_by(ConsentEvent.subscriber_uid)
        .having(func.max(ConsentEvent.at) <= before)
        .limit(limit)
    ).all()
    session.execute(delete(ConsentEvent).where(ConsentEvent.subscriber_uid.in_(gone)))
    return len(gone)
