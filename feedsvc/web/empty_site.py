"""Lead whoever comes to an empty installation to the form that sets it up.

As long as there is no account, the admin and the front page (while nothing is published either)
lead there; everything else answers as ever. Once there is one, nothing is asked any more.
"""

from __future__ import annotations

from flask import Flask, current_app, redirect, request, url_for
from sqlalchemy import exists, select
from werkzeug.wrappers import Response

from feedsvc.content.models import Entry
from feedsvc.house import first_visit
from feedsvc.web import context

EXTENSION = "feedsvc.set_up"
STAY = ("admin.setup", "admin.language")


def install(app: Flask) -> None:
    app.before_request(_lead)


def _lead() -> Response | None:
    if EXTENSION in current_app.extensions:
        return None
    endpoint = str(request.endpoint)
    in_admin = endpoint.startswith("admin.")
    if endpoint in STAY or not (in_admin or endpoint.startswith("home")):
        return None
    with context.db().read() as session:
        if not first_visit.is_open(session):
            current_app.extensions[EXTENSION] = True  # accounts are never deleted
            return None
        if not in_admin and session.scalar(select(exists().where(Entry.id.is_not(None)))):
            return None
    response = redirect(url_for("admin.setup"), 303)
    response.headers["Cache-Control"] = "no-store"
    return response
