"""Pictures: uploaded photos, and the generated covers of news without one."""

from __future__ import annotations

from flask import Blueprint, Response, send_from_directory
from werkzeug.exceptions import NotFound

from feedsvc.web import context, security
from feedsvc.web.assets import FOR_EVER
from feedsvc.web.views import covers

blueprint = Blueprint("media", __name__)

KINDS = {".webp": "image/webp"}  # photos are kept as nothing else


@blueprint.get("/media/<name>")
def media(name: str) -> Response:
    """A photo; its name is the digest of its content."""
    mimetype = next((kind for ending, kind in KINDS.items() if name.endswith(ending)), None)
    if mimetype is None:
        raise NotFound
    folder = context.settings().media_path
    return _inert(send_from_directory(folder, name, mimetype=mimetype, conditional=True))


@blueprint.get("/covers/<hex:colour>-<hex:seed>.svg")
def cover(colour: str, seed: str) -> Response:
    """A drawing that is made of its address alone."""
    if len(colour) != 6 or len(seed) != 8:
        raise NotFound
    return _inert(Response(covers.draw(f"#{colour}", seed), mimetype="image/svg+xml"))


def _inert(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = security.INERT_POLICY
    response.headers["Cache-Control"] = FOR_EVER
    return response
