"""A reader's own feed: what it holds, and the address that nobody else knows.

The address holds a secret, and what is kept of that is a digest: who reads the database can read no
feed. A digest without a subscriber has ended. It is kept, names nobody, and cannot begin again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.content.filters import Filter
from feedsvc.content.models import Entry
from feedsvc.errors import Gone, NotFound
from feedsvc.i18n import N_
from feedsvc.settings import Settings
from feedsvc.subscriptions import consent, stored
from feedsvc.subscriptions.models import (
    ConsentEvent,
    PrivateFeed,
    StoredFilter,
    Subscriber,
    Subscription,
)
from feedsvc.subscriptions.rules import Following

PURPOSE = "private feed"


def begin(
    session: Session, subscriber: Subscriber, form: str, *, settings: Settings, now: datetime
) -> str | None:
    """The secret of the reader's address from now on; the former address ends.

    `form` is a random word that came with the form: sent again, it gives the same secret and makes
    nothing. None for a form whose address has ended since, and for a reader who never confirmed.
    """
    if subscriber.confirmed_at is None:
        return None
    stored.lock(session, subscriber)
    secret = tokens.keyed(settings.secret_key, PURPOSE, f"{subscriber.uid}:{form}")
    known = session.get(PrivateFeed, tokens.digest(secret))
    if known is not None:
        return secret if known.subscriber_id == subscriber.id else None
    _end(session, subscriber)
    session.add(
        PrivateFeed(digest=tokens.digest(secret), subscriber_id=subscriber.id, created_at=now)
    )
    consent.note(session, subscriber, "feed_begun", settings, now=now)
    session.flush()
    return secret


def end(session: Session, subscriber: Subscriber, *, settings: Settings, now: datetime) -> None:
    """End the reader's address for good. A reader who is deleted ends it as well."""
    if _end(session, subscriber):
        consent.note(session, subscriber, "feed_ended", settings, now=now)
    session.flush()


def begun_at(session: Session, subscriber: Subscriber) -> datetime | None:
    """When the reader's present address was made; None if there is none."""
    return session.scalar(
        select(PrivateFeed.created_at).where(PrivateFeed.subscriber_id == subscriber.id)
    )


def following(session: Session, secret: str) -> Following:
    """What the reader follows whose address has that secret. Raises: NotFound, Gone."""
    feed = session.get(PrivateFeed, tokens.digest(secret))
    if feed is None:
        raise NotFound(N_("There is no feed at this address."))
    if feed.subscriber_id is None:
        raise Gone(N_("This address has ended. Only the reader who made it can make a new one."))
    uid, changed_at = _reader(session, feed.subscriber_id)
    confirmed = (
        Subscription.subscriber_id == feed.subscriber_id,
        Subscription.confirmed_at.is_not(None),
    )
    return Following(
        uid,
        _filters(session, *confirmed),
        _calls(session, *confirmed),
        changed_at or feed.created_at,
    )


def _filters(session: Session, *confirmed: ColumnElement[bool]) -> tuple[Filter, ...]:
    rows = session.scalars(
        select(StoredFilter)
        .join(Subscription, Subscription.filter_id == StoredFilter.id)
        .where(*confirmed)
    ).all()
    present = (stored.as_named_today(session, row) for row in rows)
    return tuple(sorted((one for one in present if one is not None), key=Filter.query))


def _calls(session: Session, *confirmed: ColumnElement[bool]) -> tuple[str, ...]:
    """By uid."""
    rows = session.scalars(
        select(Entry.uid).join(Subscription, Subscription.entry_id == Entry.id).where(*confirmed)
    )
    return tuple(sorted(rows))


def _reader(session: Session, subscriber_id: int) -> tuple[str, datetime | None]:
    """The reader's uid, and when they last changed anything, beginnings and ends included."""
    last = select(func.max(ConsentEvent.at)).where(ConsentEvent.subscriber_uid == Subscriber.uid)
    row = session.execute(
        select(Subscriber.uid, last.scalar_subquery()).where(Subscriber.id == subscriber_id)
    ).one()
    return row[0], row[1]


def _end(session: Session, subscriber: Subscriber) -> bool:
    """Whether there was an address to end."""
    ended = session.scalars(
        update(PrivateFeed)
        .where(PrivateFeed.subscriber_id == subscriber.id)
        .values(subscriber_id=None)
        .returning(PrivateFeed.digest)
    ).all()
    return bool(ended)
