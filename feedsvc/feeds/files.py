"""The documents that an entry hands out, as its feeds name them."""

from __future__ import annotations

from feedsvc import urls
from feedsvc.content.media import recognise, words
from feedsvc.content.models import Entry
from feedsvc.feeds.model import File
from feedsvc.urls import Site


def of(entry: Entry, site: Site, language: str) -> tuple[File, ...]:
    return tuple(
        File(
            site.absolute(urls.document(row.document.name)),
            recognise.KINDS[row.document.kind].media_type,
            row.document.bytes,
            words.title(row.document, language, site.languages),
            row.document.language,
        )
        for row in entry.attachments
    )
