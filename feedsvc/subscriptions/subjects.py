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


def keys(session: Session, wanted: Filter | None) -> Sequence[str]:
    """The keys by which calls find the filter. Raises: Invalid for one that mail cannot follow."""
    if wanted is None:
        return ()
    if wanted.kind == "news":
        raise Invalid(
            Problem("filter", N_("Reminders by mail are about calls. Follow news by feed."))
        )
    if wanted.published:
        raise Invalid(
            Problem(
                "filter", N_("Mail is about what is to come. Take “published” out of the address.")
            )
        )
    return rules.filter_keys(stored.facets(session, wanted))


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
        filter_id = stored.filter_id(session, replace(wanted.standing(), kind=None), keys)
        entry_id = None
    for row in subscriber.subscriptions:
        if (row.filter_id, row.entry_id) == (filter_id, entry_id):
            return row
    if sum(row.confirmed_at is None for row in subscriber.subscriptions) >= rules.MOST_PENDING:
        return None
    row = Subscription(uid=str(uuid4()), filter_id=filter_id, entry_id=entry_id, created_at=now)
    subscriber.subscriptions.append(row)
    return row


def choose(row: Subscription, chosen: Choice) -> None:
    """Write down what is told of it, and when."""
    kept = {offset.days: offset for offset in row.offsets}
    row.offsets = [kept.get(n) or SubscriptionOffset(days=n) for n in chosen.offsets]
    row.digest, row.next_edition = chosen.digest, chosen.next_edition


def chosen(row: Subscription) -> Choice:
    return Choice(tuple(offset.days for offset in row.offsets), row.digest, row.next_edition)
