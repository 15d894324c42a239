"""What the values of a filter are called, for every list that has facets or chips."""

from __future__ import annotations

from sqlalchemy.orm import Session

from feedsvc.content import generation
from feedsvc.content import queries as content
from feedsvc.web import context
from feedsvc.web.views import filters as view
from feedsvc.web.views.reader import Reader


def facet_names(session: Session, reader: Reader) -> view.Names:
    """The names of clusters, funders and programmes in the reader's language, kept for a generation."""
    shelf, key = context.runtime().names, reader.language.code
    current = generation.current(session).value
    held: tuple[int, view.Names] | None = shelf.get(key)
    if held is None or held[0] != current:
        held = (current, _read(session, reader))
        shelf.put(key, held)
    return held[1]


def _read(session: Session, reader: Reader) -> view.Names:
    return view.names(
        {c.slug: reader.cluster(c).text.name for c in content.clusters(session)},
        {o.slug: reader.organisation(o) for o in content.organisations(session)},
        {p.slug: p.name for p in content.programmes(session)},
        reader,
    )
