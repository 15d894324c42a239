"""JSON Feed 1.1 (jsonfeed.org/version/1.1). Pure.

A call's facts are in `_call`, by the names of the XML namespace that it names; `about` explains them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from feedsvc.feeds.extension import CALL, date_values, money_values
from feedsvc.feeds.fragments import Fragment, Frame
from feedsvc.feeds.model import FeedCall, FeedEntry, FeedHead, File
from feedsvc.markup import clean

MEDIA_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"
HISTORY = "https://www.rfc-editor.org/rfc/rfc5005"
HISTORY_LINKS = ("first", "previous", "current", "prev-archive", "next-archive")


def fragment(entry: FeedEntry) -> Fragment:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.content,
        "summary": entry.summary,
        "image": entry.image.url if entry.image else "",
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "tags": [category.label for category in entry.categories],
        "language": entry.language,
    }
    attachments = _files(entry.files)
    if entry.call:
        item["_call"] = _call(entry.call)
        attachments += _calendar(entry.call)
    item["attachments"] = attachments
    return Fragment(_dumped(_without_empty(item)))


def frame(head: FeedHead, _fragments: Sequence[Fragment]) -> Frame:
    top = {
        "version": VERSION,
        "title": head.title,
        "description": head.description,
        "home_page_url": head.page_url,
        "feed_url": head.self_url,
        "icon": head.logo.square_url if head.logo else "",
        "next_url": head.link("next"),
        "language": head.language,
        "authors": [{"name": head.site_name, "url": head.site_url}],
        "hubs": [{"type": "WebSub", "url": head.link("hub")}] if head.link("hub") else [],
        "_history": _history(head),
    }
    return Frame(_dumped(_without_empty(top))[:-1] + b',"items":[\n', b"\n]}\n", b",\n")


def _history(head: FeedHead) -> dict[str, Any]:
    """What RFC 5005 says in the other formats, by its names."""
    links = {
        link.rel.replace("-", "_"): link.href for link in head.links if link.rel in HISTORY_LINKS
    }
    marks = {"complete": head.is_complete, "archive": head.is_archive}
    said = {**links, **_without_empty(marks)}
    return {"about": HISTORY, **said} if said else {}


def _call(call: FeedCall) -> dict[str, Any]:
    return _without_empty(
        {
            "about": call.about,
            "namespace": CALL,
            "status": call.status,
            "model": call.model,
            "reference": call.reference,
            "series": call.series,
            "edition": call.edition,
            "funders": list(call.funders),
            "programme": call.programme,
            "opens": date_values(call.opens) if call.opens else {},
            "deadlines": [{"stage": d.type, **date_values(d)} for d in call.deadlines],
            **money_values(call),
            "applyLink": call.apply_url,
        }
    )


def _files(files: Sequence[File]) -> list[dict[str, Any]]:
    return [
        {
            "url": file.url,
            "mime_type": file.media_type,
            "title": file.title,
            "size_in_bytes": file.size,
        }
        for file in files
    ]


def _calendar(call: FeedCall) -> list[dict[str, Any]]:
    if not call.calendar_url:
        return []
    return [{"url": call.calendar_url, "mime_type": "text/calendar"}]


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _dumped(value: dict[str, Any]) -> bytes:
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()
