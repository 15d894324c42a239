"""News in the admin."""

from __future__ import annotations

from werkzeug.wrappers import Response

from feedsvc.web.admin import editing, preview
from feedsvc.web.admin.gate import blueprint
from feedsvc.web.admin.kinds import NEWS
from feedsvc.web.admin.listing import listed


@blueprint.get("/news/", endpoint="news")
def index() -> Response:
    return listed.respond(NEWS)


@blueprint.route("/news/new", methods=["GET", "POST"], endpoint="news_new")
def create() -> Response:
    return editing.respond(NEWS, None)


@blueprint.route("/news/<int:entry_id>", methods=["GET", "POST"], endpoint="news_edit")
def edit(entry_id: int) -> Response:
    return editing.respond(NEWS, entry_id)


@blueprint.get("/news/<int:entry_id>/preview", endpoint="news_preview")
def saved_preview(entry_id: int) -> Response:
    return preview.of_saved(NEWS, entry_id)
