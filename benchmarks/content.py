"""An installation of its own in a folder of its own, with entries of a usual size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from feedsvc import clock, installation
from feedsvc.auth.rules import SYSTEM
from feedsvc.content import publication
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.news import changes
from feedsvc.news.edits import NewsEdit
from feedsvc.settings import Settings

PARAGRAPH = (
    "Heat that leaves through a chimney could warm the district next door. A study of forty "
    "plants shows *which* processes are worth a look, what a heat exchanger costs and **when it "
    "has paid for itself**; the agency's advisers help to apply for support.\n\n"
)


@contextmanager
def installed() -> Iterator[Settings]:
    """An empty installation, gone when the block ends."""
    with TemporaryDirectory(prefix="feedsvc-bench-") as folder:
        yield installation.prepare(Path(folder), now=clock.now())


def write_news(db: Database, number: int) -> list[int]:
    """Publish that many news items, a minute apart; their ids, the oldest first."""
    now, ids = clock.now(), []
    with db.begin() as session:
        for index in range(number):
            item = changes.create_news(session, news(index), actor=SYSTEM, now=now)
            at = now - timedelta(minutes=number - index)
            publication.publish(session, item.id, at=at, actor=SYSTEM, now=now)
            ids.append(item.id)
    return ids


def news(index: int, *, edition: int = 0, title: str = "") -> NewsEdit:
    corrected = f", corrected {edition} times" if edition else ""
    title = title or f"Waste heat, part {index}{corrected}"
    text = TextEdit(title=title, summary="Time to take action.", body=PARAGRAPH * 3)
    return NewsEdit(texts={"en": text})
