"""The documents of an entry: what kind of file each is, by its address, and how large. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from feedsvc import i18n, urls
from feedsvc.calls.models import Call
from feedsvc.content.media import recognise, words
from feedsvc.content.media.models import Document
from feedsvc.content.models import Entry
from feedsvc.i18n import N_
from feedsvc.web.views.reader import Reader

KINDS = {
    ".pdf": "PDF",
    **dict.fromkeys((".doc", ".docx"), "Word"),
    **dict.fromkeys((".xls", ".xlsx"), "Excel"),
    **dict.fromkeys((".ppt", ".pptx"), "PowerPoint"),
    ".odt": "ODT",
    ".ods": "ODS",
    ".rtf": "RTF",
    ".csv": "CSV",
    ".zip": "ZIP",
}  # fmt: skip
PAGE = N_("web page")
PAGES = ("", ".html", ".htm", ".php", ".aspx", ".jsp")  # endings of what a browser shows


@dataclass(frozen=True)
class DocumentLink:
    """A document: its title, its address, and `PDF, 1.2 MB`."""

    title: str
    url: str
    kind: str
    language: str = ""  # that it is written in, if it is one of ours and in one language


def of(entry: Entry, reader: Reader) -> tuple[DocumentLink, ...]:
    """Those that the entry hands out here, then those of a call that lie elsewhere."""
    own = [_handed_out(row.document, reader) for row in entry.attachments]
    links = entry.documents if isinstance(entry, Call) else ()
    return (*own, *(_link(document, reader) for document in links))


def _handed_out(document: Document, reader: Reader) -> DocumentLink:
    """A reader of another language is told which one it is written in."""
    name = recognise.KINDS[document.kind].name
    language = document.language
    foreign = i18n.NAMES.get(language, "") if language != reader.language.code else ""
    parts = (name, reader.language.size(document.bytes), foreign)
    title = words.title(document, reader.language.code, reader.site.languages)
    address = _where(reader) + document.name
    return DocumentLink(title, address, ", ".join(filter(None, parts)), language)


def _where(reader: Reader) -> str:
    """Drafts' documents are had where drafts' pictures are."""
    return urls.document("") if reader.media == urls.MEDIA else reader.media


def _link(document: Mapping[str, Any], reader: Reader) -> DocumentLink:
    size = document.get("size")
    parts = [_kind(document["url"], reader), reader.language.size(size) if size else ""]
    return DocumentLink(document["title"], document["url"], ", ".join(filter(None, parts)))


def _kind(url: str, reader: Reader) -> str:
    """Empty for an ending that says nothing: better no word than a wrong one."""
    ending = PurePosixPath(urlsplit(url).path).suffix.lower()
    return reader.say(PAGE) if ending in PAGES else KINDS.get(ending, "")
