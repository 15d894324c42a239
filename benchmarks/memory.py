"""A million polls of a thousand different feeds: does a worker's memory stay where it is?

The polls go through the front and the application in this process, as a server hands them over: of
ten, six ask whether the feed changed, four want it whole and compressed. Now and then an editor
changes an entry, and every feed is made anew when it is next asked for.

The first tenth of the polls fills what is kept; what counts is what the others add. An allocator
keeps what was free for a moment, so a few megabytes are noise; a leak of 20 bytes at each poll, or
of 2 kB at each feed that is made, would be found.
"""

from __future__ import annotations

import gzip
import resource
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from benchmarks import content
from benchmarks.result import Result, Untrue
from feedsvc import clock
from feedsvc.app import create_app
from feedsvc.auth.rules import SYSTEM
from feedsvc.db import Database
from feedsvc.news import changes
from feedsvc.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

POLLS, FEEDS, ENTRIES = 1_000_000, 1_000, 20
EDITS = 10  # how many times everything is made anew
LIMIT_MEGABYTES = 16.0
WORDS = "heat leaves chimney warm district study forty plants processes worth exchanger costs paid"
FORMATS = ("atom", "rss", "json")
PAGE = resource.getpagesize()


class Readers:
    """Readers that remember the tag of each feed, as they should."""

    def __init__(self, application: WSGIApplication, feeds: Sequence[tuple[str, str]]) -> None:
        self._application, self._feeds = application, feeds
        self._chance = Random(1)
        self._tags: dict[tuple[str, str], str] = {}
        self.answers: Counter[int] = Counter()

    def poll(self) -> bytes:
        """One of them asks for one of the feeds."""
        feed = self._chance.choice(self._feeds)
        tag = self._tags.get(feed, "") if self._chance.random() < 0.6 else ""
        status, headers, body = self._ask(feed, tag)
        self.answers[status] += 1
        self._tags[feed] = headers["ETag"]
        return body

    def _ask(self, feed: tuple[str, str], tag: str) -> tuple[int, dict[str, str], bytes]:
        path, query = feed
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http", "HTTP_ACCEPT_ENCODING": "gzip",
        }  # fmt: skip
        if tag:
            environ["HTTP_IF_NONE_MATCH"] = tag
        said: list[Any] = []
        body = b"".join(self._application(environ, lambda *answer: said.extend(answer)))
        return int(said[0][:3]), dict(said[1]), body


def memory(*, once: bool) -> list[Result]:
    polls, number = (2_000, 20) if once else (POLLS, FEEDS)
    with content.installed() as prepared:
        settings = Settings(instance_path=prepared.instance_path, feed_size=ENTRIES)
        db = Database(settings.effective_database_url)
        ids = content.write_news(db, ENTRIES)
        readers = Readers(create_app(settings).wsgi_app, list(_feeds())[:number])
        before, after = _sizes(readers, db, ids, polls)
        db.close()
    if set(readers.answers) != {200, 304} or readers.answers.total() != polls:
        raise Untrue(f"the answers were {readers.answers}")
    grown = max(after - before, 0.1)
    return [
        Result(name="memory, a worker's", figure=after, unit=f"MB, {number:,} feeds kept"),
        Result(
            name="memory, growth", figure=after - before,
            unit=f"MB from poll {polls // 10:,} to poll {polls:,}",
            anchor="a limit", anchor_figure=LIMIT_MEGABYTES,
            ratio=LIMIT_MEGABYTES / grown, target=1.0,
        ),
    ]  # fmt: skip


def _feeds() -> Iterator[tuple[str, str]]:
    """Searches that find every entry, no two alike: path and query string."""
    for words, form in product(combinations(WORDS.split(), 3), FORMATS):
        yield f"/search.{form}", urlencode({"q": " ".join(words)})


def _sizes(readers: Readers, db: Database, ids: Sequence[int], polls: int) -> tuple[float, float]:
    """Megabytes in use after a tenth of the polls, and after all."""
    sizes = []
    for edition in range(1, EDITS + 1):
        with db.begin() as session:
            edit = content.news(0, edition=edition)
            changes.edit_news(session, ids[0], edit, actor=SYSTEM, now=clock.now())
        for _ in range(polls // EDITS):
            body = readers.poll()
        sizes.append(_resident())
    if body and f"corrected {EDITS} times".encode() not in gzip.decompress(body):
        raise Untrue("the last edit is not in the last feed")
    return sizes[0], sizes[-1]


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6
