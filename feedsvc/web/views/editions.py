"""The other editions of a series, as the page of a call lists them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedsvc import urls
from feedsvc.calls import words
from feedsvc.calls.models import Call
from feedsvc.web.views import leaves
from feedsvc.web.views.leaves import Badge
from feedsvc.web.views.reader import Reader


@dataclass(frozen=True)
class Edition:
    """One edition: which, where, and where it stands."""

    name: str
    title: str
    address: str
    foreign: str
    badge: Badge
    when: str
    money: str


def editions(calls: Sequence[Call], reader: Reader) -> tuple[Edition, ...]:
    return tuple(_edition(call, reader) for call in calls)


def _edition(call: Call, reader: Reader) -> Edition:
    found = reader.text(call)
    shown = leaves.shown_date(call, leaves.status(call, reader), reader)
    return Edition(
        name=call.edition,
        title=found.text.title,
        address=reader.path(urls.call(found.text.slug)),
        foreign=reader.foreign(found),
        badge=leaves.badge(call, reader),
        when=words.day(shown.local_date, shown.precision, reader.language) if shown else "",
        money=words.funding(call, reader.language),
    )
