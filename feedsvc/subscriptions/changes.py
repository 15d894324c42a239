"""Write what readers ask for. Nobody gets a reminder before the owner of the address said yes.

Anybody can type any address into a form. So a request changes nothing that was confirmed, its
answer is the same for every address, and it sends at most one mail a day to an unwilling one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedsvc.content.filters import Filter
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.mail import outbox
from feedsvc.settings import Settings
from feedsvc.subscriptions import confirmation, consent, queries, rules, stored
from feedsvc.subscriptions.models import Subscriber, Subscription, SubscriptionOffset

ERASED = N_("the reader asked to be forgotten")
UNUSED = N_("the address was not used and has been deleted")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody typed: an address, and a filter or the id of one public entry.

    `page` is the path of the form, for the proof of consent.
    """

    email: str
    offsets: tuple[int, ...]
    language: str
    page: str
    filter: Filter | None = None
    entry_id: int | None = None


def request_subscription(
    session: Session, wish: Wish, *, settings: Settings, now: datetime
) -> None:
    """Keep the wish until the owner of the address confirms it. Raises: Invalid."""
    address = rules.address(wish.email)
    chosen = rules.offsets(wish.offsets, rules.choices(settings.reminder_offsets))
    keys = _keys(session, wish)
    if queries.suppressed(session, address, settings):
        return
    subscriber = stored.subscriber(session, address, wish.language, settings.timezone, now=now)
    wanted = _wanted(session, subscriber, wish, keys, now=now)
    if wanted is not None and wanted.confirmed_at is None:
        _choose(wanted, chosen)
    session.flush()
    if _may_ask(subscriber, now):
        consent.note(session, subscriber, "requested", settings, page=wish.page, now=now)
        subscriber.confirmation_sent_at = now
        confirmation.enqueue(session, subscriber, settings=settings, now=now)


def confirm(
    session: Session,
    subscriber: Subscriber,
    uids: Collection[str],
    *,
    settings: Settings,
    now: datetime,
) -> list[Subscription]:
    """Begin those of the subscriber's waiting subscriptions that the page named."""
    begun = [
        row for row in subscriber.subscriptions if row.confirmed_at is None and row.uid in uids
    ]
    for row in begun:
        row.confirmed_at = now
        consent.note(session, subscriber, "confirmed", settings, subscription=row, now=now)
    if begun:
        subscriber.confirmed_at = subscriber.confirmed_at or now
        subscriber.confirmation_sent_at = None
    session.flush()
    return begun


def change(
    session: Session,
    subscriber: Subscriber,
    *,
    language: str,
    offsets: dict[str, tuple[int, ...]],
    settings: Settings,
    now: datetime,
) -> None:
    """Change the language of mails and, by uid, the lead times. Raises: Invalid."""
    allowed = rules.choices(settings.reminder_offsets)
    chosen = {uid: rules.offsets(days, allowed) for uid, days in offsets.items()}
    for row in subscriber.subscriptions:
        if row.uid in chosen and row.confirmed_at is not None:
            _choose(row, chosen[row.uid])
            consent.note(session, subscriber, "changed", settings, subscription=row, now=now)
    if language in settings.languages:
        subscriber.language = language
    session.flush()


def unsubscribe(
    session: Session,
    subscriber: Subscriber,
    uid: str = "",
    *,
    settings: Settings,
    now: datetime,
) -> int:
    """End one subscription, or all; how many there were. Mails about them stop at their gate."""
    ended = [row for row in subscriber.subscriptions if uid in ("", row.uid)]
    for row in ended:
        consent.note(session, subscriber, "unsubscribed", settings, subscription=row, now=now)
        subscriber.subscriptions.remove(row)
    session.flush()
    return len(ended)


def erase(session: Session, subscriber: Subscriber, *, settings: Settings, now: datetime) -> None:
    """Forget the reader: address, subscriptions and mails. What was agreed to stays, without them."""
    consent.note(session, subscriber, "erased", settings, now=now)
    _delete(session, subscriber, reason=ERASED, now=now)


def purge(session: Session, *, now: datetime) -> int:
    """Delete addresses that follow nothing, a week after they came; how many there were."""
    before = now - rules.UNUSED_KEPT
    session.execute(
        delete(Subscription).where(
            Subscription.confirmed_at.is_(None), Subscription.created_at <= before
        )
    )
    session.expire_all()  # what the statement above deleted must not be thought to be there
    unused = session.scalars(
        select(Subscriber).where(
            Subscriber.created_at <= before,
            ~Subscriber.subscriptions.any(),
        )
    ).all()
    for subscriber in unused:
        _delete(session, subscriber, reason=UNUSED, now=now)
    stored.drop_unused_filters(session)
    return len(unused)


def _keys(session: Session, wish: Wish) -> Sequence[str]:
    if wish.filter is None:
        return ()
    if wish.filter.kind == "news":
        raise Invalid(
            Problem("filter", N_("Reminders by mail are about calls. Follow news by feed."))
        )
    if wish.filter.published:
        raise Invalid(
            Problem(
                "filter", N_("Mail is about what is to come. Take “published” out of the address.")
            )
        )
    return rules.filter_keys(stored.facets(session, wish.filter))


def _wanted(
    session: Session, subscriber: Subscriber, wish: Wish, keys: Sequence[str], *, now: datetime
) -> Subscription | None:
    """The subscription to that subject, new if need be; None when too many wait already."""
    filter_id = entry_id = None
    if wish.filter is not None:
        standing = replace(wish.filter.standing(), kind=None)
        filter_id = stored.filter_id(session, standing, keys)
    else:
        entry_id = wish.entry_id
    for row in subscriber.subscriptions:
        if (row.filter_id, row.entry_id) == (filter_id, entry_id):
            return row
    if sum(row.confirmed_at is None for row in subscriber.subscriptions) >= rules.MOST_PENDING:
        return None
    row = Subscription(uid=str(uuid4()), filter_id=filter_id, entry_id=entry_id, created_at=now)
    subscriber.subscriptions.append(row)
    return row


def _choose(row: Subscription, days: tuple[int, ...]) -> None:
    kept = {offset.days: offset for offset in row.offsets}
    row.offsets = [kept.get(n) or SubscriptionOffset(days=n) for n in days]


def _may_ask(subscriber: Subscriber, now: datetime) -> bool:
    sent = subscriber.confirmation_sent_at
    return sent is None or sent <= now - rules.ONE_CONFIRMATION_IN


def _delete(session: Session, subscriber: Subscriber, *, reason: str, now: datetime) -> None:
    outbox.forget(session, subscriber.uid, reason=reason, now=now)
    session.delete(subscriber)
    session.flush()
