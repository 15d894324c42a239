"""Which feed a topic names, and what that feed is now: the very bytes that a GET is answered with.

A topic is the absolute address of a public feed in its one canonical spelling, as the feed itself
names it with rel=self.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.calls.models import Call
from feedsvc.content import addresses, filters
from feedsvc.content import queries as content
from feedsvc.content import rules as entries
from feedsvc.content.addresses import Moved
from feedsvc.content.filters import Filter
from feedsvc.content.models import Entry
from feedsvc.errors import BadRequest, Gone, NotFound
from feedsvc.feeds import query as feed_query
from feedsvc.feeds.query import CALLS, CHANGES, EVERYTHING, NEWS, SEARCH, Query
from feedsvc.i18n import ALL, N_
from feedsvc.settings import Settings
from feedsvc.urls import Site

LISTS = {
    "/feed": EVERYTHING, "/news": NEWS, "/calls": CALLS, "/search": SEARCH, "/changes": CHANGES,
}  # fmt: skip
_FEED = re.compile(r"(?P<stem>/[\w/-]+)\.(?P<extension>\w+)", re.ASCII)
_OF_A_CLUSTER = re.compile(r"/clusters/([\w-]{1,200})")
_OF_A_CALL = re.compile(rf"/calls/([\w-]{{1,200}})({urls.OF_CHANGES})?")


class NoTopic(NotFound):
    """No feed of this site has that address."""


@dataclass(frozen=True)
class _Asked:
    """The parts of a topic's address."""

    language: str
    stem: str
    extension: str
    filter: Filter


def query_of(session: Session, address: str, settings: Settings, now: datetime) -> Query:
    """The feed that a topic names. Raises: NoTopic, BadRequest with the canonical address."""
    try:
        query = _query(session, _asked(address, settings), settings, now)
    except Gone as gone:
        raise NoTopic(gone.message, **gone.values) from gone
    canonical = Site.of(settings).absolute(query.address, query.language)
    if canonical != address:
        raise BadRequest(N_("Name this feed as it names itself: %(address)s"), address=canonical)
    return query


def _asked(address: str, settings: Settings) -> _Asked:
    site = Site.of(settings)
    try:
        parts = urlsplit(address)
    except ValueError:
        raise _no_topic() from None
    if not address.startswith(f"{site.base_url}/") or parts.fragment:
        raise _no_topic()
    local = parts.path[len(urlsplit(site.base_url).path) :]
    language = next(
        (code for code in (*site.languages[1:], ALL) if local.startswith(f"/{code}/")),
        site.languages[0],
    )
    local = local.removeprefix(site.path("", language))
    found = _FEED.fullmatch(local)
    if found is None:
        raise _no_topic()
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    return _Asked(language, found["stem"], found["extension"], filters.parse(pairs))


def _query(session: Session, asked: _Asked, settings: Settings, now: datetime) -> Query:
    of_a_call = _OF_A_CALL.fullmatch(asked.stem)
    if of_a_call is not None:
        return _of_call(session, asked, of_a_call[1], settings, now)
    page = _page(session, asked.stem)
    written = feed_query.with_page(asked.filter, page)
    query = Query(written, asked.extension, asked.language, page)
    present = content.checked_filter(session, feed_query.checked(query).filter)
    return Query(present, asked.extension, asked.language, page)


def _page(session: Session, stem: str) -> str:
    """The page of a list's feed; of a renamed cluster that of its present name."""
    of_a_cluster = _OF_A_CLUSTER.fullmatch(stem)
    if of_a_cluster is None:
        if stem not in LISTS:
            raise _no_topic()
        return LISTS[stem]
    found = addresses.resolve_cluster(session, of_a_cluster[1])
    return urls.cluster(found.slug if isinstance(found, Moved) else of_a_cluster[1])


def _of_call(
    session: Session, asked: _Asked, slug: str, settings: Settings, now: datetime
) -> Query:
    """The dates of one call, or its changes."""
    of_changes = asked.stem.endswith(urls.OF_CHANGES)
    if (asked.extension == "ics") is of_changes or asked.filter != Filter():
        raise _no_topic()
    page = urls.changes if of_changes else urls.call
    spoken = settings.default_language if asked.language == ALL else asked.language
    found = addresses.resolve_entry(session, "call", spoken, slug, languages=settings.languages)
    if isinstance(found, Moved):
        query = Query(Filter(), asked.extension, asked.language, page(found.slug))
        raise BadRequest(
            N_("Name this feed as it names itself: %(address)s"),
            address=Site.of(settings).absolute(query.address, asked.language),
        )
    if entries.state(session.get_one(Entry, found.id), now) != "published":
        raise _no_topic()
    uid = session.get_one(Call, found.id).uid
    query = Query(Filter(), asked.extension, asked.language, page(slug), call_uid=uid)
    return feed_query.checked(query) if of_changes else query


def _no_topic() -> NoTopic:
    return NoTopic(N_("“hub.topic” is not the address of a public feed of this site."))
