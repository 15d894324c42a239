"""A document before its entries are written: which they are, in which form, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from feedsvc import urls
from feedsvc.feeds.model import FeedHead, HeadLink
from feedsvc.feeds.moments import Moments
from feedsvc.feeds.query import Query
from feedsvc.settings import Settings


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


def hub_of(query: Query, settings: Settings) -> tuple[HeadLink, ...]:
    """Where pushes of the feed can be asked for."""
    return (HeadLink("hub", urls.hub(settings)),) if query.is_pushed else ()


@dataclass(frozen=True)
class Outline:
    """A document without its entries' texts."""

    head: FeedHead
    refs: tuple[Ref, ...]
    moments: Moments
