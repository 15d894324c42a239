"""What was meant where nothing was found: the same list for the nearest words that find something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content.filters import Filter
from feedsvc.search import vocabulary
from feedsvc.web.views.filters import Chip
from feedsvc.web.views.reader import Reader


def instead(
    session: Session,
    wanted: Filter,
    list_path: str,
    count: Callable[[Filter], int],
    reader: Reader,
) -> tuple[Chip, ...]:
    """The words, and the list for them under the same conditions, or without these."""
    words = vocabulary.meant(session, wanted.q) if wanted.q else None
    if words is None:
        return ()
    for better in (replace(wanted, q=words), Filter(q=words)):
        if count(better):
            return (Chip(words, reader.path(urls.with_query(list_path, better.pairs()))),)
    return ()
