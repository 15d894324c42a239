"""What cannot be answered, in the protocol's form: status, message, and a list of errors."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, make_response, request
from werkzeug.exceptions import HTTPException

from feedsvc.errors import FeedsvcError
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


@dataclass(frozen=True)
class Trouble:
    """One thing wrong with one part of a request, for its developer; the whole body is ""."""

    field: str
    message: str


class Refused(Exception):
    """A request that is not answered: with which status, and everything that is wrong with it."""

    def __init__(self, status: int, message: str, troubles: Iterable[Trouble] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.troubles = tuple(troubles)


def meaningless(troubles: Iterable[Trouble]) -> Refused:
    return Refused(400, "The request cannot be understood; the errors say why.", troubles)


def refused(error: Refused) -> Response:
    return _answer(error.status, str(error), error.troubles)


def domain_error(error: FeedsvcError) -> Response:
    status = errors.status_of(error)
    if status == 500:
        return unexpected(error)
    return _answer(status, str(error))


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


def _answer(status: int, message: str, troubles: Iterable[Trouble] = ()) -> Response:
    """Each error is an object of a field and a message, as in the protocol's own examples."""
    told: list[dict[str, Any]] = [asdict(trouble) for trouble in troubles]
    body = {"status": status, "message": message, "errors": told or [{"message": message}]}
    return answers.respond(answers.encoded(body), status)
