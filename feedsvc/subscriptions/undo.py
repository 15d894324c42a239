"""Take back what a link of a mail ended: forwarded mails are clicked by others.

For a week after, whoever has the link can begin again what was ended with it. What there was is
read from the proof of consent, so that nothing is kept for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.content import queries as content
from feedsvc.content.filters import BadFilter
from feedsvc.content.models import Entry
from feedsvc.errors import Gone, Invalid
from feedsvc.settings import Settings
from feedsvc.subscriptions import consent, queries, stored, subjects
from feedsvc.subscriptions.models import ConsentEvent, StoredFilter, Subscriber, Subscription
from feedsvc.subscriptions.rules import Choice

WITHIN = timedelta(days=7)


def ended(
    session: Session, subscriber: Subscriber, uid: str = "", *, now: datetime
) -> Sequence[ConsentEvent]:
    """How one subscription ended lately, or all: the last time for each that is not there now."""
    present = {row.uid for row in subscriber.subscriptions}
    events = session.scalars(
        select(ConsentEvent)
        .where(
            ConsentEvent.subscriber_uid == subscriber.uid,
            ConsentEvent.act == "unsubscribed",
            ConsentEvent.at > now - WITHIN,
        )
        .order_by(ConsentEvent.id)
    ).all()
    last = {str(event.details["subscription"]): event for event in events if _can(event)}
    return [event for key, event in last.items() if uid in ("", key) and key not in present]


def restore(
    session: Session, subscriber: Subscriber, uid: str = "", *, settings: Settings, now: datetime
) -> list[Subscription]:
    """Begin again what ended lately, as it was: a mail that waits for its hour then leaves."""
    begun = []
    for event in ended(session, subscriber, uid, now=now):
        row = _again(session, subscriber, event, now)
        if row is not None:
            consent.note(session, subscriber, "restored", settings, subscription=row, now=now)
            begun.append(row)
    session.flush()
    return begun


def _can(event: ConsentEvent) -> bool:
    """It had been confirmed, and the event was written by a version that says what it was."""
    return "subscription" in event.details and "since" in event.details


def _again(
    session: Session, subscriber: Subscriber, event: ConsentEvent, now: datetime
) -> Subscription | None:
    """None if what it was about is gone, or is followed anew."""
    was = event.details
    subject = _subject(session, str(was["subject"]), str(was.get("query", "")))
    followed = {(row.filter_id, row.entry_id) for row in subscriber.subscriptions}
    if subject is None or subject in followed:
        return None
    row = Subscription(
        uid=str(was["subscription"]),
        filter_id=subject[0],
        entry_id=subject[1],
        created_at=now,
        confirmed_at=_instant(was["since"]),
    )
    days = was["offsets"]
    assert isinstance(days, list)
    chosen = Choice(tuple(days), str(was["digest"]), bool(was["next_edition"]))
    subjects.choose(row, chosen, now=now)
    if "digested_until" in was:
        row.digested_until = _instant(was["digested_until"])
    subscriber.subscriptions.append(row)
    return row


def _subject(session: Session, subject: str, query: str) -> tuple[int | None, int | None] | None:
    """The ids of filter and entry, one of them None."""
    kind, _, number = subject.partition(":")
    if kind == "entry":
        return (None, int(number)) if session.get(Entry, int(number)) else None
    if session.get(StoredFilter, int(number)) is not None:
        return int(number), None
    wanted = queries.stored_filter(query)
    try:
        # A name that means nothing any more would make the filter find more than it did.
        keys = subjects.keys(session, content.checked_filter(session, wanted))
    except (BadFilter, Gone, Invalid):
        return None
    return stored.filter_id(session, wanted, keys), None


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
