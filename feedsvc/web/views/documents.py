"""The documents of a call: what kind of file each is, by its address, and how large. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

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


def links(documents: list[dict[str, Any]], reader: Reader) -> tuple[DocumentLink, ...]:
    return tuple(_link(document, reader) for document in documents)


def _link(document: Mapping[str, Any], reader: Reader) -> DocumentLink:
    size = document.get("size")
    parts = [_kind(document["url"], reader), reader.language.size(size) if size else ""]
    return DocumentLink(document["title"], document["url"], ", ".join(filter(None, parts)))


def _kind(url: str, reader: Reader) -> str:
    """Empty for an ending that says nothing: better no word than a wrong one."""
    ending = PurePosixPath(urlsplit(url).path).suffix.lower()
    return reader.say(PAGE) if ending in PAGES else KINDS.get(ending, "")
