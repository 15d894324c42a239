"""What a picture or a document is called for a reader. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedsvc.content.media.models import Document, Photo
    from feedsvc.content.models import Entry, Translation


def alt(entry: Entry, text: Translation) -> str:
    """What the photo of an entry shows: as the entry says it, else as the library does."""
    if entry.photo is None:
        return ""
    return text.photo_alt or described(entry.photo, text.language)


def described(photo: Photo, language: str) -> str:
    """The library's own words in that language; empty for a photo that only decorates."""
    return next((text.alt for text in photo.texts if text.language == language), "")


def credit(entry: Entry) -> str:
    """Who made the photo of an entry."""
    return entry.photo_credit or (entry.photo.credit if entry.photo else "")


def title(document: Document, language: str, languages: Sequence[str]) -> str:
    """The title in that language, else in the document's own, else in another of the site's."""
    titles = {text.language: text.title for text in document.texts}
    for code in (language, document.language, *languages, *sorted(titles)):
        if code in titles:
            return titles[code]
    return document.label.rpartition(".")[0] or document.label or document.name
