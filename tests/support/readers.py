"""Readers who follow, and the days of the service as a test lives through them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.mail import leases, message
from feedsvc.mail import queries as mails
from feedsvc.mail.delivery import deliver_due
from feedsvc.mail.message import Reading
from feedsvc.reminders.gate import gate
from feedsvc.reminders.plan import Planned, plan_due
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes, queries
from feedsvc.subscriptions.changes import Wish
from feedsvc.subscriptions.models import Subscriber
from tests.builders import BEGINNING
from tests.support.mail import MemoryTransport

READER = "reader@example.org"


def follow(
    session: Session,
    settings: Settings,
    *,
    email: str = READER,
    filter: Filter | None = None,
    entry_id: int | None = None,
    offsets: tuple[int, ...] = (7, 1),
    language: str = "en",
    zone: str = "",
    hour: int | None = None,
    digest: str = "",
    next_edition: bool = False,
    now: datetime = BEGINNING,
) -> Subscriber:
    """A reader who asked and confirmed at `now`; of everything, unless something is named."""
    if entry_id is None and filter is None:
        filter = Filter()
    wish = Wish(
        email=email, offsets=offsets, language=language, page="/subscribe",
        filter=filter, entry_id=entry_id, zone=zone, hour=hour, digest=digest,
        next_edition=next_edition,
    )  # fmt: skip
    changes.request_subscription(session, wish, settings=settings, now=now)
    reader = queries.by_address(session, email)
    assert reader is not None
    uids = [row.uid for row in reader.subscriptions]
    changes.confirm(session, reader, uids, settings=settings, now=now)
    return reader


def noon(now: datetime) -> str:
    """A zone where it is about noon: nobody is told by night, and tests run at any hour."""
    return f"Etc/GMT{now.hour - 12:+d}"  # with the sign that POSIX gives it


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Service:
    """Plans and sends when the test says so; reminders that left are in `letters`."""

    db: Database
    settings: Settings
    transport: MemoryTransport = field(default_factory=MemoryTransport)

    def plan(self, at: datetime) -> Planned:
        return plan_due(self.db, self.settings, at)

    def send(self, at: datetime) -> None:
        while deliver_due(self.db, self.transport, at, gate=gate(self.settings)).claimed:
            pass

    def turn(self, at: datetime | str) -> list[str]:
        """One turn of all jobs; the subjects of the reminders that left in it."""
        now = utc(at) if isinstance(at, str) else at
        before = len(self.transport.sent)
        self.plan(now)
        with self.db.begin() as session:
            leases.reap(session, now)
        self.send(now)
        return [
            str(dict(letter.headers)["Subject"])
            for letter in self.letters[before:]
            if dict(letter.headers)["Feedback-ID"].startswith("reminder")
        ]

    @property
    def letters(self) -> list[Reading]:
        return [message.read(content.decode("ascii")) for _, content in self.transport.sent]

    def reasons(self) -> dict[str, str]:
        """State and reason of every reminder mail, by subject and attempt."""
        with self.db.read() as session:
            return {
                f"{mail.id}": f"{mail.state}: {mail.reason}"
                for mail in mails.recent(session)
                if mail.kind == "reminder"
            }
