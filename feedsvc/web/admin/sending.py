"""How sending fares, for the top of the outbox and the overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedsvc.mail import queries
from feedsvc.reminders import heartbeat

SILENT_AFTER = timedelta(minutes=2)  # a scheduler beats every ten seconds


@dataclass(frozen=True)
class Health:
    """Mails that wait; since when one is late, if one is; when a scheduler last said something."""

    waiting: int
    late_since: datetime | None
    last_beat: datetime | None
    silent: bool


def health(session: Session, now: datetime) -> Health:
    beats = [row.finished_at for row in heartbeat.beats(session)]
    last = max(beats, default=None)
    counts = queries.counts(session)
    return Health(
        waiting=sum(counts.get(state, 0) for state in ("queued", "leased", "sending")),
        late_since=queries.overdue_since(session, now),
        last_beat=last,
        silent=last is None or last < now - SILENT_AFTER,
    )
