"""From rows to a document, in two steps, so that a small change costs little.

1. `outline_of`: which entries in which form, the feed's head, and until when this holds.
2. `entries_of`: the entries themselves; asked only for those whose rendered form is not at hand.

Both read one snapshot: call them in the same session. `document_of` does both for everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from feedsvc.calls import queries as call_queries
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import queries as content_queries
from feedsvc.content.models import Entry
from feedsvc.feeds import moments, titles
from feedsvc.feeds.entries import View, entry_of
from feedsvc.feeds.model import NEVER, FeedDocument, FeedEntry, FeedHead
from feedsvc.feeds.moments import Moments
from feedsvc.feeds.query import CALLS_ONLY, Query
from feedsvc.news.models import NewsItem
from feedsvc.settings import Settings
from feedsvc.urls import Site

AT_A_TIME = 500  # rows loaded together
KINDS: dict[str, type[Entry]] = {"call": Call, "news": NewsItem}


class Ref(NamedTuple):
    """An entry in the form that it has now: two equal refs are the same text.

    `revision` goes up with every visible edit. `passed` counts the key dates behind it: time
    changes what a feed says of a call when one passes, and at no other instant. Ids are used
    again after a deletion, uids never.
    """

    id: int
    uid: str
    kind: str
    revision: int
    passed: int


@dataclass(frozen=True)
class Outline:
    """A document without its entries' texts."""

    head: FeedHead
    refs: tuple[Ref, ...]
    moments: Moments


def outline_of(session: Session, query: Query, settings: Settings, now: datetime) -> Outline:
    ids = _matching(session, query, now, settings.closing_soon_days)
    shown = (
        select(Entry.id, Entry.uid, Entry.kind, Entry.revision)
        .where(Entry.id.in_(ids))
        .order_by(Entry.publish_at.desc(), Entry.id.desc())
    )
    if query.format not in CALLS_ONLY:
        shown = shown.limit(settings.feed_size)
    rows = session.execute(shown).all()
    calls = [row.id for row in rows if row.kind == "call"]
    passed = _passed(session, query, calls if query.has_text else ids, now)
    refs = tuple(Ref(*row, passed.get(row.id, 0)) for row in rows)
    found = moments.around(session, query, calls, now, settings.closing_soon_days)
    head = titles.head_of(session, query, settings)
    return Outline(replace(head, updated=_updated(session, shown)), refs, found)


def entries_of(
    session: Session, query: Query, refs: Sequence[Ref], settings: Settings, now: datetime
) -> Iterator[tuple[Ref, FeedEntry]]:
    """The entries of those refs, in any order."""
    view = View(
        Site.of(settings), query.language, now,
        with_text=query.has_text, with_events=query.format == "ics",
    )  # fmt: skip
    for start in range(0, len(refs), AT_A_TIME):
        some = {ref.id: ref for ref in refs[start : start + AT_A_TIME]}
        for name, kind in KINDS.items():
            wanted = [ref.id for ref in some.values() if ref.kind == name]
            for entry in session.scalars(select(kind).where(kind.id.in_(wanted))):
                yield some[entry.id], entry_of(entry, view)
        session.expunge_all()  # a long document must not hold every row at once


def document_of(session: Session, query: Query, settings: Settings, now: datetime) -> FeedDocument:
    """The whole document, from the rows alone."""
    outline = outline_of(session, query, settings, now)
    made = dict(entries_of(session, query, outline.refs, settings, now))
    return FeedDocument(
        outline.head,
        tuple(made[ref] for ref in outline.refs),
        outline.moments.last,
        outline.moments.next,
    )


def _matching(session: Session, query: Query, now: datetime, closing_soon_days: int) -> Select[int]:
    if query.call_uid:
        return select(Call.id).where(Call.uid == query.call_uid, content_queries.public(now))
    if query.wanted.only_calls:
        return call_queries.matching(
            session, query.wanted, now, closing_soon_days=closing_soon_days
        )
    return content_queries.matching(session, query.wanted, now)


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
