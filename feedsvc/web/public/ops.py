"""For machines that watch the site: is the process up, is it ready, what may be crawled."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.reminders import health
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
    """Whether the service keeps its promise: a line for each check, 503 if one is not well."""
    return _verdict(health.CHECKS)


@blueprint.get("/readyz/<check>")
def readyz_check(check: str) -> Response:
    """One of the checks alone; `database` is what a web server needs to answer readers."""
    if check not in health.CHECKS:
        raise NotFound(N_("There is no check of this name."))
    return _verdict((check,))


def _verdict(names: Collection[str]) -> Response:
    try:
        with context.db().read() as session:
            found = health.checks(session, context.settings(), context.now())
    except SQLAlchemyError:
        return _plain("NOT OK  database: it does not answer\n", 503)
    asked = [check for check in found if check.name in names]
    well = all(check.well for check in asked)
    return _plain("".join(f"{check}\n" for check in asked), 200 if well else 503)


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
