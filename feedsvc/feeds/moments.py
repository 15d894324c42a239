"""When the passing of time changes a feed: the last such instant, and the next one.

A feed changes by itself when an entry becomes public or leaves the site, when a key date of a call that it
shows passes, and, if its filter asks where calls stand in time, when a call enters or leaves it.
The instants found are at least those: one too many costs a rendering that gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select, true
from sqlalchemy.orm import Session

from feedsvc.calls import queries as call_queries
from feedsvc.calls.models import Call, KeyDate
from feedsvc.calls.rules import ARCHIVED_AFTER
from feedsvc.content import queries as content_queries
from feedsvc.content.filters import Filter
from feedsvc.content.models import Entry
from feedsvc.feeds.query import Query

Pair = tuple[ScalarSelect[Any], ScalarSelect[Any]]  # the last instant, and the next
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
AT_ONCE = timedelta(0)


@dataclass(frozen=True)
class Moments:
    """The last change by time, at or before now, and the next, after now; None if there is none."""

    last: datetime | None
    next: datetime | None


def together(found: Sequence[Moments]) -> Moments:
    """The moments of all that can change a document."""
    return Moments(
        max((m.last for m in found if m.last), default=None),
        min((m.next for m in found if m.next), default=None),
    )


def around(
    session: Session, query: Query, shown: Sequence[int], now: datetime, closing_soon_days: int
) -> Moments:
    """The instants around `now` for a feed that shows the calls `shown` (ids)."""
    if query.call_uid:
        return _asked(session, _departures(now, Entry.uid == query.call_uid))[0]
    # An archive leads to the months beside it: what appears there changes it as well.
    found = _asked(session, _publications(session, query.present.wanted, now), _departures(now))
    if query.wanted.published_within is not None:
        found.append(_growing_old(session, query.wanted, now))
    for condition, offset in _dates(session, query, shown, now, closing_soon_days):
        found.append(around_date(session, condition, offset, now))
    return together(found)


def _dates(
    session: Session, query: Query, shown: Sequence[int], now: datetime, closing_soon_days: int
) -> Iterable[tuple[ColumnElement[bool], timedelta]]:
    """Which key dates matter, each with how long after the date the change comes."""
    wanted = query.wanted
    if wanted.status or wanted.closes_within is not None:
        scope = _sooner_or_later(session, wanted.standing(), now)
        offsets = {AT_ONCE}
        if "closing_soon" in wanted.status:
            offsets.add(-timedelta(days=closing_soon_days))
        if wanted.closes_within is not None:
            offsets.add(-timedelta(days=wanted.closes_within))
        if {"closed", "archived"} & set(wanted.status):
            offsets.add(ARCHIVED_AFTER)
        for offset in sorted(offsets):
            yield KeyDate.call_id.in_(scope), offset
    elif query.shows_status and not query.has_text:
        yield KeyDate.call_id.in_(_sooner_or_later(session, wanted, now)), AT_ONCE
    elif query.shows_status and shown:
        yield KeyDate.call_id.in_(shown), AT_ONCE


def departures(session: Session, now: datetime) -> Moments:
    """When an entry left the site, and when the next one does by itself."""
    return _asked(session, _departures(now))[0]


def _publications(session: Session, wanted: Filter, now: datetime) -> Pair:
    ids = _sooner_or_later(session, wanted.standing(), now)
    at = Call.publish_at if wanted.only_calls else Entry.publish_at
    # Each is a step along an index, however many entries there are; max() would look at them all.
    past = ids.with_only_columns(at).where(at <= now).order_by(at.desc()).limit(1)
    coming = ids.with_only_columns(at).where(at > now).order_by(at).limit(1)
    return past.scalar_subquery(), coming.scalar_subquery()


def _departures(now: datetime, of: ColumnElement[bool] | None = None) -> Pair:
    """As steps along ix_entry_withdrawn."""
    at, of = Entry.withdrawn_at, true() if of is None else of
    left = select(func.max(at)).where(at <= now, of)
    leaves = select(func.min(at)).where(at > now, of)
    return left.scalar_subquery(), leaves.scalar_subquery()


def _asked(session: Session, *pairs: Pair) -> list[Moments]:
    """Those moments, in one statement."""
    row = session.execute(select(*(column for pair in pairs for column in pair))).one()
    return [Moments(row[2 * place], row[2 * place + 1]) for place in range(len(pairs))]


def _sooner_or_later(session: Session, wanted: Filter, now: datetime) -> Select[int]:
    """Ids of what matches and is public now, or becomes so without anybody's doing."""
    matching = call_queries.matching if wanted.only_calls else content_queries.matching
    return matching(session, wanted, END_OF_TIME, among=content_queries.ever_public(now))


def _growing_old(session: Session, wanted: Filter, now: datetime) -> Moments:
    """When an entry was published so long ago that it leaves the list."""
    age = timedelta(days=wanted.published_within or 0)
    (found,) = _asked(session, _publications(session, wanted, now - age))
    return Moments(*(None if at is None else at + age for at in (found.last, found.next)))


def around_date(
    session: Session, condition: ColumnElement[bool], offset: timedelta, now: datetime
) -> Moments:
    """The instants at which a key date passed, or will, that long ago."""
    at = now - offset
    row = session.execute(
        select(
            func.max(KeyDate.utc_at).filter(KeyDate.utc_at <= at),
            func.min(KeyDate.utc_at).filter(KeyDate.utc_at > at),
        ).where(condition)
    ).one()
    return Moments(*(None if at is None else at + offset for at in row))
