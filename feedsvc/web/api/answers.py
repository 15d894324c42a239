"""How the API answers: one renderer of JSON, for any origin, checked by those who have a copy.

A GET is a function of (generation, address, time). Its tag is a hash of its bytes, remembered for
as long as those hold: whoever asks again with it is told 304 before anything is read or rendered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, cast

from flask import Response, current_app, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import MethodNotAllowed

from feedsvc.content import generation
from feedsvc.web import compression, context, lasting
from feedsvc.web.security import INERT_POLICY
from feedsvc.web.shelf import Shelf

P = ParamSpec("P")
Json = dict[str, Any]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
READ = ("GET", "HEAD")
LONG_ADDRESS = 300  # characters; the tags of longer ones are not remembered
MOST_TAGS = 2000
EXTENSION = "feedsvc.api.tags"
A_DAY = 86_400  # seconds for which a browser need not ask again whether it may ask


@dataclass(frozen=True)
class Known:
    """The tag of an answer, and how long it names the answer that would be given."""

    generation: int
    until: datetime
    tag: str


def install(state: BlueprintSetupState) -> None:
    state.app.extensions[EXTENSION] = Shelf(MOST_TAGS)


def allowing(*methods: str) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """The methods of a view whose route takes all of them, so that the API refuses the others.

    What a route does not take is refused by Flask, with a page.
    """
    allowed = [*methods, "OPTIONS"]

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
            if request.method == "OPTIONS":
                return _preflight(allowed)
            if request.method not in methods:
                raise MethodNotAllowed(valid_methods=allowed)
            return view(*args, **kwargs)

        return answer

    return decorate


def kept(view: Callable[P, bytes]) -> Callable[P, Response]:
    """Answer a GET with what `view` makes, or with 304 for those who have it."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        now, known = context.now(), _known()
        if known.tag and request.if_none_match.contains_weak(known.tag):
            return _checked(Response(), known, now)
        body = view(*args, **kwargs)
        tag = hashlib.sha256(body).hexdigest()[:24]
        known = Known(known.generation, known.until, tag)
        if len(request.full_path) <= LONG_ADDRESS:
            _tags().put(request.full_path, known)
        return _checked(respond(body), known, now)

    return answer


def encoded(value: Json) -> bytes:
    """The one renderer: UTF-8, no spaces, the order as it was written."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def around(value: Json, name: str, rendered: bytes) -> bytes:
    """An object with one more member, whose value is rendered already."""
    return b'%s,"%s":%s}' % (encoded(value)[:-1], name.encode(), rendered)


def respond(body: bytes, status: int = 200) -> Response:
    return _open(Response(body, status, mimetype="application/json"))


def _open(response: Response) -> Response:
    """Public, without cookies: a script of any site may read it, and nothing in it runs."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag"
    response.headers["Content-Security-Policy"] = INERT_POLICY
    return response


def _preflight(allowed: list[str]) -> Response:
    """What a browser asks before it sends JSON from another site. Keys are accepted, and ignored."""
    response = _open(Response(status=204))
    response.headers["Allow"] = ", ".join(allowed)
    response.headers["Access-Control-Allow-Methods"] = ", ".join(allowed)
    response.headers["Access-Control-Allow-Headers"] = "*, Authorization"
    response.headers["Access-Control-Max-Age"] = str(A_DAY)
    return response


def _checked(response: Response, known: Known, now: datetime) -> Response:
    left = max(0, int((known.until - now).total_seconds()))
    response = _open(response)
    response.headers["Cache-Control"] = f"public, max-age=0, s-maxage={left}, must-revalidate"
    response.set_etag(known.tag, weak=True)
    response.make_conditional(request)
    return compression.squeeze(response)


def _known() -> Known:
    """What is known of this address now; without a tag if nothing is. It reads the generation
    first: what is rendered after that is never older."""
    now = context.now()
    with context.db().read() as session:
        current = generation.current(session).value
        held = _tags().get(request.full_path)
        if held is not None and held.generation == current and now < held.until:
            return cast("Known", held)
        return Known(current, lasting.until(session, current, now), "")


def _tags() -> Shelf:
    return cast("Shelf", current_app.extensions[EXTENSION])
