"""Errors as pages: the one table that turns the domain's words into statuses and sentences."""

from __future__ import annotations

import logging

from flask import Flask, Response, make_response, request
from werkzeug.exceptions import HTTPException

from feedsvc.errors import (
    BadRequest,
    Conflict,
    FeedsvcError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    TooMany,
    TooSlow,
)
from feedsvc.i18n import N_
from feedsvc.tokens import BadToken, ExpiredToken
from feedsvc.web import context
from feedsvc.web.context import Page

log = logging.getLogger(__name__)

STATUS: dict[type[FeedsvcError], int] = {
    BadRequest: 400,
    BadToken: 400,
    ExpiredToken: 410,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    Invalid: 422,
    TooMany: 429,
    TooSlow: 503,
}
TITLES = {
    400: N_("This address asks for something that does not exist"),
    401: N_("Sign in first"),
    403: N_("You may not do this"),
    404: N_("This page is not here"),
    405: N_("This page cannot be used like that"),
    409: N_("Somebody else was faster"),
    410: N_("This page was taken away"),
    413: N_("This is too large"),
    422: N_("This cannot be kept as it is"),
    429: N_("Too many attempts"),
    500: N_("Something went wrong on our side"),
    503: N_("This takes too long"),
}
SENTENCES = {
    400: N_("The request cannot be understood. Check the address."),
    404: N_("The address may be mistyped, or the page has moved. Search for it:"),
    405: N_("Go back and use the links and buttons of the page."),
    413: N_("Choose a smaller file."),
    503: N_("Ask for less at once, or try again in a minute."),
    500: N_("It has been noted. Try again in a few minutes."),
}


def install(app: Flask) -> None:
    app.register_error_handler(FeedsvcError, domain_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected)


def status_of(error: FeedsvcError) -> int:
    """The HTTP status of a domain error: that of the nearest class in the table."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def domain_error(error: FeedsvcError) -> Response:
    status = status_of(error)
    if status == 500:
        return unexpected(error)
    said = context.lang().gettext(error.message, **error.values) if error.message else ""
    response = error_page(status, said)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())  # a redirect, or a ready answer
    response = error_page(error.code or 500)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def unexpected(error: Exception) -> Response:
    log.error("%s %s failed", request.method, _loggable_path(), exc_info=error)
    return error_page(500)


def _loggable_path() -> str:
    """A token in a path is a right to act, which no log may hold: then the route is named."""
    has_token = "token" in (request.view_args or {})
    return request.url_rule.rule if request.url_rule and has_token else request.path


def error_page(status: int, sentence: str = "") -> Response:
    """A page in words. It asks no database: that may be what has failed."""
    say = context.lang().gettext
    title = say(TITLES.get(status, TITLES[400 if status < 500 else 500]))
    page = Page(title=title, path=context.local_path(), index=False)
    sentence = sentence or say(SENTENCES.get(status, ""))
    body = context.render(
        "errors/error.html", page=page, status=status, sentence=sentence, offer_search=status != 500
    )
    response = make_response(body, status)
    response.headers["Cache-Control"] = "no-store"
    return response
