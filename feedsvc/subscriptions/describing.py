"""A reader describes themselves anew: what they follow by fit goes on, under the new description."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.content import queries as content
from feedsvc.content.profiles import Profile
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes, queries, subjects
from feedsvc.subscriptions.models import Subscriber, Subscription


def describe(
    session: Session,
    subscriber: Subscriber,
    uid: str,
    profile: Profile,
    *,
    settings: Settings,
    now: datetime,
) -> None:
    """Let another subscription take the place of that one, with all that was chosen of it.

    So mails of the former stop at their gate, as those of any that has ended. Raises: Invalid.
    """
    former = next((row for row in subscriber.subscriptions if row.uid == uid), None)
    if former is None or former.filter is None or former.confirmed_at is None:
        return
    if not profile:
        raise Invalid(Problem("describe", N_("Say something of yourself, or stop these mails.")))
    wanted = queries.stored_filter(former.filter.query)
    wanted = content.checked_filter(session, replace(wanted, profile=profile))
    keys = subjects.keys(session, wanted)
    chosen, told_until = subjects.chosen(former), former.digested_until
    row = subjects.subscription(session, subscriber, wanted, None, keys, now=now)
    if row is None or row is former:
        return
    changes.unsubscribe(session, subscriber, uid, settings=settings, now=now)
    _begin(session, subscriber, row, settings=settings, now=now)
    subjects.choose(row, chosen, now=now)
    row.digested_until = told_until
    session.flush()


def _begin(
    session: Session,
    subscriber: Subscriber,
    row: Subscription,
    *,
    settings: Settings,
    now: datetime,
) -> None:
    session.flush()
    changes.confirm(session, subscriber, [row.uid], settings=settings, now=now)
