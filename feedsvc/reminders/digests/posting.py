"""Put one digest into the outbox: its draft, its place, and the record of what it tells and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, CallEvent
from feedsvc.mail import outbox
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.outbox import Post, Slot
from feedsvc.reminders import fits, moulds
from feedsvc.reminders.digests import compose
from feedsvc.reminders.digests.compose import Issue
from feedsvc.reminders.digests.happened import Lately
from feedsvc.reminders.digests.readers import KIND
from feedsvc.reminders.digests.rules import CHANGED, NEW, Content
from feedsvc.reminders.models import DigestEntry, DigestPart
from feedsvc.reminders.moulds import Shared, Shelf, still
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Subscriber, Subscription

PRIORITY = 7  # everything else overtakes it
KEPT = timedelta(days=7)  # after that the next one has told more


@dataclass
class Desk:
    """What one round of writing keeps: what happened, and the mails that many readers share."""

    settings: Settings
    lately: Lately
    round: datetime
    now: datetime
    shelf: Shelf = field(default_factory=Shelf)


@dataclass(frozen=True)
class Told:
    """What one mail says and when it leaves, and the subscriptions by which its reader gets it.

    `slot` is the time at which it came due, `digest` instant or daily.
    """

    content: Content
    because: tuple[Subscription, ...]
    digest: str
    slot: datetime
    at: datetime


@dataclass(frozen=True)
class _Wanted:
    """A mould that another session is to make: the subscriptions by their ids."""

    told: Told
    because: tuple[int, ...]
    language: str
    zone: str


def enqueue(session: Session, reader: Subscriber, told: Told, desk: Desk) -> bool:
    """Put the mail into the outbox, with what it tells and why; False if it is there already.

    Raises: Unready, Unwritable.
    """
    shared = _shared(reader, told, desk)
    for slot in _places(session, reader, told):
        post = _post(reader, told, slot, shared, desk.settings)
        mail_id = outbox.enqueue_many(session, [post], now=desk.now).get(slot)
        if mail_id is not None:
            _keep(session, mail_id, told, desk)
            return True
    return False


def _places(session: Session, reader: Subscriber, told: Told) -> Iterator[Slot]:
    """The slot of that time; if its mail was taken back, the next place in it."""
    key = f"{told.digest}-{told.slot:%Y-%m-%dT%H:%MZ}"
    yield Slot(recipient_key=reader.uid, kind=KIND, slot_key=key)
    void = session.scalars(
        select(OutboxMail.state).where(
            OutboxMail.recipient_key == reader.uid,
            OutboxMail.kind == KIND,
            OutboxMail.slot_key.startswith(key, autoescape=True),
        )
    ).all()
    if set(void) == {"void"}:
        yield Slot(recipient_key=reader.uid, kind=KIND, slot_key=f"{key}.{len(void) + 1}")


def _keep(session: Session, mail_id: int, told: Told, desk: Desk) -> None:
    last = last_events(told.content, desk)
    for entry_id in sorted(told.content.entries):
        session.add(
            DigestEntry(
                mail_id=mail_id,
                entry_id=entry_id,
                why=NEW if entry_id in told.content.new else CHANGED,
                revision=desk.lately.entries[entry_id].revision,
                event_id=last[entry_id],
            )
        )
    for row in told.because:
        session.add(DigestPart(mail_id=mail_id, subscription_id=row.id, since=row.digested_until))


def last_events(content: Content, desk: Desk) -> dict[int, int]:
    """By entry the last event that its reader knows then: of a new one all that were."""
    return {
        **{entry_id: desk.lately.happened[entry_id].last_event for entry_id in content.new},
        **{entry_id: max(events) for entry_id, events in content.changed.items()},
    }


def _post(reader: Subscriber, told: Told, slot: Slot, shared: Shared, settings: Settings) -> Post:
    return moulds.cast(
        shared,
        reader,
        told.because,
        slot,
        at=told.at,
        expires_at=told.at + KEPT,
        priority=PRIORITY,
        settings=settings,
    )


def _shared(reader: Subscriber, told: Told, desk: Desk) -> Shared:
    """Rendered once for all readers of one language who are told the same for the same reasons."""
    key = (
        reader.language,
        reader.zone,
        told.content.new,
        frozenset(told.content.changed.items()),
        tuple((row.filter_id, row.digest) for row in told.because),
    )
    because = tuple(row.id for row in told.because)
    wanted = _Wanted(told, because, reader.language, reader.zone)
    return desk.shelf.find(key, partial(_drafted, wanted, desk))


def _drafted(wanted: _Wanted, desk: Desk, session: Session) -> Shared:
    """Raises: Unready, if a subscription has gone."""
    issue = _issue(session, wanted.told.content, desk)
    because = [still(session.get(Subscription, row_id)) for row_id in wanted.because]
    followed = queries.followed(session, because, wanted.language, desk.settings)
    draft = compose.draft(
        issue,
        followed,
        code=wanted.language,
        reader_zone=wanted.zone,
        settings=desk.settings,
        now=desk.now,
        fits=fits.paragraphs(
            session,
            [*issue.calls, *(call for call, _ in issue.changed)],
            followed,
            code=wanted.language,
            settings=desk.settings,
            at=desk.now,
        ),
    )
    return moulds.shared(
        draft,
        wanted.language,
        KIND,
        reasons=len(because),
        settings=desk.settings,
        at=wanted.told.at,
    )


def _issue(session: Session, content: Content, desk: Desk) -> Issue:
    entries = desk.lately.entries
    wanted = [number for events in content.changed.values() for number in events]
    events = {
        event.id: event
        for event in session.scalars(select(CallEvent).where(CallEvent.id.in_(wanted)))
    }
    changed = [
        (row, tuple(events[number] for number in numbers))
        for entry_id, numbers in content.changed.items()
        if isinstance(row := entries[entry_id], Call)
    ]
    return compose.issue([entries[entry_id] for entry_id in content.new], changed, desk.now)
