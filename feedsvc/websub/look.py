"""See which version each topic has now: the feed is asked, nobody is told of changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from feedsvc.db import Database
from feedsvc.errors import FeedsvcError
from feedsvc.feeds.publish import Published, Publisher
from feedsvc.settings import Settings
from feedsvc.websub import changes, queries, topics
from feedsvc.websub.models import HubTopic

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Looker:
    """Looks at topics, and writes down what it sees."""

    db: Database
    settings: Settings
    publisher: Publisher

    def look_at_all(self, now: datetime) -> None:
        """Look at each topic that may have changed: none in a turn in which nothing happened."""
        with self.db.read() as session:
            unseen = queries.unseen(session, now)
        for topic in unseen:
            try:
                self.look_at(topic, now)
            except Exception:  # one feed that cannot be made must not stop the others
                log.exception("topic %s could not be looked at", topic.id)

    def look_at(self, topic: HubTopic, now: datetime) -> Published | None:
        """The topic's feed as it is now; None if there is no such feed any more."""
        try:
            with self.db.read() as session:
                query = topics.query_of(session, topic.address, self.settings, now)
                published = self.publisher.current(session, query, now)
        except FeedsvcError as error:
            log.info("topic %s is no feed any more: %s", topic.id, error)
            with self.db.begin() as session:
                changes.close_topic(session, topic.id, str(error), now)
            return None
        seen = (published.generation, published.valid_until, published.tag)
        if seen != (topic.generation, topic.valid_until, topic.tag):
            with self.db.begin() as session:
                changes.look(session, topic.id, published)
        return published
