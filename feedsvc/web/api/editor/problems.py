"""What cannot be answered, as problem details (RFC 9457), in the language of the request.

`errors` has everything that is wrong with the body: `field` as the domain names it, `pointer` to its
place in the body (RFC 6901), `detail` as a sentence. A 412 has the changes that were not seen.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, make_response, request
from werkzeug.exceptions import HTTPException

from feedsvc.errors import FeedsvcError, Invalid, Problem, TooMany
from feedsvc.i18n import N_
from feedsvc.web import context, errors
from feedsvc.web.api import answers
from feedsvc.web.api.editor import views
from feedsvc.web.api.editor.asked import BASE
from feedsvc.web.api.editor.versions import Blind, Stale
from feedsvc.web.security import INERT_POLICY

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: N_("The request cannot be understood"),
    401: N_("There is no good token"),
    403: N_("You may not do this"),
    404: N_("There is nothing at this address"),
    405: N_("This address cannot be asked in that way"),
    409: N_("Somebody else was faster"),
    412: N_("It is not what you have seen"),
    413: N_("This is too large"),
    415: N_("This kind of body is not read here"),
    422: N_("This cannot be kept as it is"),
    428: N_("Say which version you change"),
    429: N_("Too many requests"),
    500: N_("Something went wrong on our side"),
}
NAMES = {
    400: "bad-request", 401: "unauthorised", 403: "forbidden", 404: "not-found",
    405: "method-not-allowed", 409: "conflict", 412: "stale", 413: "too-large",
    415: "unsupported-type", 422: "invalid", 428: "version-required", 429: "too-many",
    500: "failed",
}  # fmt: skip


class NoToken(FeedsvcError):
    """Nobody knows who asks: 401. `wrong` tells a token that is no good from none at all."""

    def __init__(self, message: str, *, wrong: bool) -> None:
        super().__init__(message)
        self.wrong = wrong


class WrongType(FeedsvcError):
    """A body of a kind that this address does not read: 415."""


class NoScope(FeedsvcError):
    """The token is not good for that: 403, with what it lacks."""

    def __init__(self, scopes: list[str]) -> None:
        words = N_("This token is not good for that. It lacks: %(scopes)s.")
        super().__init__(words, scopes=", ".join(scopes))
        self.scopes = scopes


class OfEntry(Invalid):
    """What an entry lacks before readers may see it: the body of the request has no place for that,
    but for what is `said` there; `place` is the entry's path."""

    def __init__(self, place: str, *problems: Problem, said: tuple[str, ...]) -> None:
        super().__init__(*problems)
        self.place, self.said = place, said


OWN = {NoToken: 401, WrongType: 415, NoScope: 403, Blind: 428, Stale: 412}


def domain_error(error: FeedsvcError) -> Response:
    own = next((OWN[kind] for kind in type(error).__mro__ if kind in OWN), None)
    status = own or errors.status_of(error)
    if status == 500:
        return unexpected(error)
    if isinstance(error, Invalid):
        return invalid(error)
    response = _problem(status, _said(error.message, error.values), **_more(error))
    for name, value in _headers(error).items():
        response.headers[name] = value
    return response


def invalid(error: Invalid) -> Response:
    """Every problem with its place: in the body that was sent, or in the entry that lacks it."""
    told = [
        {
            "field": p.field,
            "pointer": _document(error, p) + pointer(p.field),
            "detail": _said(p.message, dict(p.values)),
        }
        for p in error.problems
    ]
    detail = " ".join(one["detail"] for one in told[:1])
    return _problem(422, detail, errors=told)


def http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:
        return make_response(error.get_response())
    response = _problem(status if status in TITLES else 400)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value  # Allow, of 405
    return response


def unexpected(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _problem(500)


def pointer(field: str) -> str:
    """`key_dates.0.date` -> `#/key_dates/0/date`"""
    parts = field.split(".") if field else []
    return "#" + "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


def _document(error: Invalid, problem: Problem) -> str:
    """Where the pointer points into: nothing for the body, else the address of the entry."""
    if isinstance(error, OfEntry) and problem.field and problem.field not in error.said:
        return context.site().absolute(BASE + error.place)
    return ""


def schema() -> dict[str, Any]:
    """The schema of every problem, as far as it is the same."""
    text = {"type": "string"}
    where = {**text, "description": "Into the body, or behind an address into what is there"}
    wrong = {"type": "object", "properties": {"field": text, "pointer": where, "detail": text}}
    changes = {"type": "array", "items": views.HAPPENED.schema()}
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "errors": {"type": "array", "items": wrong},
            "changes": {**changes, "description": "412: what the sender has not seen"},
            "version": {"type": "integer", "description": "412: the version that is there"},
            "scopes": {"type": "array", "items": text, "description": "403: what the token lacks"},
        },
    }


def _more(error: FeedsvcError) -> dict[str, Any]:
    if isinstance(error, Stale):
        return {"version": error.version, "changes": error.changes}
    return {"scopes": error.scopes} if isinstance(error, NoScope) else {}


def _headers(error: FeedsvcError) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, Stale):
        return {"ETag": f'"{error.version}"'}
    if isinstance(error, NoToken):  # RFC 6750 section 3
        return {"WWW-Authenticate": "Bearer" + (' error="invalid_token"' if error.wrong else "")}
    if isinstance(error, NoScope):
        lacking = " ".join(error.scopes)
        words = f'Bearer error="insufficient_scope", scope="{lacking}"'
        return {"WWW-Authenticate": words}
    return {}


def _said(message: str, values: dict[str, object]) -> str:
    return context.lang().gettext(message, **values) if message else ""


def _problem(status: int, detail: str = "", **more: Any) -> Response:
    body = {
        "type": f"urn:feedsvc:problem:{NAMES[status]}",
        "title": context.lang().gettext(TITLES[status]),
        "status": status,
        **({"detail": detail} if detail else {}),
        **more,
    }
    response = Response(answers.encoded(body), status, mimetype=MEDIA_TYPE)
    response.headers["Content-Security-Policy"] = INERT_POLICY
    response.headers["Content-Language"] = context.lang().code
    return response


def of_field(field: str, sentence: str, **values: object) -> Invalid:
    return Invalid(Problem(field, sentence, tuple(values.items())))
