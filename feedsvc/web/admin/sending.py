"""How sending fares, for the top of the outbox and the overview: what /readyz asks, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedsvc.mail import figures, queries
from feedsvc.mail.models import MailRelay
from feedsvc.reminders import health as checks
from feedsvc.settings import Settings


@dataclass(frozen=True)
class Health:
    """Mails that wait; since when one is late, if one is; when a scheduler last gave a sign of life.

    What is late, and how long a scheduler may be silent, are settings. `shut` is the mail server
    through which no mail goes now, if all schedulers keep away from it.
    """

    waiting: int
    late_since: datetime | None
    last_beat: datetime | None
    silent: bool
    shut: MailRelay | None


def health(session: Session, settings: Settings, now: datetime) -> Health:
    before = now - timedelta(minutes=settings.late_after)
    _, silence = checks.silence(session, now)
    return Health(
        waiting=sum(figures.waiting(session).values()),
        late_since=figures.late(session, before).since,
        last_beat=None if silence is None else now - silence,
        silent=silence is None or silence > timedelta(minutes=settings.silent_after),
        shut=queries.shut(session, now),
    )
