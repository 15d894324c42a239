"""One edit in a feed of 5,000 entries: how soon are the new bytes, gzip and tag there?

Two comparisons, both with stock feedgen and gzip making the same feed from scratch:
1. from rows: the product's whole way after an edit, against loading every row and feeding it to
   feedgen;
2. rendering alone: one entry rendered, all fragments joined, the edited group compressed and the
   tag made, against feedgen with every entry at hand. This one also has to be ready in time.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from feedsvc.feeds.groups import Compressor
from feedsvc.feeds.model import FeedDocument, FeedEntry
from feedsvc.feeds.publish import GROUPS_LIMIT, Published, Publisher, tag_of
from feedsvc.feeds.query import Query
from feedsvc.news import changes
from feedsvc.settings import Settings

T = TypeVar("T")
ENTRIES, ROUNDS = 5_000, 7
TARGET, TARGET_FROM_ROWS = 100.0, 20.0
LIMIT_MILLISECONDS = 5.0
QUERY = Query(Filter(), "atom", "en")


def rebuild(*, once: bool) -> list[Result]:
    entries, rounds = (20, 1) if once else (ENTRIES, ROUNDS)
    with content.installed() as prepared:
        settings = Settings(instance_path=prepared.instance_path, feed_size=entries)
        db = Database(settings.effective_database_url)
        ids = content.write_news(db, entries)
        results = [
            _from_the_database(db, settings, ids, rounds),
            *_rendering(db, settings, rounds),
        ]
        db.close()
    return results


def _from_the_database(db: Database, settings: Settings, ids: Sequence[int], rounds: int) -> Result:
    publisher = Publisher(settings)
    _ready(db, publisher)
    ours, anchor = [], []
    for number in range(1, rounds + 1):
        place = len(ids) * number // (rounds + 1)
        edit = content.news(place, edition=number)
        with db.begin() as session:
            changes.edit_news(session, ids[place], edit, actor=SYSTEM, now=clock.now())
        took, published = _timed(lambda: _ready(db, publisher))
        if f"corrected {number} times".encode() not in published.body.data:
            raise Untrue("the edit is not in the feed")
        if gzip.decompress(published.body.coded("gzip")) != published.body.data:
            raise Untrue("what is compressed is not the feed")
        ours.append(took)
        anchor.append(_timed(lambda: _stock(_document(db, settings)))[0])
    return _result("rebuild, from rows", ours, anchor, "rows, feedgen, gzip", TARGET_FROM_ROWS)


def _rendering(db: Database, settings: Settings, rounds: int) -> list[Result]:
    document = _document(db, settings)
    fragments = [atom.fragment(entry) for entry in document.entries]
    frame, compressor = atom.frame(document.head, fragments), Compressor(GROUPS_LIMIT)
    compressor.body(frame, fragments).coded("gzip")
    ours, anchor = [], []
    for number in range(1, rounds + 1):
        place = len(fragments) * number // (rounds + 1)
        entry = replace(document.entries[place], title=f"Corrected {number} times")

        def ready(place: int = place, entry: FeedEntry = entry) -> bytes:
            fragments[place] = atom.fragment(entry)
            frame = atom.frame(document.head, fragments)
            tag_of(frame, fragments)
            return compressor.body(frame, fragments).coded("gzip")

        took, made = _timed(ready)
        if f"Corrected {number} times".encode() not in gzip.decompress(made):
            raise Untrue("the edit is not in the feed")
        ours.append(took)
        anchor.append(_timed(lambda: _stock(document))[0])
    return [
        _result("rebuild, rendering alone", ours, anchor, "feedgen, gzip", TARGET),
        _in_time("rebuild, rendering in time", ours),
    ]


def _ready(db: Database, publisher: Publisher) -> Published:
    with db.read() as session:
        published = publisher.current(session, QUERY, clock.now())
    published.body.coded("gzip")
    return published


def _document(db: Database, settings: Settings) -> FeedDocument:
    with db.read() as session:
        return document_of(session, QUERY, settings, clock.now())


def _stock(document: FeedDocument) -> bytes:
    """The feed as feedgen makes it out of the box, compressed whole."""
    feed = FeedGenerator()
    feed.id(document.head.id)
    feed.title(document.head.title)
    feed.updated(document.head.updated)
    feed.link(href=document.head.self_url, rel="self")
    for entry in document.entries:
        _add(feed, entry)
    return gzip.compress(feed.atom_str(), 6, mtime=0)


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


def _result(
    name: str, ours: list[float], anchor: list[float], against: str, target: float
) -> Result:
    figure, anchor_figure = median(ours) * 1e3, median(anchor) * 1e3
    return Result(
        name=name, figure=figure, unit="ms of processor time", anchor=against,
        anchor_figure=anchor_figure, ratio=anchor_figure / figure, target=target,
    )  # fmt: skip


def _in_time(name: str, ours: list[float]) -> Result:
    figure = median(ours) * 1e3
    return Result(
        name=name, figure=figure, unit="ms of processor time", anchor="a limit",
        anchor_figure=LIMIT_MILLISECONDS, ratio=LIMIT_MILLISECONDS / figure, target=1.0,
    )  # fmt: skip
