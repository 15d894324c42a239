"""The routes of the API, made of its operations, and the one way in which all are answered.

1. `gate` asks who it is and what they may; 2. one transaction: the row, the view, the answer that is
kept for who asks twice; 3. JSON, after what is done outside the transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from feedsvc.auth.access import answers as kept
from feedsvc.auth.access.models import KeptAnswer
from feedsvc.auth.access.queries import Caller
from feedsvc.errors import FeedsvcError
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.api import answers
from feedsvc.web.api.answers import METHODS, READ
from feedsvc.web.api.editor import gate, openapi, problems
from feedsvc.web.api.editor.asked import Answer, Asked
from feedsvc.web.api.editor.operation import Operation
from feedsvc.web.api.editor.operations import OPERATIONS
from feedsvc.web.api.editor.problems import of_field
from feedsvc.web.security import INERT_POLICY

BASE = openapi.BASE
REPEATED = "Idempotency-Replayed"

blueprint = Blueprint("editor_api", __name__, url_prefix=BASE)
blueprint.register_error_handler(FeedsvcError, problems.domain_error)
blueprint.register_error_handler(HTTPException, problems.http_error)
blueprint.register_error_handler(Exception, problems.unexpected)


@blueprint.before_request
def speak() -> None:
    """Sentences are in the language that the program asks for: of `fr-LU`, French."""
    languages = context.settings().languages
    asked = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    context.speak(next((code for code in asked if code in languages), languages[0]))


def respond(operation: Operation, path: dict[str, str]) -> Response:
    who = gate.caller()
    gate.check(operation, who)
    asked = gate.asked(operation, who, path)
    if not operation.writes:
        with context.db().read() as session:
            return _response(operation.view(session, gate.found(session, operation, asked)))
    once = _once(operation, who, asked)
    with context.db().begin() as session:
        asked = gate.found(session, operation, asked)
        if once is not None and (said := kept.given(session, once, now=asked.now)):
            return _said_again(said)
        answer = operation.view(session, asked)
        response = _response(answer)
        if once is not None:
            _keep(session, once, response, asked)
    if answer.afterwards is not None:
        answer.afterwards(context.db())
    return response


def _once(operation: Operation, who: Caller, asked: Asked) -> kept.Request | None:
    """The request by the key that its sender gave it, if they gave it one. Raises: Invalid."""
    key = request.headers.get(kept.HEADER, "").strip().strip('"')
    if kept.HEADER not in request.headers:
        return None
    if operation.method != "POST":
        raise of_field(kept.HEADER, N_("Only a POST takes a key: others may be repeated as it is."))
    if not (key.isascii() and key.isprintable() and 1 <= len(key) <= kept.LONGEST_KEY):
        words = N_("Write a key of 1 to %(most)s letters and figures.")
        raise of_field(kept.HEADER, words, most=kept.LONGEST_KEY)
    whole = answers.encoded({"path": request.path, "body": asked.body}) + asked.data
    return kept.Request(who.token_id, key, hashlib.sha256(whole).hexdigest())


def _keep(session: Session, once: kept.Request, response: Response, asked: Asked) -> None:
    names = ("ETag", "Location")
    headers = {name: response.headers[name] for name in names if name in response.headers}
    kept.keep(
        session, once, status=response.status_code, headers=headers,
        body=response.get_data(as_text=True), now=asked.now,
    )  # fmt: skip


def _said_again(said: KeptAnswer) -> Response:
    response = _json(said.body.encode(), said.status)
    response.headers.update(said.headers)
    response.headers[REPEATED] = "true"
    return response


def _response(answer: Answer) -> Response:
    body = b"" if answer.body is None else answers.encoded(answer.body)
    response = _json(body, answer.status)
    if answer.version is not None:
        response.headers["ETag"] = f'"{answer.version}"'
    if answer.place:
        response.headers["Location"] = context.site().absolute(BASE + answer.place)
    return response


def _json(body: bytes, status: int) -> Response:
    """For its caller alone: never stored (security adds `no-store`), and nothing in it runs."""
    response = Response(body, status, mimetype="application/json")
    response.headers["Content-Security-Policy"] = INERT_POLICY
    return response


def _view(path: str) -> Callable[..., Response]:
    """What answers a path: the operation of its method, or 405 with those that there are."""
    here = {operation.method: operation for operation in OPERATIONS if operation.path == path}

    def view(**args: str) -> Response:
        operation = here.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            raise MethodNotAllowed(valid_methods=[*here, *(["HEAD"] if "GET" in here else [])])
        return respond(operation, args)

    return view


ANY: dict[str, Any] = {"methods": METHODS, "strict_slashes": False}
PATHS = tuple(dict.fromkeys(operation.path for operation in OPERATIONS))
for number, place in enumerate(PATHS):
    rule = place.replace("{", "<").replace("}", ">")
    blueprint.add_url_rule(rule, f"path_{number}", _view(place), **ANY)


@blueprint.route(openapi.DOCUMENT, **ANY)
def document() -> Response:
    """Public: it holds nothing of anybody."""
    if request.method not in READ:
        raise MethodNotAllowed(valid_methods=list(READ))
    return _json(answers.encoded(openapi.document(context.settings())), 200)


@blueprint.route("/<path:rest>", **ANY)
def nothing(rest: str) -> Response:  # noqa: ARG001 whatever it is, it is not here
    raise NotFound
