"""Send once more what was given up without an answer, because an operator says so: all, or up to a limit.

The same bytes under the same Message-ID, so that mail programs may drop the second copy; the gate
looks at each as ever. The story of each mail says what was done.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from feedsvc.auth.rules import SYSTEM
from feedsvc.content import history
from feedsvc.db import Database
from feedsvc.mail import again
from feedsvc.reminders import story
from feedsvc.subscriptions import rules

AT_ONCE = 200  # mails in a transaction


@dataclass(frozen=True)
class Unanswered:
    """A mail of which nobody knows whether it arrived; the address as others may see it."""

    id: int
    kind: str
    given_up_at: datetime | None
    address: str

    def __str__(self) -> str:
        at = "" if self.given_up_at is None else f"{self.given_up_at:%Y-%m-%d %H:%M}"
        return f"mail {self.id}  {self.kind:<12}  given up {at} UTC  {self.address}"


def found(db: Database, now: datetime, *, limit: int) -> list[Unanswered]:
    """What would be sent once more, the oldest first."""
    with db.begin() as session:
        return [
            Unanswered(mail.id, mail.kind, mail.settled_at, rules.masked(mail.address))
            for mail in again.unanswered(session, now=now, limit=limit)
        ]


def send(db: Database, now: datetime, *, limit: int) -> int:
    """Put them back into the queue; how many."""
    return sum(_batches(db, now, limit))


def _batches(db: Database, now: datetime, limit: int) -> Iterator[int]:
    number = -1
    while number and limit:
        with db.begin() as session:
            mails = again.unanswered(session, now=now, limit=min(limit, AT_ONCE))
            for mail in mails:
                again.replay(mail, now=now)
                history.record(
                    session, story.SUBJECT, mail.id, story.REPLAYED, {}, actor=SYSTEM, now=now
                )
        number = len(mails)
        limit -= number
        yield number
