"""How public pages are answered: made once for each generation, and checked by browsers.

A page is a function of (generation, address, time). It is kept for half a minute, but never past
the generation that it shows, nor past the instant at which time itself changes a call or publishes
an entry. A browser asks every time, so that an editor sees what was just published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Never, ParamSpec

from flask import Response, abort, redirect, request
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content import addresses, generation
from feedsvc.content import rules as entry_rules
from feedsvc.content.addresses import Found, Moved
from feedsvc.content.models import Entry
from feedsvc.errors import Gone, NotFound
from feedsvc.i18n import N_
from feedsvc.web import compression, context, lasting

P = ParamSpec("P")

LIMIT = 2.0  # seconds for what a list asks of the database, whatever the query string is
LONG_ADDRESS = 300  # characters; longer ones are made for one reader and not kept
AN_HOUR = "public, max-age=3600"


@dataclass(frozen=True)
class Kept:
    """A page that was made, and how long it tells the truth."""

    generation: int
    until: datetime
    html: bytes
    tag: str


def kept(view: Callable[P, str]) -> Callable[P, Response]:
    """Answer a GET with the page that `view` makes, made again only when it may have changed."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        pages, key, now = context.runtime().pages, request.full_path, context.now()
        with context.db().read() as session:
            current = generation.current(session).value
            page = pages.get(key)
            if page is None or page.generation != current or now >= page.until:
                until = lasting.until(session, now)
                page = None
                context.settle(session)
        if page is None:
            html = view(*args, **kwargs).encode()
            page = Kept(current, until, html, hashlib.sha256(html).hexdigest()[:24])
            if len(key) <= LONG_ADDRESS:
                pages.put(key, page)
        return _response(page, now)

    return answer


def _response(page: Kept, now: datetime) -> Response:
    response = Response(page.html, mimetype="text/html")
    left = max(0, int((page.until - now).total_seconds()))
    response.headers["Cache-Control"] = f"public, max-age=0, s-maxage={left}, must-revalidate"
    response.set_etag(page.tag, weak=True)
    response.make_conditional(request)
    return compression.squeeze(response)


def moved(local_path: str, query: urls.Query | None = None) -> Never:
    """301 to another page of this language; the query string is kept unless another is given."""
    kept = list(request.args.items(multi=True)) if query is None else query
    target = context.path(urls.with_query(local_path, kept), context.feed_language())
    response = redirect(target, 301)
    response.headers["Cache-Control"] = AN_HOUR
    abort(response)


def entry_id(
    session: Session, kind: str, slug: str, *, under: str = "", extension: str = ""
) -> int:
    """The public entry at an address; an old or foreign slug redirects, with what follows it:
    `under` (`changes`) and the extension.

    Raises: NotFound (also for drafts and scheduled entries), Gone (withdrawn or deleted).
    """
    found = _resolved(session, kind, slug)
    right = slug
    if isinstance(found, Moved):
        right = found.slug
        found = _resolved(session, kind, right)
    if isinstance(found, Moved):
        raise NotFound(N_("There is no page at this address."))
    _must_be_public(session, found.id)
    if right != slug:
        page = urls.entry(kind, right) + (f"/{under}" if under else "")
        moved(urls.feed(page, extension) if extension else page)
    return found.id


def _resolved(session: Session, kind: str, slug: str) -> Found | Moved:
    language, languages = context.lang().code, context.site().languages
    return addresses.resolve_entry(session, kind, language, slug, languages=languages)


def _must_be_public(session: Session, found_id: int) -> None:
    entry = session.get(Entry, found_id)
    state = entry_rules.state(entry, context.now()) if entry else "draft"
    if state == "withdrawn":
        raise Gone(N_("This page was taken away."))
    if state != "published":
        raise NotFound(N_("There is no page at this address."))
