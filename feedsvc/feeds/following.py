"""What one reader follows, as a condition on calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls import queries, struck
from feedsvc.calls.models import Call
from feedsvc.subscriptions.rules import Following

ABREAST = 100  # conditions joined by "or": SQLite refuses expressions that are 1,000 deep


def followed(session: Session, own: Following, now: datetime) -> ColumnElement[bool]:
    """The condition that a call is among what the reader follows."""
    found = [Call.id.in_(queries.matching(session, one, now)) for one in own.filters]
    some = [or_(*found[start : start + ABREAST]) for start in range(0, len(found), ABREAST)]
    return or_(Call.uid.in_(own.calls), *(Call.id.in_(select(Call.id).where(x)) for x in some))


def struck_uids(session: Session, own: Following, now: datetime) -> set[str]:
    """The dates of those calls that calendars strike, by their uids."""
    of_filters = {row.uid for one in own.filters for row in struck.matching(session, one, now)}
    of_calls = {row.uid for uid in own.calls for row in struck.of_call(session, uid, now)}
    return of_filters | of_calls
