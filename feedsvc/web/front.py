"""Answer ready feeds and pages before Flask is entered: most requests ask for what has not changed.

A request is answered here only if it is certain that Flask would answer the same:
1. it is a GET or HEAD for an address, spelled like one that was answered before, and if it is a
   feed nobody opens it in a browser;
2. what is there is kept, and this very moment's generation is the one that it was made of;
3. time has not changed it since.
What was answered is answered again to who asks the same in the same second and generation.
Everything else, and every doubt (the database does not answer), goes on to Flask.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask, current_app

from feedsvc.feeds.publish import Published, Publisher
from feedsvc.web import conditional, paged, security
from feedsvc.web.conditional import Answer, Asked
from feedsvc.web.context import Runtime
from feedsvc.web.counting import LONGEST_AGENT
from feedsvc.web.paged import Kept

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

EXTENSION = "feedsvc.publisher"
MOST_ANSWERS = 500  # kept for a second; each may hold a long header that somebody sent
# Path, query string, method, whether somebody opens it in a browser, and the three headers that
# decide: all that an answer depends on.
Request = tuple[str, str, str, bool, str | None, str | None, str | None]
STATUS = {status: f"{status} {HTTPStatus(status).phrase}" for status in (200, 304)}


class Given(NamedTuple):
    """An answer, and whether it is a feed's: polls are counted, visits of pages are not."""

    answer: Answer
    is_feed: bool


class Moment:
    """A second of one generation: in it, equal requests have equal answers."""

    def __init__(self, now: datetime, generation: int) -> None:
        self.now, self.generation = now, generation
        self.answers: dict[Request, Given] = {}


class Front:
    """WSGI middleware around the app. What it is made of may be called from any thread."""

    def __init__(self, app: WSGIApplication, publisher: Publisher, runtime: Runtime) -> None:
        self._app, self._publisher, self._clock = app, publisher, runtime.clock
        self._pages = runtime.pages
        self._generation = runtime.present.generation
        self.count = runtime.counted.polls.add  # under a microsecond
        self._moment = Moment(runtime.clock(), -1)
        own = {name for name, _ in conditional.WITH_BODY}
        self._with_page = security.standard(runtime.settings)
        self._with_feed = [header for header in self._with_page if header[0] not in own]

    def __call__(self, environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        get = environ.get
        request: Request = (
            environ["PATH_INFO"], get("QUERY_STRING", ""), environ["REQUEST_METHOD"],
            conditional.is_window(get("HTTP_SEC_FETCH_DEST")), get("HTTP_IF_NONE_MATCH"),
            get("HTTP_IF_MODIFIED_SINCE"), get("HTTP_ACCEPT_ENCODING"),
        )  # fmt: skip
        moment = self.present() if self.may_answer(request) else None
        given = self.given(request, moment) if moment is not None else None
        if given is None:
            return self._app(environ, respond)
        answer = given.answer
        if given.is_feed:
            self.count((request[0], get("HTTP_USER_AGENT", "")[:LONGEST_AGENT]))
        respond(STATUS[answer.status], [*answer.headers])  # a copy: a server may add to it
        return [answer.body]

    def may_answer(self, request: Request) -> bool:
        """Whether something is kept that may still hold."""
        return request in self._moment.answers or self._ready(request) is not None

    def given(self, request: Request, moment: Moment) -> Given | None:
        """The answer from what is ready; None if that is for Flask to give."""
        return moment.answers.get(request) or self._made(request, moment)

    def present(self) -> Moment | None:
        """The present moment; the database may be asked. None if it does not answer."""
        now = self._clock()  # before the generation: never after
        try:
            return self._at(now, self._generation())
        except Exception:  # noqa: BLE001 whatever it was, Flask will say it to the reader
            log.warning("the generation cannot be read; feeds are answered by Flask")
            return None

    def known(self) -> Moment | None:
        """The present moment, if that can be said without asking."""
        now, generation = self._clock(), self._generation.known()
        return None if generation is None else self._at(now, generation)

    def _at(self, now: datetime, generation: int) -> Moment:
        moment = self._moment
        if moment.generation != generation or moment.now != now:
            moment = self._moment = Moment(now, generation)
        return moment

    def _ready(self, request: Request) -> Published | Kept | None:
        path, query, _, is_window, *_ = request
        feed = None if is_window else self._publisher.ready(path, query)
        if feed is not None:
            return feed
        if "?" in path or not (path + query).isascii():  # spelled alike, and another address
            return None
        page: Kept | None = self._pages.get(f"{path}?{query}")
        return page if page is not None and page.whole else None

    def _made(self, request: Request, moment: Moment) -> Given | None:
        method, conditions = request[2], request[4:]
        found = self._ready(request)
        if found is None or method not in ("GET", "HEAD"):
            return None
        if not found.holds(moment.generation, moment.now):
            return None
        asked = Asked(method, *conditions)
        if isinstance(found, Kept):
            answer, added = paged.reply(found, asked, moment.now), self._with_page
        else:
            answer, added = conditional.reply(found, asked, moment.now), self._with_feed
        if answer.status == 200:
            answer.headers.extend(added)
        given = Given(answer, isinstance(found, Published))
        if len(moment.answers) < MOST_ANSWERS:
            moment.answers[request] = given
        return given


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
