"""The panel beside a form, live: a script sends the form as it stands, and nothing is written."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from feedsvc.web import context
from feedsvc.web.admin.beside import panel
from feedsvc.web.admin.gate import blueprint
from feedsvc.web.admin.kinds import CALL, NEWS, Kind, loaded


@blueprint.post("/news/new/beside", endpoint="news_new_beside")
def of_new_news() -> Response:
    return _panel(NEWS, None)


@blueprint.post("/calls/new/beside", endpoint="call_new_beside")
def of_new_call() -> Response:
    return _panel(CALL, None)


@blueprint.post("/news/<int:entry_id>/beside", endpoint="news_beside")
def of_news(entry_id: int) -> Response:
    return _panel(NEWS, entry_id)


@blueprint.post("/calls/<int:entry_id>/beside", endpoint="call_beside")
def of_call(entry_id: int) -> Response:
    return _panel(CALL, entry_id)


def _panel(kind: Kind, entry_id: int | None) -> Response:
    form = kind.form(request.form)
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id) if entry_id is not None else None
        beside = panel.of(session, form, entry)
        return Response(
            render_template("admin/beside/panel.html", beside=beside), mimetype="text/html"
        )
