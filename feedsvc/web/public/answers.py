"""How public pages are answered: kept for a moment by shared caches, checked by browsers."""

from __future__ import annotations

import hashlib
from typing import Never

from flask import Response, abort, redirect, request
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content import addresses
from feedsvc.content import rules as entry_rules
from feedsvc.content.addresses import Found, Moved
from feedsvc.content.models import Entry
from feedsvc.errors import Gone, NotFound
from feedsvc.i18n import N_
from feedsvc.web import context

# A browser asks every time, so that an editor sees what was just published; a cache in front may
# answer for half a minute.
BRIEFLY = "public, max-age=0, s-maxage=30, must-revalidate"
A_DAY = "public, max-age=86400"


def page(html: str) -> Response:
    """A public page with a validator of its own bytes; 304 to who has them already."""
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = BRIEFLY
    response.set_etag(hashlib.sha256(html.encode()).hexdigest()[:24], weak=True)
    response.make_conditional(request)
    return response


def moved(local_path: str, query: urls.Query | None = None) -> Never:
    """301 to another page of this language; the query string is kept unless another is given."""
    kept = list(request.args.items(multi=True)) if query is None else query
    target = context.path(urls.with_query(local_path, kept))
    response = redirect(target, 301)
    response.headers["Cache-Control"] = "public, max-age=3600"
    abort(response)


def entry_id(session: Session, kind: str, slug: str) -> int:
    """The public entry at an address; an old or foreign slug redirects.

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
        moved(urls.entry(kind, right))
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
