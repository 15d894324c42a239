"""Count the readers of a call as it is being written, by zone, hour and lead time.

The call need not be saved: by its clusters, funders and so on it is known which filters would find
it. Only what is searched for by words is asked of the text that was saved last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, null, select
from sqlalchemy.orm import Session

from feedsvc.calls.edits import CallEdit
from feedsvc.content import places, queries
from feedsvc.content.models import Cluster, Organisation
from feedsvc.reminders import followers
from feedsvc.reminders.followers import Audience
from feedsvc.reminders.outlook import rules
from feedsvc.reminders.outlook.rules import Group, Place, Round
from feedsvc.reminders.rules import OPENING_DAYS, Deadline
from feedsvc.subscriptions import rules as subscription_rules
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription, SubscriptionOffset

UNSAVED = 0  # no call has this number


@dataclass(frozen=True)
class Readers:
    """Who follows the call, counted as they are needed."""

    session: Session
    audience: Audience
    now: datetime

    def number(self) -> int:
        """How many there are, whether they want reminders or not."""
        counted = select(func.count(Subscription.subscriber_id.distinct()))
        return self.session.scalar(self._asking(counted), self.audience.values) or 0

    def groups(self, *, opens: bool) -> list[Group]:
        """By zone, hour and lead time; an opening is told to all of them on the day before."""
        away = self._away()
        days = literal(OPENING_DAYS) if opens else SubscriptionOffset.days
        readers = func.count(Subscription.subscriber_id.distinct())
        query = self._asking(select(*_PLACE, days, readers, away), opens=opens)
        query = query.group_by(*_PLACE, *([] if opens else [days]), away)
        return [Group(*row) for row in self.session.execute(query, self.audience.values)]

    def late(self, place: Place, days: Sequence[int], *, opens: bool) -> int:
        """How many of that zone and hour who are not away asked for one of these lead times."""
        zone, hour = place
        counted = select(func.count(Subscription.subscriber_id.distinct()))
        query = self._asking(counted, opens=opens).where(
            Subscriber.zone == zone, Subscriber.hour == hour, self._away().is_(None)
        )
        if not opens:
            query = query.where(SubscriptionOffset.days.in_(days))
        return self.session.scalar(query, self.audience.values) or 0

    def _away(self) -> ColumnElement[Any]:
        """Few have paused: each end of a pause may be a group of its own."""
        return case((Subscriber.paused_until > self.now, Subscriber.paused_until), else_=null())

    def _asking(self, what: Select[Any], *, opens: bool = True) -> Select[Any]:
        muted = exists().where(
            CallMute.call_id == self.audience.call_id, CallMute.subscriber_id == Subscriber.id
        )
        found = what.select_from(Subscription).join(
            Subscriber, Subscriber.id == Subscription.subscriber_id
        )
        if not opens:
            own = SubscriptionOffset.subscription_id == Subscription.id
            found = found.join(SubscriptionOffset, own)
        return found.where(
            followers.asks(), Subscription.confirmed_at.is_not(None),
            Subscriber.confirmed_at.is_not(None), ~muted,
        )  # fmt: skip


def of(session: Session, edit: CallEdit, call_id: int | None, now: datetime) -> Readers:
    """The readers of the call as it is written; `call_id` is None for one that is not saved yet."""
    return Readers(session, _audience(session, edit, call_id), now)


def rounds(
    readers: Readers, deadline: Deadline, groups: Sequence[Group], known: datetime
) -> list[Round]:
    """Every round of one date that is known from then on, those that are late first."""
    count = partial(readers.late, opens=deadline.opens)
    first = rules.late(deadline, rules.missed(deadline, groups, known), count, known)
    return [*([first] if first else []), *rules.rounds(deadline, groups, known)]


def _audience(session: Session, edit: CallEdit, call_id: int | None) -> Audience:
    programme = queries.programme(session, edit.programme) if edit.programme else None
    facets: dict[str, Sequence[str]] = {
        "cluster": _ids(session, Cluster.id, Cluster.slug, edit.clusters),
        "funder": _ids(session, Organisation.id, Organisation.slug, edit.funders),
        "programme": [str(programme.id)] if programme else [],
        "applicant": edit.applicants,
        "model": [edit.deadline_model],
        "geography": places.kept(edit.geographies),
    }
    rate = edit.cofinancing_min if edit.cofinancing_max is None else edit.cofinancing_max
    keys = tuple(subscription_rules.entry_keys(facets))
    one = Audience(call_id or UNSAVED, "call", keys, edit.award_max, edit.currency, rate)
    return followers.completed(session, one, facets)


def _ids(session: Session, number: Any, slug: Any, wanted: Sequence[str]) -> list[str]:
    return [str(found) for found in session.scalars(select(number).where(slug.in_(wanted)))]


_PLACE = (Subscriber.zone, Subscriber.hour)
