"""For machines that watch the site: is the process up, is it ready, what may be crawled."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from feedsvc.content import generation
from feedsvc.web import context

blueprint = Blueprint("ops", __name__)

# What belongs to one person: addresses that only they know. Feeds stay open to every program.
PRIVATE = ("/confirm/", "/manage/", "/own/", "/unsubscribe/")


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers; nothing else is asked."""
    return _plain("ok\n")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers and its tables are there: traffic may come."""
    try:
        with context.db().read() as session:
            stamp = generation.current(session)
    except SQLAlchemyError:
        return _plain("the database does not answer\n", 503)
    return _plain(f"ready, generation {stamp.value}\n")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What crawlers leave alone, in each language (RFC 9309), and where the sitemap is."""
    site = context.site()
    private = [site.path(path, code) for code in site.languages for path in PRIVATE]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/admin/", *private))]
    response = _plain("\n".join([*lines, "", f"Sitemap: {site.absolute('/sitemap.xml')}", ""]))
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _plain(text: str, status: int = 200) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
