"""How public pages are answered: made once for each generation, and checked by browsers.

A page is a function of (generation, address, time). It is kept for half a minute, but never past
the generation that it shows, nor past the instant at which time itself changes a call or publishes
an entry. A browser asks every time, so that an editor sees what was just published; while the page is
kept, the front (`web.front`) answers before Flask is entered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
from feedsvc.web import context, front, lasting, paged
from feedsvc.web.paged import Kept

P = ParamSpec("P")

LIMIT = 2.0  # seconds for what a list asks of the database, whatever the query string is
LONG_ADDRESS = 300  # characters; longer ones are made for one reader and not kept
AN_HOUR = "public, max-age=3600"


def kept(view: Callable[P, str]) -> Callable[P, Response]:
    """Answer a GET with the page that `view` makes, made again only when it may have changed.

    Who changes the answer afterwards takes `kept_in_part`: the front would not know of it.
    """
    return _keeping(view, whole=True)


def kept_in_part(view: Callable[P, str]) -> Callable[P, Response]:
    """As `kept`, for a view whose answer is given headers of its own."""
    return _keeping(view, whole=False)


def _keeping(view: Callable[P, str], *, whole: bool) -> Callable[P, Response]:
    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        pages, key, now = context.runtime().pages, request.full_path, context.now()
        with context.db().read() as session:
            current = generation.current(session).value
            page: Kept | None = pages.get(key)
            if page is None or not page.holds(current, now):
                page = None
                context.settle(session)
                until = lasting.until(session, current, now)
        if page is None:
            page = paged.made(view(*args, **kwargs).encode(), current, until, whole=whole)
            if len(key) <= LONG_ADDRESS:
                pages.put(key, page)
        # Flask itself leaves the body out where only the head was asked for.
        found = paged.reply(page, replace(front.asked(request.environ), method="GET"), now)
        return Response(found.body, found.status, found.headers)

    return answer


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
