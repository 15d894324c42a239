"""The pictures of calls and news for where their links are shared."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, request

from feedsvc import urls
from feedsvc.content.models import Entry
from feedsvc.web import context, security, share_card
from feedsvc.web.public import answers
from feedsvc.web.views import pictures, share_cards
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("share_cards", __name__)


@blueprint.get("/calls/<slug:slug>/card.png")
def of_call(slug: str) -> Response:
    return _picture("call", slug)


@blueprint.get("/news/<slug:slug>/card.png")
def of_news(slug: str) -> Response:
    return _picture("news", slug)


def address(entry: Entry, reader: Reader) -> str:
    """The absolute address of what stands for an entry: its photo, else its card.

    The revision lets whoever keeps pictures for long ask for the new one after a change.
    """
    if entry.photo is not None:
        return reader.site.absolute(pictures.shared(entry.photo, reader.media))
    local = urls.share_card(entry.kind, reader.text(entry).text.slug)
    return reader.absolute(urls.with_query(local, [("v", str(entry.revision))]))


def _picture(kind: str, slug: str) -> Response:
    reader = here()
    with context.db().read() as session:
        found = answers.entry_id(session, kind, slug, under="card", extension="png")
        card = share_cards.card_of(session.get_one(Entry, found), reader)
    data = share_card.draw(card)
    response = Response(data, mimetype="image/png")
    response.headers["Content-Security-Policy"] = security.INERT_POLICY
    response.headers["Cache-Control"] = answers.AN_HOUR
    response.set_etag(hashlib.sha256(data).hexdigest()[:24])
    response.make_conditional(request)
    return response
