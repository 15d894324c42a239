"""One edit in a feed of 5,000 entries: how soon are the new bytes there?

Two comparisons, both with stock feedgen building the same feed from scratch:
1. from the database to bytes: the product's whole way after an edit, against loading every row
   and feeding it to feedgen;
2. rendering alone: one entry rendered and all fragments joined, against feedgen with every entry
   at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from time import process_time
from typing import TypeVar

from feedgen.feed import FeedGenerator

from benchmarks import content
from benchmarks.result import Result, Untrue
from feedsvc import clock
from feedsvc.auth.rules import SYSTEM
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.feeds import atom
from feedsvc.feeds.document import document_of
from feedsvc.feeds.model import FeedDocument, FeedEntry
from feedsvc.feeds.publish import Published, Publisher
from feedsvc.feeds.query import Query
from feedsvc.news import changes
from feedsvc.settings import Settings

T = TypeVar("T")
ENTRIES, ROUNDS = 5_000, 7
TARGET = 20.0
QUERY = Query(Filter(), "atom", "en")


def rebuild(*, once: bool) -> list[Result]:
    entries, rounds = (20, 1) if once else (ENTRIES, ROUNDS)
    with content.installed() as prepared:
        settings = Settings(instance_path=prepared.instance_path, feed_size=entries)
        db = Database(settings.effective_database_url)
        ids = content.write_news(db, entries)
        results = [
            _from_the_database(db, settings, ids, rounds),
            _rendering(db, settings, rounds),
        ]
        db.close()
    return results


def _from_the_database(db: Database, settings: Settings, ids: Sequence[int], rounds: int) -> Result:
    publisher = Publisher(settings)
    _published(db, publisher)
    ours, anchor = [], []
    for number in range(1, rounds + 1):
        place = len(ids) * number // (rounds + 1)
        edit = content.news(place, edition=number)
        with db.begin() as session:
            changes.edit_news(session, ids[place], edit, actor=SYSTEM, now=clock.now())
        took, published = _timed(lambda: _published(db, publisher))
        if f"corrected {number} times".encode() not in published.body.data:
            raise Untrue("the edit is not in the feed")
        ours.append(took)
        anchor.append(_timed(lambda: _stock(_document(db, settings)))[0])
    return _result("rebuild, rows to bytes", ours, anchor, "rows, then feedgen")


def _rendering(db: Database, settings: Settings, rounds: int) -> Result:
    document = _document(db, settings)
    fragments = [atom.fragment(entry) for entry in document.entries]
    ours, anchor = [], []

    def joined() -> bytes:
        fragments[len(fragments) // 2] = atom.fragment(document.entries[len(fragments) // 2])
        return atom.frame(document.head, fragments).around(fragments)

    for _ in range(rounds):
        ours.append(_timed(joined)[0])
        anchor.append(_timed(lambda: _stock(document))[0])
    return _result("rebuild, rendering alone", ours, anchor, "feedgen")


def _published(db: Database, publisher: Publisher) -> Published:
    with db.read() as session:
        return publisher.current(session, QUERY, clock.now())


def _document(db: Database, settings: Settings) -> FeedDocument:
    with db.read() as session:
        return document_of(session, QUERY, settings, clock.now())


def _stock(document: FeedDocument) -> bytes:
    """The feed as feedgen makes it out of the box."""
    feed = FeedGenerator()
    feed.id(document.head.id)
    feed.title(document.head.title)
    feed.updated(document.head.updated)
    feed.link(href=document.head.self_url, rel="self")
    for entry in document.entries:
        _add(feed, entry)
    return bytes(feed.atom_str())


def _add(feed: FeedGenerator, entry: FeedEntry) -> None:
    made = feed.add_entry(order="append")
    made.id(entry.id)
    made.title(entry.title)
    made.updated(entry.updated)
    made.published(entry.published)
    made.summary(entry.summary)
    made.content(entry.content, type="html")
    made.link(href=entry.url, rel="alternate")


def _timed(act: Callable[[], T]) -> tuple[float, T]:
    """Processor time, which hardly feels what else the machine does, and what was made."""
    start = process_time()
    made = act()
    return process_time() - start, made


def _result(name: str, ours: list[float], anchor: list[float], against: str) -> Result:
    figure, anchor_figure = median(ours) * 1e3, median(anchor) * 1e3
    return Result(
        name=name, figure=figure, unit="ms of processor time", anchor=against,
        anchor_figure=anchor_figure, ratio=anchor_figure / figure, target=TARGET,
    )  # fmt: skip
