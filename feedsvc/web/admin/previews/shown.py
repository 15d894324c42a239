"""The page that shows an entry in one of the ways to its readers: as it is saved, or as it is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc import i18n
from feedsvc.calls.models import Call
from feedsvc.content.models import Entry
from feedsvc.content.rules import is_public
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, pages
from feedsvc.web.admin.forms.carried import Pair
from feedsvc.web.admin.kinds import Kind, address, new_address
from feedsvc.web.admin.previews import boxed, ways
from feedsvc.web.views.reader import Reader

PAGE, FEED, MAIL, CALENDAR, CARD = "page", "feed", "mail", "calendar", "card"
NAMES = {
    PAGE: N_("Page"),
    FEED: N_("Feed"),
    MAIL: N_("Mail"),
    CALENDAR: N_("Calendar"),
    CARD: N_("Picture for sharing"),
}
OF_CALLS = (CALENDAR,)
NO_CALENDAR = N_("A news item has no date ahead, so calendars hold no entry of it.")
A_WEEK_BEFORE = N_(
    "A week before its next date, to somebody who follows the call. Links of the reader’s own lead to the home page here."
)
IN_THE_DIGEST = N_(
    "In the mail of the week, to somebody who follows such a list. Links of the reader’s own lead to the home page here."
)
OVER = N_("It is cancelled or closed: nobody is reminded of it any more.")
NOT_REMINDED = N_("Nobody is reminded of this call: it has no date ahead.")


@dataclass(frozen=True)
class Typed:
    """What is not saved: the fields that were sent, and the address of their form."""

    fields: Sequence[Pair]
    to: str


def page(
    session: Session, kind: Kind, entry: Entry, *, code: str, way: str, typed: Typed | None = None
) -> Response:
    """The caller's session must not be committed afterwards: a draft is shown with today's date."""
    reader = reader_of(code)
    with session.no_autoflush:
        as_if_public(entry, reader)
        return _page(kind, entry, reader, way, typed)


def _page(kind: Kind, entry: Entry, reader: Reader, way: str, typed: Typed | None) -> Response:
    offered = [name for name in NAMES if isinstance(entry, Call) or name not in OF_CALLS]
    way = way if way in offered[1:] else FEED
    shown = _shown(way, entry, reader)
    response = pages.page(
        "previews/ways.html",
        title=context.lang().gettext(N_("Preview of “%(title)s”"), title=choices.title(entry)),
        section=kind.path,
        entry=entry,
        kind=kind,
        ways=[(name, NAMES[name]) for name in offered],
        way=way,
        language=reader.language.code,
        note="" if isinstance(entry, Call) else NO_CALENDAR,
        typed=typed,
        back=address(kind, entry.id) if typed is None else "",
        **shown,
    )
    if shown.get("html"):
        response.headers["Content-Security-Policy"] = boxed.policy(shown["html"])
    return response


def as_if_public(entry: Entry, reader: Reader) -> None:
    """With today's date, if readers do not see it."""
    if not is_public(entry, reader.now):
        entry.publish_at, entry.withdrawn_at = reader.now, None


def reader_of(code: str) -> Reader:
    """Somebody who reads that language, or the site's own."""
    settings = context.settings()
    code = code if code in settings.languages else settings.default_language
    return Reader(i18n.language(code), context.site(), context.now(), context.zone())


def form_address(kind: Kind, entry_id: int | None) -> str:
    """Where what is not saved is sent to be shown in another way."""
    return new_address(kind) if entry_id is None else address(kind, entry_id)


def saved_address(kind: Kind, entry_id: int, way: str, code: str) -> str:
    """Where what is saved is shown in that way."""
    if way == PAGE:
        return url_for(f"admin.{kind.name}_preview", entry_id=entry_id, language=code)
    return url_for("admin.previews_of", path=kind.path, entry_id=entry_id, way=way, language=code)


def _shown(way: str, entry: Entry, reader: Reader) -> Mapping[str, Any]:
    if way == MAIL:
        draft = ways.mail(entry, reader)
        return {
            "draft": draft,
            "text": ways.without_marks(draft.text, reader) if draft else "",
            "html": boxed.boxed(ways.without_marks(draft.html, reader)) if draft else "",
            "explained": _explained(entry, reader),
        }
    if way == CALENDAR and isinstance(entry, Call):
        events, source = ways.events(entry, reader), ways.calendar_source(entry, reader)
        return {"events": events, "source": source}
    return {"shown": ways.card(entry, reader) if way == CARD else ways.feed_item(entry, reader)}


def _explained(entry: Entry, reader: Reader) -> list[str]:
    """When this mail comes, and to whom."""
    if not isinstance(entry, Call):
        return [IN_THE_DIGEST]
    if ways.is_over(entry, reader):
        return [OVER]
    return [A_WEEK_BEFORE] if ways.is_reminded(entry, reader) else [NOT_REMINDED, IN_THE_DIGEST]
