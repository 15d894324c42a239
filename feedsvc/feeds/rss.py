"""RSS 2.0 with the RSS Board's profile, by feedgen. Pure: the same entry is the same bytes.

Titles are plain text. The description is HTML by the format's custom, so the summary is escaped
once as HTML, and once more as XML; the full text is in content:encoded.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from lxml import etree

from feedsvc.feeds import xml
from feedsvc.feeds.extension import CallFeedExtension
from feedsvc.feeds.fragments import Fragment, Frame
from feedsvc.feeds.generator import ATOM, BareRoot, Feed, halves
from feedsvc.feeds.model import FeedEntry, FeedHead, Logo

MEDIA_TYPE = "application/rss+xml"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
MOST_WIDE, MOST_HIGH = 144, 400
_ROOT = BareRoot("channel", {**CallFeedExtension().extend_ns(), "atom": ATOM, "content": CONTENT})


def fragment(entry: FeedEntry) -> Fragment:
    return Fragment(_ROOT.cut(_item(entry).rss_entry()))


def frame(head: FeedHead, _fragments: Sequence[Fragment]) -> Frame:
    root = _feed(head).rss_root()
    channel = root[0]
    for link in head.links:
        etree.SubElement(channel, f"{{{ATOM}}}link", xml.link_values(link))
    xml.add_history(channel, head)
    before, after = halves(root, b"</channel></rss>")
    return Frame(before, after, b"\n")


def whole(head: FeedHead, entries: Sequence[FeedEntry]) -> bytes:
    """The feed as feedgen makes it at one go: what the joined fragments must equal."""
    feed = _feed(head)
    for entry in entries:
        feed.add_entry(_item(entry), order="append")
    return bytes(etree.tostring(feed.rss_root()))


def _item(entry: FeedEntry) -> Any:
    made = xml.generated(entry)
    made.description(html.escape(xml.clean(entry.summary), quote=False))
    return made


def _shown(logo: Logo) -> tuple[int, int]:
    """In how many pixels: RSS 2.0 allows 144 by 400 at most."""
    scale = min(1, MOST_WIDE / logo.width, MOST_HIGH / logo.height)
    return max(1, round(logo.width * scale)), max(1, round(logo.height * scale))


def _feed(head: FeedHead) -> Any:
    feed: Feed = xml.generator(head, MEDIA_TYPE)
    feed.description(xml.clean(head.description))
    if head.logo:
        # The title and the link have to be those of the channel (RSS Advisory Board's profile).
        width, height = _shown(head.logo)
        feed.image(head.logo.url, xml.clean(head.title), head.page_url, str(width), str(height))
    return feed
