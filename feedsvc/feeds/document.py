"""From rows to a document, in two steps, so that a small change costs little.

1. `outline_of`: which entries in which form, the feed's head, and until when this holds.
2. `entries_of`: the entries themselves; asked only for those whose rendered form is not at hand.

Both read one snapshot: call them in the same session. `document_of` does both for everything. Where
the entries come from is the query's to say: lists, calendars and changes each know both steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import ModuleType

from sqlalchemy.orm import Session

from feedsvc.feeds import calendars, changes, listed
from feedsvc.feeds.model import FeedDocument, FeedEntry
from feedsvc.feeds.outline import Outline, Ref
from feedsvc.feeds.query import Query
from feedsvc.settings import Settings


def outline_of(session: Session, query: Query, settings: Settings, now: datetime) -> Outline:
    outline: Outline = _source(query).outline_of(session, query, settings, now)
    return outline


def entries_of(
    session: Session, query: Query, refs: Sequence[Ref], settings: Settings, now: datetime
) -> Iterator[tuple[Ref, FeedEntry]]:
    """The entries of those refs, in any order."""
    yield from _source(query).entries_of(session, query, refs, settings, now)


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


def _source(query: Query) -> ModuleType:
    if query.is_of_changes:
        return changes
    return calendars if query.format == "ics" else listed
