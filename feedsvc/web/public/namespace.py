"""The namespace of deadlines, at an address that leads somewhere: its page and its schema.

The name itself is `urn:feedsvc:call:1.0` on every installation (docs/decisions/0012 and 0015).
"""

from __future__ import annotations

import hashlib
from functools import cache

from flask import Blueprint, Response, request

from feedsvc.feeds import vocabulary
from feedsvc.feeds.extension import CALL
from feedsvc.i18n import N_
from feedsvc.web import compression, context
from feedsvc.web.context import Page
from feedsvc.web.public import answers
from feedsvc.web.views.reader import here

pages = Blueprint("namespace", __name__, template_folder="templates")
schema = Blueprint("schema", __name__)

A_DAY = "public, max-age=86400"


@pages.get(vocabulary.PATH)
@answers.kept
def namespace() -> str:
    reader = here()
    page = Page(
        title=reader.say(N_("Calls for projects in feeds")),
        path=vocabulary.PATH,
        description=reader.say(
            N_("Deadlines, funding and status of calls as programs read them in RSS, Atom and JSON Feed.")
        ),
        section="feeds",
    )  # fmt: skip
    return context.render(
        "public/namespace.html",
        page=page,
        name=CALL,
        elements=vocabulary.ELEMENTS,
        example=vocabulary.EXAMPLE,
        json_example=vocabulary.JSON_EXAMPLE % {"about": reader.absolute(vocabulary.PATH)},
        schema=reader.site.absolute(vocabulary.SCHEMA_PATH),
    )


@schema.get(vocabulary.SCHEMA_PATH)
def xsd() -> Response:
    """The XML Schema: it changes with the software only, and never in what it already says."""
    data = _schema()
    response = Response(data, mimetype=vocabulary.SCHEMA_TYPE)
    response.headers["Cache-Control"] = A_DAY
    response.set_etag(hashlib.sha256(data).hexdigest()[:24], weak=True)
    response.make_conditional(request)
    return compression.squeeze(response)


@cache
def _schema() -> bytes:
    return vocabulary.SCHEMA.read_bytes()
