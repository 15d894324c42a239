"""The numbers beside the values of a filter, kept as long as a page is: they cost the most of it.

One set of numbers serves the list in every language and order, and on each of its pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.calls import counts
from feedsvc.content import generation
from feedsvc.content.counts import Counts
from feedsvc.content.filters import Filter
from feedsvc.web import context, lasting


@dataclass(frozen=True)
class _Kept:
    generation: int
    until: datetime
    counts: Counts


def facets(session: Session, wanted: Filter, now: datetime) -> Counts:
    """How many calls each value would leave."""
    shelf, key = context.runtime().counts, wanted.query()
    current = generation.current(session).value
    held: _Kept | None = shelf.get(key)
    if held is None or held.generation != current or now >= held.until:
        soon = context.settings().closing_soon_days
        found = counts.facets(session, wanted, now, closing_soon_days=soon)
        held = _Kept(current, lasting.until(session, now), found)
        shelf.put(key, held)
    return held.counts
