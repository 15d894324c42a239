"""Pictures and documents of what readers see, and the generated covers of news without a photo.

A file is public for as long as an entry that has it is. What drafts have is had in the admin only,
at other addresses: the same address never says two things, whoever stands between.
"""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from feedsvc.content.media import queries, sight
from feedsvc.web import context, handing_out, security
from feedsvc.web.assets import FOR_AN_HOUR, FOR_EVER
from feedsvc.web.views import covers

blueprint = Blueprint("media", __name__)


@blueprint.get("/media/<name>")
def media(name: str) -> Response:
    """A photo, or a copy of it, that an entry shows; or the logo of the site."""
    if name and name == context.settings().logo:
        return _for_an_hour(handing_out.picture(name))
    logo = handing_out.logo(name)
    if logo is not None:
        return _for_an_hour(logo)
    with context.db().read() as session:
        photo = queries.photo_of_file(session, name)
        if photo is None or not sight.is_public_photo(session, photo.id, context.now()):
            raise NotFound
    return _for_an_hour(handing_out.picture(name))


@blueprint.get("/documents/<name>")
def document(name: str) -> Response:
    """A document that an entry hands out."""
    with context.db().read() as session:
        found = queries.document_of_file(session, name)
        if found is None or not sight.is_public_document(session, found.id, context.now()):
            raise NotFound
    return _for_an_hour(handing_out.document(found))


@blueprint.get("/covers/<hex:colour>-<hex:seed>.svg")
def cover(colour: str, seed: str) -> Response:
    """A drawing that is made of its address alone."""
    if len(colour) != 6 or len(seed) != 8:
        raise NotFound
    response = Response(covers.draw(f"#{colour}", seed), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = security.INERT_POLICY
    response.headers["Cache-Control"] = FOR_EVER
    return response


def _for_an_hour(response: Response) -> Response:
    """Kept no longer: what is withdrawn goes from between as well. Then the tag is enough."""
    response.headers["Cache-Control"] = FOR_AN_HOUR
    return response
