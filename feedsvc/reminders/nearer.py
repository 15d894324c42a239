"""Late reminders that a nearer one says on the same day: a reader hears of a deadline once a day.

Who follows a call in several ways hears the nearer one by whichever of them asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from feedsvc.reminders import followers, rules
from feedsvc.reminders.due import Due
from feedsvc.reminders.followers import Audience, Audiences
from feedsvc.statements import one_of
from feedsvc.subscriptions.models import Subscription, SubscriptionOffset

_OWN = select(SubscriptionOffset.subscription_id, SubscriptionOffset.days).where(
    one_of(SubscriptionOffset.subscription_id, "subscriptions")
)
_CHOSEN = (
    select(
        Subscription.subscriber_id, Subscription.entry_id, Subscription.filter_id,
        SubscriptionOffset.days,
    )
    .join(SubscriptionOffset, SubscriptionOffset.subscription_id == Subscription.id)
    .where(one_of(Subscription.subscriber_id, "readers"), Subscription.confirmed_at.is_not(None))
)  # fmt: skip
_ANY = (
    select(Subscription.subscriber_id, SubscriptionOffset.days)
    .join(SubscriptionOffset, SubscriptionOffset.subscription_id == Subscription.id)
    .where(
        one_of(Subscription.subscriber_id, "readers"),
        Subscription.confirmed_at.is_not(None),
        followers.asks(),
    )
)
_SEVERAL = (
    select(Subscription.subscriber_id)
    .where(one_of(Subscription.subscriber_id, "readers"))
    .group_by(Subscription.subscriber_id)
    .having(func.count() > 1)
)


def come_today(
    session: Session, rows: Sequence[Due], now: datetime, audiences: Audiences
) -> set[int]:
    """The items made up for on a day on which their reader is told a nearer one anyway."""
    late = [row for row in rows if rules.is_late(row.date.due_at, row.date.known_at, now)]
    if not late:
        return set()
    own = _days(session.execute(_OWN, {"subscriptions": {_asked_by(row) for row in late}}))
    found = {row.id for row in late if comes_today(row, own[_asked_by(row)], now)}
    of_calls = _of_several(session, [row for row in late if row.id not in found])
    if not of_calls:
        return found
    known = audiences.of(session, of_calls.keys())
    rest = [row for of_call in of_calls.values() for row in of_call]
    chosen = _chosen(session, rest)
    for call_id, of_call in of_calls.items():
        one = known[call_id]
        asked = _asked(session, one, of_call) if one.filters is None else chosen(one)
        found |= {row.id for row in of_call if comes_today(row, asked[row.reader.id], now)}
    return found


def comes_today(row: Due, chosen: Collection[int], now: datetime) -> bool:
    """Whether one of the lead times that are nearer than the item's comes later on that day."""
    return rules.comes_again(
        row.date.deadline,
        [days for days in chosen if days < row.days],
        zone=row.reader.zone,
        hour=row.reader.hour,
        after=rules.at_once(now, zone=row.reader.zone, deadline_at=row.deadline_at),
    )


def _asked_by(row: Due) -> int:
    return row.reason.id if row.reason else 0


def _of_several(session: Session, late: Sequence[Due]) -> Mapping[int, list[Due]]:
    """Those of readers with more than one subscription, by their call."""
    readers = {row.reader.id for row in late}
    several = set(session.scalars(_SEVERAL, {"readers": readers})) if readers else set()
    of_calls: dict[int, list[Due]] = defaultdict(list)
    for row in late:
        if row.reader.id in several:
            of_calls[row.date.call_id].append(row)
    return of_calls


def _chosen(
    session: Session, rows: Sequence[Due]
) -> Callable[[Audience], Mapping[int, Collection[int]]]:
    """For an audience whose filters are named: which lead times each of the readers has chosen in it."""
    chosen = session.execute(_CHOSEN, {"readers": {row.reader.id for row in rows}}).all()

    def within(one: Audience) -> Mapping[int, Collection[int]]:
        filters = {*(one.filters or ())}
        return _days(
            (reader, days)
            for reader, entry_id, filter_id, days in chosen
            if entry_id == one.call_id or filter_id in filters
        )

    return within


def _asked(session: Session, one: Audience, rows: Sequence[Due]) -> Mapping[int, Collection[int]]:
    """The same of an audience whose filters are too many to be named."""
    return _days(session.execute(_ANY, {"readers": {row.reader.id for row in rows}, **one.values}))


def _days(pairs: Iterable[tuple[int, int] | Row[int, int]]) -> Mapping[int, Collection[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for number, days in pairs:
        found[number].add(days)
    return found
