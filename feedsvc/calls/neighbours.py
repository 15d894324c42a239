"""What stands beside a call: other editions of its series, and entries that name it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call
from feedsvc.content import queries as content
from feedsvc.content import rules
from feedsvc.content.models import Entry, entry_related

MOST_EDITIONS = 8


def editions(session: Session, call: Call, now: datetime) -> Sequence[Call]:
    """The other public calls of its series, the latest first; none where it is in no series."""
    if not call.series:
        return ()
    return session.scalars(
        select(Call)
        .where(Call.series == call.series, Call.id != call.id, content.public(now))
        .order_by(func.coalesce(Call.closes_at, Call.publish_at).desc(), Call.id.desc())
        .limit(MOST_EDITIONS)
    ).all()


def related(session: Session, entry: Entry, now: datetime) -> Sequence[Entry]:
    """The public entries that the editor chose for this one, then those for which it was chosen.

    A link between two entries is written in one of them and shown at both.
    """
    naming = session.scalars(
        select(Entry)
        .join(entry_related, entry_related.c.entry_id == Entry.id)
        .where(entry_related.c.related_id == entry.id, content.public(now))
        .order_by(Entry.publish_at.desc(), Entry.id.desc())
    ).all()
    chosen = [other for other in entry.related if rules.is_public(other, now)]
    return list(dict.fromkeys([*chosen, *naming]))
