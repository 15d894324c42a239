"""Where the words that were asked for stand in an entry: in its title and a piece of its text. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from feedsvc import markup
from feedsvc.content.models import Translation
from feedsvc.search import highlight
from feedsvc.search.highlight import Segment


@dataclass(frozen=True)
class Marks:
    """The title, and the text around the first of the words, in segments that are hits or not."""

    title: tuple[Segment, ...]
    snippet: tuple[Segment, ...]


def marks(text: Translation, q: str) -> Marks | None:
    """None where no words were asked for."""
    if not q:
        return None
    return Marks(highlight.highlight(text.title, q), _snippet(text, q))


def _snippet(text: Translation, q: str) -> tuple[Segment, ...]:
    """Of the first part that has a hit; if none has, the beginning of the first part."""
    first: tuple[Segment, ...] = ()
    for part in filter(None, (text.summary, text.body, *text.sections.values())):
        found = highlight.snippet(markup.plain(part), q)
        if any(segment.hit for segment in found):
            return found
        first = first or found
    return first
