"""Read what happened to calls: the changes of many calls, the newest first, by keyset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from feedsvc.calls import queries
from feedsvc.calls.models import Call, CallEvent
from feedsvc.calls.rules import SILENT
from feedsvc.content import queries as content_queries
from feedsvc.content.cursors import Cursor
from feedsvc.content.filters import BadFilter, Filter
from feedsvc.content.queries import Page, Places
from feedsvc.i18n import N_

CHANGES = Places(CallEvent.at, CallEvent.id)
WHERE_IT_STANDS = ("status", "closes_within", "published_within", "published")


def checked(wanted: Filter) -> Filter:
    """The filter itself if changes can be filtered by it. Raises: BadFilter.

    What a call is in time is refused: who follows the changes of open calls would not learn that
    one of them was cancelled.
    """
    if wanted.kind == "news":
        raise BadFilter(N_("Only calls have changes; take “kind=news” away."))
    for name in WHERE_IT_STANDS:
        if getattr(wanted, name):
            raise BadFilter(
                N_("Changes are told of a call wherever it stands in time; take “%(name)s” away."),
                name=name,
            )
    return wanted


def news(session: Session, wanted: Filter, now: dt.datetime) -> Select[int]:
    """Ids of the changes that readers need to know of, of the public calls that match."""
    calls = queries.matching(session, wanted.standing(), now)
    return _news(now).where(CallEvent.call_id.in_(calls))


def news_of(call_uid: str, now: dt.datetime) -> Select[int]:
    """The same of one call."""
    call = select(Call.id).where(Call.uid == call_uid, content_queries.public(now))
    return _news(now).where(CallEvent.call_id.in_(call))


def page(
    session: Session, wanted: Filter, *, now: dt.datetime, after: str | None, limit: int
) -> Page[tuple[CallEvent, Call]]:
    """A page of changes with their calls. Raises: BadRequest for a cursor not made here."""
    query = (
        select(CallEvent)
        .where(CallEvent.id.in_(news(session, wanted, now)))
        .order_by(CallEvent.at.desc(), CallEvent.id.desc())
        .limit(limit + 1)
    )
    if after:
        query = query.where(CHANGES.older_than(Cursor.parse(after)))
    found = session.scalars(query).all()
    last = found[limit - 1] if len(found) > limit else None
    return Page(with_calls(session, found[:limit]), str(Cursor(last.at, last.id)) if last else None)


def count(session: Session, wanted: Filter, now: dt.datetime) -> int:
    found = news(session, wanted, now).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def with_calls(
    session: Session, events: Sequence[CallEvent], *options: ExecutableOption
) -> list[tuple[CallEvent, Call]]:
    """Each event with its call; the calls are loaded together, with what `options` ask for."""
    wanted = {event.call_id for event in events}
    found = select(Call).where(Call.id.in_(wanted)).options(*options)
    calls = {call.id: call for call in session.scalars(found)}
    return [(event, calls[event.call_id]) for event in events]


def _news(now: dt.datetime) -> Select[int]:
    return select(CallEvent.id).where(
        CallEvent.material.is_(True), CallEvent.type.not_in(SILENT), CallEvent.at <= now
    )
