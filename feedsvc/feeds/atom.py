"""Atom (RFC 4287), by feedgen. Pure: the same entry is the same bytes.

A feed with its pages and archives (RFC 5005), and with tombstones of what was taken away (RFC 6721).
"""

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
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_ROOT = BareRoot("feed", CallFeedExtension().extend_ns())


def fragment(entry: FeedEntry) -> Fragment:
    return Fragment(_ROOT.cut(_entry(entry).atom_entry()))


def frame(head: FeedHead, _fragments: Sequence[Fragment]) -> Frame:
    root = _feed(head).atom_root()
    for link in head.links:
        etree.SubElement(root, "link", xml.link_values(link))
    if any(link.rel == "alternate" for link in head.links):
        # The page once more: most readers take the first link as the feed's own, newsboat the last.
        # RFC 4287 section 4.1.1 lets two stand that differ in type and hreflang.
        etree.SubElement(root, "link", {"rel": "alternate", "href": head.page_url})
    xml.add_history(root, head)
    for buried in head.buried:
        when = {"ref": buried.id, "when": buried.at.isoformat()}
        etree.SubElement(root, f"{{{TOMBSTONES}}}deleted-entry", when, nsmap={"at": TOMBSTONES})
    before, after = halves(root, b"</feed>")
    return Frame(before, after, b"\n")


def whole(head: FeedHead, entries: Sequence[FeedEntry]) -> bytes:
    """The feed as feedgen makes it at one go: what the joined fragments must equal."""
    feed = _feed(head)
    for entry in entries:
        feed.add_entry(_entry(entry), order="append")
    return bytes(etree.tostring(feed.atom_root()))


def _entry(entry: FeedEntry) -> Any:
    made = xml.generated(entry)
    if entry.summary:  # it is optional, and the W3C validator warns of an empty one (NotBlank)
        made.summary(xml.clean(entry.summary))
    # Readers sort by it, and entries of an import or a batch share their second: the order of equal
    # ones would be anybody's guess (the W3C validator's DuplicateUpdated).
    made.updated(entry.updated.replace(microsecond=entry.number % 1_000_000))
    return made


def _feed(head: FeedHead) -> Any:
    feed: Feed = xml.generator(head, MEDIA_TYPE)
    feed.subtitle(xml.clean(head.description))
    if head.logo:
        feed.logo(head.logo.url)
        feed.icon(head.logo.square_url)
    return feed
