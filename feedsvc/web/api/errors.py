"""What cannot be answered, in the protocol's form: status, message, and a list of errors."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from flask import Response, make_response, request
from werkzeug.exceptions import HTTPException

from feedsvc.errors import BadRequest, FeedsvcError, Problem
from feedsvc.web import errors
from feedsvc.web.api import answers

log = logging.getLogger(__name__)

SENTENCES = {
    400: "The request cannot be understood.",
    404: "There is nothing at this address. The addresses are in /api/openapi.json.",
    405: "This address cannot be asked in that way.",
    413: "The request is too large.",
    500: "Something went wrong on our side. Try again in a few minutes.",
}


class Refused(BadRequest):
    """A request with something wrong in it; every problem is named with its field."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("The request cannot be understood; the errors say why.")
        self.problems = tuple(problems)


def domain_error(error: FeedsvcError) -> Response:
    status = errors.status_of(error)
    if status == 500:
        return unexpected(error)
    problems = error.problems if isinstance(error, Refused) else ()
    return _answer(status, str(error), problems)


def http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:
        return make_response(error.get_response())
    response = _answer(status, SENTENCES.get(status) or error.name)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value  # Allow, of 405
    return response


def unexpected(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _answer(500, SENTENCES[500])


def _answer(status: int, message: str, problems: Iterable[Problem] = ()) -> Response:
    """Each error is an object of a field and a message, as in the protocol's own examples."""
    told: list[dict[str, Any]] = [{"field": p.field, "message": str(p)} for p in problems]
    body = {"status": status, "message": message, "errors": told or [{"message": message}]}
    return answers.respond(answers.encoded(body), status)
