"""The list of feeds itself, as OPML 2.0: readers import it to follow many at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

from lxml import etree

from feedsvc.feeds.generator import DECLARATION
from feedsvc.feeds.model import FeedHead
from feedsvc.markup import clean

MEDIA_TYPE = "text/x-opml"


@dataclass(frozen=True)
class Group:
    """Feeds that belong together, under a heading."""

    title: str
    feeds: tuple[FeedHead, ...]


def render(head: FeedHead, groups: Sequence[Group]) -> bytes:
    root = etree.Element("opml", version="2.0")
    about, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    _text(about, "title", head.title)
    _text(about, "dateModified", format_datetime(head.updated, usegmt=True))
    _text(about, "ownerName", head.site_name)
    _text(about, "docs", "https://opml.org/spec2.opml")
    for group in groups:
        title = clean(group.title)
        outline = etree.SubElement(body, "outline", text=title, title=title)
        for feed in group.feeds:
            _outline(outline, feed)
    return DECLARATION + bytes(etree.tostring(root, encoding="UTF-8", pretty_print=True))


def _outline(parent: Any, feed: FeedHead) -> None:
    title = clean(feed.title)
    etree.SubElement(
        parent, "outline", type="rss", text=title, title=title, xmlUrl=feed.self_url,
        htmlUrl=feed.page_url, description=clean(feed.description), language=feed.language,
    )  # fmt: skip


def _text(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = clean(text)
