"""Stylesheets, scripts and icons. An address names its content, so that it may be kept for ever."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from feedsvc import colours
from feedsvc.web import compression, context, theme

STATIC = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"

blueprint = Blueprint("assets", __name__)


def asset(name: str) -> str:
    """The address of a static file, with a digest of what is in it."""
    return f"/static/{name}?v={_digest(name)}"


def theme_address(accent: str = "") -> str:
    """The site's colours; with `accent` (`#rrggbb`) those of a list on somebody else's site."""
    text = _theme(accent)
    own = f"accent={accent.removeprefix('#')}&" if accent else ""
    return f"/theme.css?{own}v={_short(text)}"


@blueprint.get("/static/<path:name>")
def static_file(name: str) -> Response:
    if name not in _names():
        raise NotFound
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return _kept(Response(_content(name), mimetype=mimetype), current=_digest(name))


@blueprint.get("/theme.css")
def theme_css() -> Response:
    accent = request.args.get("accent", "")
    text = _theme(f"#{accent}" if colours.is_colour(f"#{accent}") else "")
    return _kept(Response(text, mimetype="text/css"), current=_short(text))


@blueprint.get("/favicon.svg")
def favicon() -> Response:
    light = colours.readable(context.settings().accent, theme.LIGHT_PAPER)
    shape = f'<path fill="{light}" d="M2 14V8a6 6 0 1 1 6 6z"/>'
    body = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{shape}</svg>'
    response = Response(body, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = FOR_AN_HOUR
    return response


def _kept(response: Response, *, current: str) -> Response:
    # An address that names an older content must not pin the new one under the old name.
    asked = request.args.get("v")
    response.headers["Cache-Control"] = FOR_EVER if asked == current else FOR_AN_HOUR
    response.set_etag(current, weak=True)
    response.make_conditional(request)
    return compression.squeeze(response)


def _theme(accent: str = "") -> str:
    return theme.stylesheet(accent or context.settings().accent)


@cache
def _names() -> frozenset[str]:
    """The files that there are: nothing else is looked for on the disk."""
    return frozenset(
        path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()
    )


@cache
def _content(name: str) -> bytes:
    return STATIC.joinpath(name).read_bytes()


@cache
def _digest(name: str) -> str:
    return _short(_content(name))


def _short(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()[:10]
