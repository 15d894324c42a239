"""Atom (RFC 4287), by feedgen. Pure: the same entry is the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lxml import etree

from feedsvc.feeds import xml
from feedsvc.feeds.extension import CallFeedExtension
from feedsvc.feeds.fragments import Fragment, Frame
from feedsvc.feeds.generator import BareRoot, Feed, halves
from feedsvc.feeds.model import FeedEntry, FeedHead

MEDIA_TYPE = "application/atom+xml"
_ROOT = BareRoot("feed", CallFeedExtension().extend_ns())


def fragment(entry: FeedEntry) -> Fragment:
    made = xml.generated(entry)
    made.summary(xml.clean(entry.summary))
    return Fragment(_ROOT.cut(made.atom_entry()))


def frame(head: FeedHead, _fragments: Sequence[Fragment]) -> Frame:
    before, after = halves(_feed(head).atom_root(), b"</feed>")
    return Frame(before, after, b"\n")


def whole(head: FeedHead, entries: Sequence[FeedEntry]) -> bytes:
    """The feed as feedgen makes it at one go: what the joined fragments must equal."""
    feed = _feed(head)
    for entry in entries:
        made = xml.generated(entry)
        made.summary(xml.clean(entry.summary))
        feed.add_entry(made, order="append")
    return bytes(etree.tostring(feed.atom_root()))


def _feed(head: FeedHead) -> Any:
    feed: Feed = xml.generator(head, MEDIA_TYPE)
    feed.subtitle(xml.clean(head.description))
    return feed
