"""How many mails may leave through a mail server now: a bucket of tokens in the database.

All processes that use the server draw from the same one, and a restart finds it as it was left: so
neither makes a burst.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc.mail.models import MailRelay
from feedsvc.statements import insert


@dataclass(frozen=True)
class Rate:
    """Mails a second in the long run (0: no limit), and how many at once after a quiet time."""

    per_second: float = 0
    burst: int = 100

    def level(self, tokens: float, since: datetime | None, now: datetime) -> float:
        """How many tokens there are. A clock that goes back adds none and takes none."""
        if since is None:
            return float(self.burst)
        seconds = max(0.0, (now - since).total_seconds())
        return min(float(self.burst), tokens + seconds * self.per_second)


UNLIMITED = Rate()


def take(session: Session, scope: str, rate: Rate, most: int, now: datetime) -> int:
    """How many mails may be claimed, `most` at most; they count as sent from now on."""
    if not rate.per_second:
        return most
    session.execute(insert(session, MailRelay).values(scope=scope).on_conflict_do_nothing())
    tokens, since = session.execute(
        select(MailRelay.tokens, MailRelay.refilled_at)
        .where(MailRelay.scope == scope)
        .with_for_update()
    ).one()
    level = rate.level(tokens, since, now)
    taken = min(most, int(level))
    session.execute(
        update(MailRelay)
        .where(MailRelay.scope == scope)
        .values(tokens=level - taken, refilled_at=now if since is None else max(since, now))
    )
    return taken


def give_back(session: Session, scope: str, rate: Rate, unused: int) -> None:
    """What was taken for mails that did not leave."""
    if rate.per_second and unused:
        session.execute(
            update(MailRelay)
            .where(MailRelay.scope == scope)
            .values(tokens=MailRelay.tokens + unused)
        )
