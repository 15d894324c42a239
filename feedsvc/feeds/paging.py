"""What else there is of a feed: its pages, its months (RFC 5005), and its other languages.

1. A page begins at a place among the entries, not after a number of them: a walk along `next` gives
   each entry once, also while others are published.
2. A month is an archive. The present feed leads to the month of the first entry that it has no room
   for, and each month to the one before: a walk along `prev-archive` misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from feedsvc.calls import event_queries
from feedsvc.content import queries
from feedsvc.content.cursors import Cursor
from feedsvc.content.models import Entry
from feedsvc.content.queries import Places
from feedsvc.feeds.model import HeadLink
from feedsvc.feeds.query import Query
from feedsvc.urls import Site


@dataclass(frozen=True)
class Shown:
    """What a document shows of its list: the first and the last of its rows, and the row after it."""

    first: Cursor | None = None
    last: Cursor | None = None
    after: Cursor | None = None


def links(
    session: Session, query: Query, matching: Select[int], shown: Shown, site: Site, *, size: int
) -> tuple[HeadLink, ...]:
    """The links of a document that shows that much of what `matching` selects."""
    return (
        *_languages(query, site),
        *(_link(rel, found, site) for rel, found in _pages(session, query, matching, shown, size)),
        *(_link(rel, found, site) for rel, found in _archives(session, query, matching, shown)),
    )


def _languages(query: Query, site: Site) -> Iterator[HeadLink]:
    for code in site.languages:
        if code != query.language:
            href = site.absolute(query.address, code)
            yield HeadLink("alternate", href, query.renderer.MEDIA_TYPE, code)


def _pages(
    session: Session, query: Query, matching: Select[int], shown: Shown, size: int
) -> Iterator[tuple[str, Query]]:
    if query.before is not None:
        yield "first", replace(query, before=None)
        yield "previous", replace(query, before=_newer(session, query, matching, shown, size))
    if shown.after is not None and shown.last is not None:
        yield "next", replace(query, before=shown.last)


def _newer(
    session: Session, query: Query, matching: Select[int], shown: Shown, size: int
) -> Cursor | None:
    """Where the page before this one begins; None if it is the first one."""
    if shown.first is None:
        return None
    places = _places(query)
    row = session.execute(
        select(places.at, places.id)
        .where(places.id.in_(matching), places.newer_than(shown.first))
        .order_by(places.at, places.id)
        .offset(size)
        .limit(1)
    ).one_or_none()
    return Cursor(_published(row[0]), row[1]) if row else None


def _published(at: datetime | None) -> datetime:
    assert at is not None  # only public entries are in a feed
    return at


def _archives(
    session: Session, query: Query, matching: Select[int], shown: Shown
) -> Iterator[tuple[str, Query]]:
    if not query.has_archives:
        return
    present = query.present
    if query.is_archive:
        yield "current", present
        before, after = _neighbours(session, query, matching)
        if before is not None:
            yield "prev-archive", _month(present, before)
        if after is not None:
            yield "next-archive", _month(present, after)
    elif query == present and shown.after is not None:
        yield "prev-archive", _month(present, shown.after.at)


def _neighbours(
    session: Session, query: Query, matching: Select[int]
) -> tuple[datetime | None, datetime | None]:
    """When the nearest entries outside of the month were published, before it and after it."""
    assert query.filter.published_between is not None
    first, end = query.filter.published_between
    row = session.execute(
        select(
            func.max(Entry.publish_at).filter(Entry.publish_at < first),
            func.min(Entry.publish_at).filter(Entry.publish_at >= end),
        ).where(Entry.id.in_(matching))
    ).one()
    return row[0], row[1]


def _month(present: Query, at: datetime) -> Query:
    return replace(present, filter=replace(present.filter, published=f"{at:%Y-%m}"))


def _link(rel: str, query: Query, site: Site) -> HeadLink:
    href = site.absolute(query.address, query.language)
    return HeadLink(rel, href, query.renderer.MEDIA_TYPE)


def _places(query: Query) -> Places:
    return event_queries.CHANGES if query.is_of_changes else queries.ENTRIES


def shown(
    session: Session, query: Query, ids: Sequence[int], size: int | None
) -> tuple[Sequence[int], Shown]:
    """Those of the ids that a document of that size shows, and where it begins and ends.

    `ids` are one more than it shows if there are more.
    """
    kept = ids if size is None else ids[:size]
    if not kept or not (query.before or len(kept) < len(ids)):
        return kept, Shown()  # it is all there is
    wanted = {kept[0], kept[-1], *ids[len(kept) : len(kept) + 1]}
    places = _places(query)
    rows = session.execute(select(places.at, places.id).where(places.id.in_(wanted)))
    at = {row[1]: Cursor(_published(row[0]), row[1]) for row in rows}
    after = at[ids[len(kept)]] if len(ids) > len(kept) else None
    return kept, Shown(at[kept[0]], at[kept[-1]], after)
