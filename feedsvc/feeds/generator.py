"""feedgen, put right: the only home of the library.

feedgen 1.0.0 is the last release; what it gets wrong is mended here, each with its place:
1. Atom links of entries lose every attribute but href (feedgen issue 135).
2. RSS keeps no link of an item but one, and none of the feed but rel=self.
3. RSS dates are formatted between two calls of `locale.setlocale`, which changes the whole
   process while other threads run; so feedgen is given no RSS date, and they are added here.
4. Both `updated` and `lastBuildDate` are the time of the call unless they are set.
5. The language of RSS is in an element only, where neither XML nor CSS looks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, cast

from feedgen.entry import FeedEntry as GeneratedEntry
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem
from lxml import etree

Element = Any  # lxml ships no types

ATOM = "http://www.w3.org/2005/Atom"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# A browser shows XML by this stylesheet. It stands for itself: the same for every feed and host.
STYLESHEET = b'<?xml-stylesheet type="text/css" href="/static/feed.css"?>\n'
DESCRIBED_BY = "describedby"  # the relation of a document to what explains it (IANA)
LINK_ATTRIBUTES = ("rel", "type", "hreflang", "title", "length")


class Entry(GeneratedEntry):  # type: ignore[misc]
    """An entry whose links keep their attributes, in both formats."""

    language: str = ""

    def atom_entry(self, extensions: bool = True) -> Element:
        element = super().atom_entry(extensions=extensions)
        if self.language:
            element.set(XML_LANG, self.language)
        for link, wanted in zip(element.findall("link"), self.link() or [], strict=True):
            for name in LINK_ATTRIBUTES:
                if wanted.get(name):
                    link.set(name, wanted[name])
        return element

    def rss_entry(self, extensions: bool = True) -> Element:
        element = super().rss_entry(extensions=extensions)
        published = self.published()
        if published is not None:
            xml_elem("pubDate", element).text = format_datetime(published, usegmt=True)
        for link in self.link() or []:
            if link.get("rel") == "related":
                _atom_link(element, link)
        return element

    def published(self, published: datetime | None = None) -> datetime | None:
        """Get or set the published date, without letting feedgen format it for RSS."""
        found = super().published(published)
        self._FeedEntry__rss_pubDate = None
        return cast("datetime | None", found)


class Feed(FeedGenerator):  # type: ignore[misc]
    """A feed that says what its entries say with."""

    def updated(self, updated: datetime | None = None) -> datetime:
        """Get or set the last change, without letting feedgen format it for RSS."""
        found = super().updated(updated)
        self._FeedGenerator__rss_lastBuildDate = None
        return cast("datetime", found)

    def _create_rss(self, extensions: bool = True) -> tuple[Element, Element]:
        root, document = super()._create_rss(extensions=extensions)
        if self.language():
            root.set(XML_LANG, self.language())
        channel = root[0]
        built = etree.Element("lastBuildDate")
        built.text = format_datetime(self.updated(), usegmt=True)
        channel.insert(_first_item(channel), built)
        for link in self.link():
            if link["rel"] == DESCRIBED_BY:
                channel.insert(_first_item(channel), _atom_link(channel, link))
        for author in self.author() or []:
            creator = etree.Element(f"{{{DUBLIN_CORE}}}creator")
            creator.text = author["name"]
            channel.insert(_first_item(channel), creator)
        return root, document

    def atom_root(self) -> Element:
        return self._create_atom()[0]

    def rss_root(self) -> Element:
        return self._create_rss()[0]


class BareRoot:
    """Serialises elements as children of a root that has declared their namespaces.

    What stands between the root's tags is then free of declarations, and is cut out: it can be
    kept, and joined later under any root that declares the same.
    """

    def __init__(self, tag: str, namespaces: Mapping[str, str]) -> None:
        self._tag, self._namespaces = tag, dict(namespaces)
        closed = etree.tostring(self._made(), encoding="UTF-8")
        self._before = len(closed) - 1  # `<tag .../>` against `<tag ...>`
        self._after = len(f"</{tag}>")

    def cut(self, child: Element) -> bytes:
        root = self._made()
        root.append(child)
        return cast("bytes", etree.tostring(root, encoding="UTF-8"))[self._before : -self._after]

    def _made(self) -> Element:
        return etree.Element(self._tag, nsmap=self._namespaces)


def halves(root: Element, closing: bytes) -> tuple[bytes, bytes]:
    """A feed without entries, cut where they belong: before its `closing` tags.

    What stands before the root is what XML asks for, and the stylesheet.
    """
    text = cast("bytes", etree.tostring(root, encoding="UTF-8"))
    assert text.endswith(closing)
    return DECLARATION + STYLESHEET + text[: -len(closing)] + b"\n", b"\n" + closing + b"\n"


def _first_item(channel: Element) -> int:
    """Where the items begin: what belongs to the channel comes before them."""
    first = channel.find("item")
    return len(channel) if first is None else channel.index(first)


def _atom_link(parent: Element, link: Mapping[str, str]) -> Element:
    element = xml_elem(f"{{{ATOM}}}link", parent, href=link["href"])
    for name in LINK_ATTRIBUTES:
        if link.get(name):
            element.set(name, link[name])
    return element
