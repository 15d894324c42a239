"""Look at an entry before it is published: feed item, mail, calendar and picture, in each language.

The page itself is `preview`. This shows what is saved; what is not comes with the form (`editing`).
"""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from feedsvc.web import context
from feedsvc.web.admin.gate import blueprint
from feedsvc.web.admin.kinds import KINDS, loaded
from feedsvc.web.admin.previews import shown


@blueprint.context_processor
def helpers() -> dict[str, object]:
    return {"preview_address": shown.saved_address}


@blueprint.get("/<any(news,calls):path>/<int:entry_id>/previews", endpoint="previews_of")
def show(path: str, entry_id: int) -> Response:
    kind, asked = KINDS[path], request.args
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id)
        way, code = asked.get("way", ""), asked.get("language", "")
        response = shown.page(session, kind, entry, code=code, way=way)
        session.rollback()
        return response
