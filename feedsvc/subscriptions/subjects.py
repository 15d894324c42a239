"""What a wish is about, a filter or one entry, and the row of a reader that follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from feedsvc.content.filters import Filter
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.subscriptions import rules, stored
from feedsvc.subscriptions.models import Subscriber, Subscription, SubscriptionOffset
from feedsvc.subscriptions.rules import Choice


def followable(wanted: Filter, chosen: Choice) -> Filter:
    """The filter as it is stored: what time changes is left out. Raises: Invalid.

    Reminders are about calls. A digest tells of news too, unless the filter names a kind or asks
    for what only calls have.
    """
    if wanted.published:
        raise Invalid(
            Problem(
                "filter", N_("Mail is about what is to come. Take “published” out of the address.")
            )
        )
    if wanted.kind == "news":
        rules.check_news(chosen)
        return wanted.standing()
    both = chosen.digest and wanted.kind is None and not wanted.only_calls
    return replace(wanted.standing(), kind=None if both else "call")


def keys(session: Session, wanted: Filter | None) -> Sequence[str]:
    """The keys by which entries find the filter. Raises: Invalid for too many of them."""
    return () if wanted is None else rules.filter_keys(stored.facets(session, wanted))


def subscription(
    session: Session,
    subscriber: Subscriber,
    wanted: Filter | None,
    entry_id: int | None,
    keys: Sequence[str],
    *,
    now: datetime,
) -> Subscription | None:
    """The reader's to that subject, new if need be; None when too many wait already."""
    filter_id = None
    if wanted is not None:
        filter_id = stored.filter_id(session, wanted, keys)
        entry_id = None
    for row in subscriber.subscriptions:
        if (row.filter_id, row.entry_id) == (filter_id, entry_id):
            return row
    if sum(row.confirmed_at is None for row in subscriber.subscriptions) >= rules.MOST_PENDING:
        return None
    row = Subscription(uid=str(uuid4()), filter_id=filter_id, entry_id=entry_id, created_at=now)
    subscriber.subscriptions.append(row)
    return row


def choose(row: Subscription, chosen: Choice, *, now: datetime) -> None:
    """Write down what is told of it, and when. A digest begins now."""
    kept = {offset.days: offset for offset in row.offsets}
    row.offsets = [kept.get(n) or SubscriptionOffset(days=n) for n in chosen.offsets]
    if chosen.digest and not row.digest:
        row.digested_until = now
    row.digest, row.next_edition = chosen.digest, chosen.next_edition


def chosen(row: Subscription) -> Choice:
    return Choice(tuple(offset.days for offset in row.offsets), row.digest, row.next_edition)
