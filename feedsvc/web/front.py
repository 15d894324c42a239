"""Answer ready feeds before Flask is entered: most requests ask for what has not changed.

A request is answered here only if it is certain that Flask would answer the same:
1. it is a GET or HEAD for an address, spelled like one that was answered before, and nobody
   opens it in a browser;
2. the feed is kept, and this very moment's generation is the one that it was made of;
3. time has not changed it since.
Everything else, and every doubt (the database does not answer), goes on to Flask.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, current_app

from feedsvc.feeds.publish import Publisher
from feedsvc.web import conditional, security
from feedsvc.web.conditional import Asked
from feedsvc.web.context import Runtime

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

GENERATION = "SELECT value FROM generation"
EXTENSION = "feedsvc.publisher"
STATUS = {status: f"{status} {HTTPStatus(status).phrase}" for status in (200, 304)}


class Front:
    """WSGI middleware around the app."""

    def __init__(
        self,
        app: WSGIApplication,
        publisher: Publisher,
        runtime: Runtime,
    ) -> None:
        self._app, self._publisher, self._clock = app, publisher, runtime.clock
        self._generation = runtime.db.watch(GENERATION)
        own = {name for name, _ in conditional.WITH_BODY}
        standard = [h for h in security.standard(runtime.settings) if h[0] not in own]
        self._added = {200: standard, 304: []}

    def __call__(self, environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        published = self._publisher.ready(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        if published is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._app(environ, respond)
        if conditional.is_window(environ.get("HTTP_SEC_FETCH_DEST")):
            return self._app(environ, respond)
        now = self._clock()
        try:
            holds = published.holds(self._generation(), now)
        except Exception:  # noqa: BLE001 whatever it was, Flask will say it to the reader
            log.warning("the generation cannot be read; feeds are answered by Flask")
            holds = False
        if not holds:
            return self._app(environ, respond)
        answer = conditional.reply(published, asked(environ), now)
        respond(STATUS[answer.status], answer.headers + self._added[answer.status])
        return [answer.body]


def install(app: Flask, runtime: Runtime) -> None:
    """Put the front before the app, and the publisher where both find it."""
    publisher = Publisher(runtime.settings)
    app.extensions[EXTENSION] = publisher
    front = Front(app.wsgi_app, publisher, runtime)
    app.wsgi_app = front  # type: ignore[method-assign,assignment]


def publisher() -> Publisher:
    found: Publisher = current_app.extensions[EXTENSION]
    return found


def asked(environ: WSGIEnvironment) -> Asked:
    """The conditions of a request."""
    get = environ.get
    return Asked(
        environ["REQUEST_METHOD"],
        get("HTTP_IF_NONE_MATCH"),
        get("HTTP_IF_MODIFIED_SINCE"),
        get("HTTP_ACCEPT_ENCODING"),
    )
