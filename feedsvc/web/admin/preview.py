"""An entry as readers will see it: the page, the feed item, and how its dates are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import make_response, request
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.calls import words
from feedsvc.calls.models import Call
from feedsvc.content.media import words as media_words
from feedsvc.content.models import Entry
from feedsvc.feeds import entries as feed_entries
from feedsvc.feeds.entries import View
from feedsvc.web import context
from feedsvc.web.admin.kinds import Kind, loaded
from feedsvc.web.admin.previews import shown
from feedsvc.web.admin.previews.shown import Typed
from feedsvc.web.admin.previews.ways import MEDIA
from feedsvc.web.context import Page
from feedsvc.web.views import call_page, cards, documents, pictures, reading
from feedsvc.web.views.reader import Reader, here

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class DateRow:
    """A key date in words, and as the instant that it means."""

    name: str
    words: str
    utc: str


def of_saved(kind: Kind, entry_id: int) -> Response:
    """The preview of what is saved."""
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id)
        return page(session, kind, entry, request.args.get("language", ""))


def page(
    session: Session,
    kind: Kind,
    entry: Entry,
    language: str,
    *,
    typed: Typed | None = None,
) -> Response:
    """The entry as if it were public now, in that language, with the way to the other ways.

    `typed` is what is not saved. The caller's session must not be committed afterwards: a draft is
    shown with today's date.
    """
    if language in context.settings().languages:
        context.speak(language)
    reader = replace(here(), media=MEDIA)
    with session.no_autoflush:
        shown.as_if_public(entry, reader)
        body = context.render(
            f"admin/{kind.path}/preview.html",
            page=Page(title=reader.text(entry).text.title, section=kind.path, index=False),
            kind=kind,
            entry=entry,
            typed=typed,
            **_feed_item(entry, reader),
            **_shown(entry, reader),
        )
    return make_response(body)


def _feed_item(entry: Entry, reader: Reader) -> dict[str, Any]:
    view = View(site=reader.site, language=reader.language.code, now=reader.now, media=MEDIA)
    item = feed_entries.entry_of(entry, view)
    # The feed's own HTML, which `markup.html` has cleaned.
    return {"item": item, "content": Markup(item.content)}  # noqa: S704


def _shown(entry: Entry, reader: Reader) -> dict[str, Any]:
    if isinstance(entry, Call):
        return {"call": call_page.call_page(entry, reader), "dates": _dates(entry, reader)}
    found = reader.text(entry)
    return {
        "news": cards.news_card(entry, reader),
        "text": found.text,
        "pieces": reading.pieces(found.text),
        "foreign": reader.foreign(found),
        "photo": pictures.whole(entry.photo, MEDIA) if entry.photo else None,
        "credit": media_words.credit(entry),
        "documents": documents.of(entry, reader),
        "dates": (),
    }


def _dates(call: Call, reader: Reader) -> list[DateRow]:
    language = reader.language
    return [
        DateRow(
            words.key_date_name(date, language),
            words.moment(date, language),
            language.instant(date.utc_at, UTC),
        )
        for date in call.key_dates
    ]
