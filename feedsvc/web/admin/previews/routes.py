"""Look at an entry before it is published: feed item, mail, calendar and picture, in each language.

The page itself is `preview`. All of it shows what is saved, as if it were public now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import make_response, request
from werkzeug.wrappers import Response

from feedsvc import i18n
from feedsvc.calls.models import Call
from feedsvc.content.models import Entry
from feedsvc.content.rules import is_public
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.web import context, security, share_card
from feedsvc.web.admin import choices, pages
from feedsvc.web.admin.gate import blueprint
from feedsvc.web.admin.kinds import KINDS, address, loaded
from feedsvc.web.admin.mail import MAIL_POLICY
from feedsvc.web.admin.previews import ways
from feedsvc.web.views import share_cards
from feedsvc.web.views.reader import Reader

FEED, MAIL, CALENDAR, CARD = "feed", "mail", "calendar", "card"
NAMES = {
    FEED: N_("Feed"),
    MAIL: N_("Reminder by mail"),
    CALENDAR: N_("Calendar"),
    CARD: N_("Picture for sharing"),
}
OF_CALLS = (MAIL, CALENDAR)


@blueprint.get("/<any(news,calls):path>/<int:entry_id>/previews", endpoint="previews_of")
def show(path: str, entry_id: int) -> Response:
    with _as_if_public(path, entry_id) as (entry, reader):
        offered = [way for way in NAMES if isinstance(entry, Call) or way not in OF_CALLS]
        way = request.args.get("way", "")
        way = way if way in offered else FEED
        response = pages.page(
            "previews/ways.html",
            title=context.lang().gettext(
                N_("Preview of “%(title)s”"), title=choices.title(entry)
            ),
            section=path,
            entry=entry,
            kind=KINDS[path],
            ways=[(name, NAMES[name]) for name in offered],
            way=way,
            language=reader.language.code,
            back=address(KINDS[path], entry_id),
            **_shown(way, entry, reader),
        )  # fmt: skip
    response.headers["Content-Security-Policy"] = security.PREVIEW_POLICY
    return response


@blueprint.get("/calls/<int:entry_id>/previews/mail.html", endpoint="call_preview_mail")
def mail_html(entry_id: int) -> Response:
    """The reminder as its reader sees it, in a box of its own: no script, no form, no other host."""
    with _as_if_public("calls", entry_id) as (entry, reader):
        assert isinstance(entry, Call)
        draft = ways.reminder(entry, reader)
        if draft is None:
            raise NotFound(N_("Nobody is reminded of this call: it has no date ahead."))
        html = ways.without_marks(draft.html, reader)
    response = make_response(html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.get("/<any(news,calls):path>/<int:entry_id>/previews/card.png", endpoint="preview_card")
def card(path: str, entry_id: int) -> Response:
    with _as_if_public(path, entry_id) as (entry, reader):
        drawn = share_cards.card_of(entry, reader)
    response = make_response(share_card.draw(drawn))
    response.headers["Content-Type"] = "image/png"
    response.headers["Content-Security-Policy"] = security.INERT_POLICY
    return response


def _shown(way: str, entry: Entry, reader: Reader) -> Mapping[str, Any]:
    if way == FEED:
        return {"shown": ways.feed_item(entry, reader)}
    if way == CARD:
        return {"shown": share_cards.card_of(entry, reader)}
    assert isinstance(entry, Call)
    if way == CALENDAR:
        return {
            "events": ways.events(entry, reader),
            "source": ways.calendar_source(entry, reader),
        }
    draft = ways.reminder(entry, reader)
    return {"draft": draft, "text": ways.without_marks(draft.text, reader) if draft else ""}


@contextmanager
def _as_if_public(path: str, entry_id: int) -> Iterator[tuple[Entry, Reader]]:
    """The entry as if it were public now, and a reader of the language that is asked for."""
    settings, now = context.settings(), context.now()
    code = request.args.get("language", "")
    code = code if code in settings.languages else settings.default_language
    reader = Reader(i18n.language(code), context.site(), now, context.zone())
    with context.db().read() as session, session.no_autoflush:
        entry = loaded(session, KINDS[path], entry_id)
        if not is_public(entry, now):
            entry.publish_at, entry.withdrawn_at = now, None
        yield entry, reader
        session.rollback()
