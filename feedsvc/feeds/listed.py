"""News and calls as the entries of a feed: which ones, in which form, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from feedsvc.calls import fit_queries
from feedsvc.calls import queries as call_queries
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import queries as content_queries
from feedsvc.content.models import Entry
from feedsvc.feeds import moments, paging, titles, tombstones
from feedsvc.feeds.entries import View, entry_of
from feedsvc.feeds.following import followed
from feedsvc.feeds.model import NEVER, FeedEntry, HeadLink
from feedsvc.feeds.moments import Moments
from feedsvc.feeds.outline import Outline, Ref, hub_of
from feedsvc.feeds.paging import Shown
from feedsvc.feeds.query import CALLS_ONLY, MOST_STANDING, Query
from feedsvc.news.models import NewsItem
from feedsvc.settings import Settings
from feedsvc.urls import Site

AT_A_TIME = 500  # rows loaded together
KINDS: dict[str, type[Entry]] = {"call": Call, "news": NewsItem}


def outline_of(session: Session, query: Query, settings: Settings, now: datetime) -> Outline:
    matching = _matching(session, query, now, settings.closing_soon_days)
    size = _size(query, settings)
    listed = _listed(query, matching)
    # As plain rows: a long list would be thousands of them made twice.
    rows = session.connection().execute(listed if size is None else listed.limit(size + 1)).all()
    if size is not None and len(rows) > size:
        size = settings.feed_size  # a list that is too long to be given whole has pages as well
    ids, shown = paging.shown(session, query, [row[0] for row in rows], size)
    rows = rows[: len(ids)]
    calls = [row[0] for row in rows if row[2] == "call"]
    passed = _passed(session, query, calls if query.has_text else matching, now)
    buried, forgets = tombstones.of(session, query, now)
    found = [
        moments.around(session, query, calls, now, settings.closing_soon_days),
        forgets,
        _end_of_month(query, now),
    ]
    head = titles.head_of(session, query, settings)
    head = replace(
        head,
        updated=_updated(session, listed.limit(len(ids))),
        links=_links(session, query, matching, shown, settings=settings, now=now),
        is_complete=query.is_standing and shown.after is None,
        is_archive=query.is_archive and found[-1].next is None,
        buried=buried,
    )
    refs = tuple([Ref(*row, passed.get(row[0], 0)) for row in rows])
    return Outline(head, refs, moments.together(found))


def entries_of(
    session: Session, query: Query, refs: Sequence[Ref], settings: Settings, now: datetime
) -> Iterator[tuple[Ref, FeedEntry]]:
    """The entries of those refs, in any order."""
    profile = query.filter.profile
    view = View(
        Site.of(settings), query.language, now,
        with_text=query.has_text, with_events=query.format == "ics", profile=profile,
    )  # fmt: skip
    for start in range(0, len(refs), AT_A_TIME):
        some = {ref.id: ref for ref in refs[start : start + AT_A_TIME]}
        for name, kind in KINDS.items():
            wanted = [ref.id for ref in some.values() if ref.kind == name]
            rows = session.scalars(_whole(kind, wanted, view)) if wanted else ()
            mentions = fit_queries.mentions(session, wanted, profile.themes if wanted else ())
            for entry in rows:
                yield some[entry.id], entry_of(entry, replace(view, mentions=mentions))
        session.expunge_all()  # a long document must not hold every row at once


def _whole(kind: type[Entry], wanted: list[int], view: View) -> Select[Entry]:
    """The entries with all that is said of them."""
    found = select(kind).where(kind.id.in_(wanted))
    return found.options(selectinload(kind.attachments)) if view.with_text else found


def _matching(session: Session, query: Query, now: datetime, closing_soon_days: int) -> Select[int]:
    if query.call_uid:
        return select(Call.id).where(Call.uid == query.call_uid, content_queries.public(now))
    if query.wanted.only_calls:
        ids = call_queries.matching(session, query.wanted, now, closing_soon_days=closing_soon_days)
        return ids.where(followed(session, query.own, now)) if query.own else ids
    return content_queries.matching(session, query.wanted, now)


def _size(query: Query, settings: Settings) -> int | None:
    """How many entries the document shows at most; None for all that match."""
    if query.format in CALLS_ONLY or query.is_archive:
        return None
    return MOST_STANDING if query.is_standing else settings.feed_size


def _listed(query: Query, matching: Select[int]) -> Select[int, str, str, int]:
    """The entries from the newest to the oldest."""
    kind = Call if query.wanted.only_calls or query.call_uid else Entry
    listed = matching.with_only_columns(kind.id, kind.uid, kind.kind, kind.revision).order_by(
        kind.publish_at.desc(), kind.id.desc()
    )
    return (
        listed.where(content_queries.ENTRIES.older_than(query.before)) if query.before else listed
    )


def _links(
    session: Session,
    query: Query,
    matching: Select[int],
    shown: Shown,
    *,
    settings: Settings,
    now: datetime,
) -> tuple[HeadLink, ...]:
    hub = hub_of(query, settings)
    if not query.has_text or query.call_uid:
        return hub
    if query.is_archive:  # its neighbours are what it leaves out
        matching = _matching(session, query.present, now, settings.closing_soon_days)
    site, size = Site.of(settings), settings.feed_size
    return (*hub, *paging.links(session, query, matching, shown, site, size=size))


def _end_of_month(query: Query, now: datetime) -> Moments:
    """When an archive becomes one: until its month is over, entries are added to it."""
    if not query.is_archive or query.filter.published_between is None:
        return Moments(None, None)
    _, end = query.filter.published_between
    return Moments(end, None) if end <= now else Moments(None, end)


def _updated(session: Session, shown: Select[int, str, str, int]) -> datetime:
    """When the last of the entries shown was published or visibly edited."""
    rows = shown.add_columns(Entry.updated_at, Entry.publish_at).subquery()
    latest = session.execute(select(func.max(rows.c.updated_at), func.max(rows.c.publish_at))).one()
    return max((at for at in latest if at is not None), default=NEVER)


def _passed(
    session: Session, query: Query, calls: Select[int] | list[int], now: datetime
) -> dict[int, int]:
    """How many key dates of each call are behind it, where the format says so."""
    if not query.shows_status or calls == []:
        return {}
    rows = session.execute(
        select(KeyDate.call_id, func.count())
        .where(KeyDate.utc_at <= now, KeyDate.call_id.in_(calls))
        .group_by(KeyDate.call_id)
    )
    return {call_id: int(number) for call_id, number in rows}
