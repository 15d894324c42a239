"""Tell an external hub of the feeds that have a name: it is a subscriber that fetches for itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.feeds import lists
from feedsvc.feeds.query import Query, with_page
from feedsvc.settings import Settings
from feedsvc.urls import Site
from feedsvc.websub import changes, queries

FORMATS = ("rss", "atom", "json")
ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)  # an external hub has no lease: the setting is its word


def keep(db: Database, settings: Settings, now: datetime) -> None:
    """Let the hub that is set be told of each named feed, and no other hub of any."""
    with db.read() as session:
        told = set(queries.told_hubs(session))
        wanted = set(_wanted(session, settings))
    if told == wanted:
        return
    with db.begin() as session:
        told = set(queries.told_hubs(session))
        for address, hub in told - wanted:
            changes.drop_hub(session, address, hub)
        for address, hub in wanted - told:
            changes.put_hub(session, address, hub, now=now, until=ALWAYS)


def _wanted(session: Session, settings: Settings) -> Iterator[tuple[str, str]]:
    """Each address with the hub that is to be told of it."""
    if not settings.hub_url:
        return
    site = Site.of(settings)
    for page in lists.pages(session):
        for language in site.languages:
            for extension in FORMATS:
                query = Query(with_page(Filter(), page), extension, language, page)
                yield site.absolute(query.address, language), settings.hub_url
