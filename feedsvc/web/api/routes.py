"""The addresses of the API: list, one, search, and the document that describes them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, NotFound

from feedsvc.calls import opportunities
from feedsvc.calls.opportunities import Search
from feedsvc.errors import FeedsvcError
from feedsvc.web import compression, context
from feedsvc.web.api import answers, asked, errors, openapi, rendered
from feedsvc.web.api.answers import METHODS, READ, Json
from feedsvc.web.api.asked import Pagination
from feedsvc.web.api.errors import Refused
from feedsvc.web.views.reader import here

blueprint = Blueprint("api", __name__)
blueprint.record(answers.install)
blueprint.record(rendered.install)
blueprint.register_error_handler(Refused, errors.refused)
blueprint.register_error_handler(FeedsvcError, errors.domain_error)
blueprint.register_error_handler(HTTPException, errors.http_error)
blueprint.register_error_handler(Exception, errors.unexpected)

OPPORTUNITIES = "/common-grants/opportunities"
ANY: dict[str, Any] = {"methods": METHODS, "strict_slashes": False}
MOST_BYTES = 100_000  # of a search


@blueprint.route(OPPORTUNITIES, **ANY)
@answers.allowing(*READ)
@answers.kept
def listed() -> bytes:
    """All calls, the one that changed last first."""
    pages = asked.listing(request.args)
    return _page(Search(), pages, _success("Opportunities fetched successfully"))


@blueprint.route(f"{OPPORTUNITIES}/<uid>", **ANY)
@answers.allowing(*READ)
@answers.kept
def one(uid: str) -> bytes:
    asked.alone(request.args)
    try:
        uid = str(UUID(uid))
    except ValueError:
        raise Refused(404, "There is no opportunity with this id: it is no UUID.") from None
    with context.db().read() as session:
        ref = opportunities.by_uid(session, uid, context.now())
        if ref is not None:
            [found] = rendered.opportunities(session, [ref], here())
            return answers.around(_success("Opportunity fetched successfully"), "data", found)
        if opportunities.was_public(session, uid, context.now()):
            raise Refused(410, "This opportunity was taken away.")
    raise Refused(404, "There is no opportunity with this id.")


@blueprint.route(f"{OPPORTUNITIES}/search", **ANY)
@answers.allowing("POST")
def search() -> Response:
    """A POST that changes nothing and knows nobody: neither a token nor an origin is asked for."""
    request.max_content_length = MOST_BYTES
    wanted = asked.search(request.get_data(cache=False), request.args)
    told = {
        **_success("Opportunities searched successfully"),
        "sortInfo": wanted.sort_info,
        "filterInfo": {"filters": wanted.filters, "errors": list(wanted.filter_errors)},
    }
    response = answers.respond(_page(wanted.search, wanted.pages, told))
    return compression.squeeze(response)


@blueprint.route(openapi.PATH, **ANY)
@answers.allowing(*READ)
@answers.kept
def document() -> bytes:
    asked.alone(request.args)
    return answers.encoded(openapi.document(context.settings()))


@blueprint.route("/common-grants/<path:rest>", **ANY)
def nothing(rest: str) -> Response:  # noqa: ARG001 whatever it is, it is not here
    """What lies beside the protocol's addresses is refused in its form."""
    raise NotFound


def _page(search: Search, pages: Pagination, told: Json) -> bytes:
    """A page of calls, with what is told beside it."""
    site, code = context.site(), context.lang().code
    with context.db().read() as session:
        found = opportunities.page(
            session,
            search,
            number=pages.page,
            size=pages.size,
            languages=[code, *(other for other in site.languages if other != code)],
            now=context.now(),
        )
        items = rendered.opportunities(session, found.refs, here())
    told["paginationInfo"] = {
        "page": pages.page,
        "pageSize": pages.size,
        "totalItems": found.total,
        "totalPages": -(-found.total // pages.size),
    }
    return answers.around(told, "items", b"[%s]" % b",".join(items))


def _success(message: str) -> Json:
    return {"status": 200, "message": message}
