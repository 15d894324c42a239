"""Late reminders that a nearer one says on the same day: a reader hears of a deadline once a day.

Who follows a call in several ways hears the nearer one by whichever of them asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from feedsvc.reminders import followers, rules
from feedsvc.reminders.due import Due
from feedsvc.statements import one_of
from feedsvc.subscriptions.models import Subscription, SubscriptionOffset

_OWN = select(SubscriptionOffset.subscription_id, SubscriptionOffset.days).where(
    one_of(SubscriptionOffset.subscription_id, "subscriptions")
)
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


def come_today(session: Session, rows: Sequence[Due], now: datetime) -> set[int]:
    """The items made up for on a day on which their reader is told a nearer one anyway."""
    late = [row for row in rows if rules.is_late(row.date.due_at, row.date.known_at, now)]
    if not late:
        return set()
    own = _days(session.execute(_OWN, {"subscriptions": {_asked_by(row) for row in late}}))
    found = {row.id for row in late if comes_today(row, own[_asked_by(row)], now)}
    for of_call in _of_several(session, [row for row in late if row.id not in found]):
        audience = followers.audiences(session, [of_call[0].date.call_id])[of_call[0].date.call_id]
        readers = [row.reader.id for row in of_call]
        chosen = _days(session.execute(_ANY, {"readers": readers, **audience.values}))
        found |= {row.id for row in of_call if comes_today(row, chosen[row.reader.id], now)}
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


def _of_several(session: Session, late: Sequence[Due]) -> Iterable[list[Due]]:
    """Those of readers with more than one subscription, the ones of a call together."""
    readers = {row.reader.id for row in late}
    several = set(session.scalars(_SEVERAL, {"readers": readers})) if readers else set()
    of_calls: dict[int, list[Due]] = defaultdict(list)
    for row in late:
        if row.reader.id in several:
            of_calls[row.date.call_id].append(row)
    return of_calls.values()


def _days(pairs: Iterable[Row[int, int]]) -> Mapping[int, Collection[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for number, days in pairs:
        found[number].add(days)
    return found
