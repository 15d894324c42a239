"""The key dates of calls as a calendar to subscribe to: one event for each. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from feedsvc.calls import calendar
from feedsvc.feeds.fragments import Fragment, Frame
from feedsvc.feeds.model import FeedEntry, FeedHead

MEDIA_TYPE = "text/calendar"


def fragment(entry: FeedEntry) -> Fragment:
    zones = sorted({event.zone for event in entry.events if calendar.is_local(event)})
    data = b"".join(calendar.event_bytes(event) for event in entry.events)
    return Fragment(data, tuple(zones))


def frame(head: FeedHead, fragments: Sequence[Fragment]) -> Frame:
    before, after = calendar.frame(
        head.title,
        {zone for fragment in fragments for zone in fragment.zones},
        language=head.language,
        url=head.page_url,
        description=head.description,
    )
    return Frame(before, after)
