"""What Atom and RSS have in common: a feed and an entry as feedgen objects."""

from __future__ import annotations

from typing import Any

from lxml import etree

from feedsvc.feeds import vocabulary
from feedsvc.feeds.extension import CallEntryExtension, CallFeedExtension
from feedsvc.feeds.generator import DESCRIBED_BY, Entry, Feed
from feedsvc.feeds.model import FeedEntry, FeedHead, HeadLink, entry_id
from feedsvc.markup import clean as clean

GENERATOR = "feedsvc"
HISTORY = "http://purl.org/syndication/history/1.0"


def generator(head: FeedHead, media_type: str) -> Any:
    """A feed without entries. feedgen takes the link that comes last for the RSS channel's own."""
    feed = Feed()
    feed.register_extension("call", CallFeedExtension, None)
    feed.id(head.id)
    feed.title(clean(head.title))
    feed.updated(head.updated)
    feed.author({"name": clean(head.site_name), "uri": head.site_url})
    feed.link(href=head.self_url, rel="self", type=media_type)
    # Not xsi:schemaLocation: the W3C validator warns of it, see docs/decisions/0015.
    for page, kind in (
        (head.namespace_url, "text/html"),
        (head.schema_url, vocabulary.SCHEMA_TYPE),
    ):
        feed.link(href=page, rel=DESCRIBED_BY, type=kind)
    feed.link(href=head.page_url, rel="alternate", type="text/html", **_hreflang(head.language))
    if head.language:
        feed.language(head.language)
    feed.generator(GENERATOR)
    feed.docs("")
    return feed


def generated(entry: FeedEntry) -> Any:
    made = Entry()
    made.register_extension("call", CallEntryExtension)
    made.id(entry.id)
    made.title(clean(entry.title))
    made.updated(entry.updated)
    made.published(entry.published)
    made.content(clean(entry.content), type="html")
    made.link(href=entry.url, rel="alternate", type="text/html", **_hreflang(entry.language))
    made.language = entry.language
    for category in entry.categories:
        made.category(term=category.term, scheme=category.scheme, label=clean(category.label))
    # RSS has room for one, and takes the last: the picture, else the first document.
    for file in reversed(entry.files):
        made.link(
            href=file.url, rel="enclosure", type=file.media_type, length=str(file.size),
            title=clean(file.title), **_hreflang(file.language),
        )  # fmt: skip
    if entry.image:
        made.link(
            href=entry.image.url, rel="enclosure", type=entry.image.media_type,
            length=str(entry.image.size),
        )  # fmt: skip
    if entry.call:
        _add_call(made, entry)
    return made


def add_history(parent: Any, head: FeedHead) -> None:
    """Whether the document is the whole list, or a part that will not change (RFC 5005)."""
    if head.is_complete:
        etree.SubElement(parent, f"{{{HISTORY}}}complete", nsmap={"fh": HISTORY})
    if head.is_archive:
        etree.SubElement(parent, f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})


def link_values(link: HeadLink) -> dict[str, str]:
    values = {"rel": link.rel, "href": link.href, "type": link.media_type}
    values |= _hreflang(link.language)
    return {name: value for name, value in values.items() if value}


def _hreflang(language: str) -> dict[str, str]:
    return {"hreflang": language} if language else {}


def _add_call(made: Any, entry: FeedEntry) -> None:
    assert entry.call is not None
    made.call.set(entry.call, entry_id=entry_id(entry.call.uid or entry.uid))
    if entry.call.calendar_url:
        made.link(href=entry.call.calendar_url, rel="related", type="text/calendar")
