"""The feeds that the site offers by name: of everything, of news, of calls, and of each cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content import queries
from feedsvc.content.filters import Filter
from feedsvc.feeds import titles
from feedsvc.feeds.model import FeedHead
from feedsvc.feeds.opml import Group
from feedsvc.feeds.query import CALLS, CHANGES, EVERYTHING, NEWS, Query, with_page
from feedsvc.i18n import language
from feedsvc.settings import Settings
from feedsvc.urls import Site

OPML_PATH = "/feeds.opml"
FORMAT = "atom"  # every reader knows it; the other formats are a click away
# A reader imports every outline of the file: one for each list, so that nothing comes three times.
LISTS = (EVERYTHING, NEWS, CALLS, CHANGES)


def opml_of(
    session: Session, code: str, settings: Settings, changed_at: datetime
) -> tuple[FeedHead, list[Group]]:
    """The feeds in one language, grouped; the head is that of the list itself."""
    said, site = language(code), Site.of(settings)
    sections = (
        (settings.named(code), LISTS),
        (said.gettext("Clusters"), tuple(_cluster_pages(session))),
    )
    groups = [
        Group(name, tuple(_head(session, page, code, settings) for page in pages))
        for name, pages in sections
        if pages
    ]
    head = replace(
        _head(session, EVERYTHING, code, settings),
        title=said.gettext("Feeds of %(site)s", site=settings.named(said.code)),
        self_url=site.absolute(OPML_PATH, code),
        updated=changed_at,
    )
    return head, groups


def cluster_opml_of(
    session: Session, slug: str, code: str, settings: Settings, changed_at: datetime
) -> tuple[FeedHead, list[Group]]:
    """The feeds of one cluster: everything, its news, its calls."""
    said, site, page = language(code), Site.of(settings), urls.cluster(slug)
    whole = _head(session, page, code, settings)
    of_it = Filter(cluster=(slug,))
    feeds = (whole, *(_head(session, other, code, settings, of_it) for other in (NEWS, CALLS)))
    head = replace(
        whole,
        title=said.gettext("Feeds of %(site)s", site=whole.title),
        self_url=site.absolute(urls.feed(page, "opml"), code),
        updated=changed_at,
    )
    return head, [Group(whole.title, feeds)]


def pages(session: Session) -> Iterator[str]:
    """The pages of every feed that has a name."""
    yield from LISTS
    yield from _cluster_pages(session)


def _cluster_pages(session: Session) -> Iterator[str]:
    return (urls.cluster(cluster.slug) for cluster in queries.clusters(session))


def _head(
    session: Session, page: str, code: str, settings: Settings, wanted: Filter | None = None
) -> FeedHead:
    query = Query(with_page(wanted or Filter(), page), FORMAT, code, page)
    return titles.head_of(session, query, settings)
