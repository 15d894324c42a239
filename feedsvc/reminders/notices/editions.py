"""Which call is the next edition of which: the same series by the same funder, published later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from feedsvc.calls.models import Call, call_funder
from feedsvc.content import queries as content
from feedsvc.reminders.models import Notice
from feedsvc.reminders.notices import rules
from feedsvc.reminders.notices.found import EDITION, Found
from feedsvc.reminders.notices.rules import QUIET
from feedsvc.subscriptions.models import Subscription

NEWS_FOR = timedelta(days=30)  # of a call that names no deadline


def published(session: Session, now: datetime) -> list[Found]:
    """Calls published lately that somebody waits for and that no notice tells."""
    rows = session.execute(PUBLISHED, rules.times(now))
    return [
        Found(
            key=f"edition:{call_id}",
            call_id=call_id,
            kind=EDITION,
            due_at=at + QUIET,
            expires_at=closes or at + NEWS_FOR,
        )
        for call_id, at, closes in rows.all()
        if at is not None
    ]


def watches(call_id: int) -> Select[int, int]:
    """Pairs of subscriber and subscription that wait for this call."""
    earlier = aliased(Call)
    return (
        select(Subscription.subscriber_id, func.max(Subscription.id))
        .join(earlier, earlier.id == Subscription.entry_id)
        .join(Call, Call.id == call_id)
        .where(precedes(earlier), *_waits(), Subscription.created_at <= Call.publish_at)
        .group_by(Subscription.subscriber_id)
    )


def _waits() -> Sequence[ColumnElement[bool]]:
    return Subscription.next_edition.is_(True), Subscription.confirmed_at.is_not(None)


def precedes(earlier: type[Call]) -> ColumnElement[bool]:
    """Whether `earlier` is an edition of the same series as Call, published before it."""
    same_funder = (
        select(call_funder.c.call_id)
        .where(
            call_funder.c.call_id == earlier.id,
            call_funder.c.organisation_id.in_(
                select(_funders.c.organisation_id).where(_funders.c.call_id == Call.id)
            ),
        )
        .correlate(earlier, Call)
        .exists()
    )
    return and_(
        earlier.series == Call.series,
        earlier.series != "",
        earlier.id != Call.id,
        or_(earlier.edition != Call.edition, earlier.edition == ""),
        earlier.publish_at < Call.publish_at,
        or_(same_funder, and_(_has_no_funder(earlier), _has_no_funder(Call))),
    )


def _published() -> Select[*tuple[Any, ...]]:
    earlier, told = aliased(Call), aliased(Notice)
    waited_for = (
        select(earlier.id)
        .join(Subscription, Subscription.entry_id == earlier.id)
        .where(precedes(earlier), *_waits())
        .correlate(Call)
        .exists()
    )
    return select(Call.id, Call.publish_at, Call.closes_at).where(
        content.public(bindparam("now")),
        Call.publish_at > bindparam("since"),
        Call.publish_at <= bindparam("settled"),
        Call.cancelled_at.is_(None),
        Call.series != "",
        ~exists().where(told.call_id == Call.id, told.kind == EDITION),
        waited_for,
    )


_funders = call_funder.alias("funders_of_the_next")


def _has_no_funder(call: type[Call]) -> ColumnElement[bool]:
    return ~exists().where(call_funder.c.call_id == call.id)


PUBLISHED = _published()
