"""For machines that watch the site: is the process up, is it ready, what may be crawled."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from feedsvc.content import generation
from feedsvc.web import context

blueprint = Blueprint("ops", __name__)

CRAWLERS = """\
User-agent: *
Disallow: /admin/
Disallow: /confirm/
Disallow: /manage/
Disallow: /unsubscribe/
Sitemap: {sitemap}
"""


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
    response = _plain(CRAWLERS.format(sitemap=context.site().absolute("/sitemap.xml")))
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _plain(text: str, status: int = 200) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
