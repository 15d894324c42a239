"""What happened to a call, as its page and the list of changes show it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc import urls
from feedsvc.calls import event_words
from feedsvc.calls.models import Call, CallEvent
from feedsvc.calls.rules import is_news
from feedsvc.web.views import cards, leaves
from feedsvc.web.views.cards import Tag
from feedsvc.web.views.leaves import Leaf
from feedsvc.web.views.reader import Reader


@dataclass(frozen=True)
class Change:
    """One event of a call's life. `foreign` is the language of the editor's reason if it is not
    the reader's own.
    """

    type: str
    at: datetime
    anchor: str
    sentence: str
    reason: str
    foreign: str
    is_news: bool


@dataclass(frozen=True)
class Row:
    """A change in a list of many calls' changes."""

    change: Change
    title: str
    address: str
    foreign: str
    leaf: Leaf
    tags: tuple[Tag, ...]


def told(events: Sequence[CallEvent], currency: str, reader: Reader) -> tuple[Change, ...]:
    """The events that are past, in the order given. `currency` is the call's."""
    return tuple(change(event, currency, reader) for event in events if event.at <= reader.now)


def latest(changes: Sequence[Change]) -> Change | None:
    """The newest change that readers need to know of; the first publication is none."""
    return next((change for change in changes if change.is_news), None)


def change(event: CallEvent, currency: str, reader: Reader) -> Change:
    reason = event_words.reason(event, reader.language, reader.site.languages)
    return Change(
        type=event.type,
        at=event.at,
        anchor=urls.change_anchor(event.uid),
        sentence=event_words.sentence(event, currency, reader.language),
        reason=reason.text if reason else "",
        foreign=reason.language if reason and reason.language != reader.language.code else "",
        is_news=is_news(event),
    )


def row(event: CallEvent, call: Call, reader: Reader) -> Row:
    found = reader.text(call)
    return Row(
        change=change(event, call.currency, reader),
        title=found.text.title,
        address=f"{reader.path(urls.call(found.text.slug))}#{urls.change_anchor(event.uid)}",
        foreign=reader.foreign(found),
        leaf=leaves.leaf(call, reader),
        tags=cards.tags(call, reader),
    )
