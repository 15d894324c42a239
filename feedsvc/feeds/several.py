"""One entry out of its forms in several languages: nothing is left out, and nothing said for another.

Pure. The first language is the one that the entry's address and its data are in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape

from feedsvc import i18n
from feedsvc.calls.calendar import DateEvent
from feedsvc.feeds.model import FeedEntry

BETWEEN = " / "


def together(forms: Sequence[FeedEntry]) -> FeedEntry:
    """The entry in every language of its forms, in their order."""
    first = forms[0]
    if len(forms) == 1:
        return first
    return replace(
        first,
        title=_joined(form.title for form in forms),
        summary=_joined(form.summary for form in forms),
        content="\n".join(_part(form) for form in forms) if first.content else "",
        language="",
        events=tuple(_event(events) for events in zip(*(f.events for f in forms), strict=True)),
    )


def _part(form: FeedEntry) -> str:
    heading = f"<h2>{escape(i18n.language(form.language).name)}</h2>"
    return f'<div lang="{form.language}">{heading}\n{form.content}</div>'


def _event(events: Sequence[DateEvent]) -> DateEvent:
    return replace(
        events[0],
        summary=_joined(event.summary for event in events),
        description="\n\n".join(event.description for event in events),
    )


def _joined(texts: Iterable[str]) -> str:
    """Each text once: a title that is a proper name is the same everywhere."""
    return BETWEEN.join(dict.fromkeys(text for text in texts if text))
