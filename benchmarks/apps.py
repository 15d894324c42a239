"""What is served beside the product: a naive feed, and the product with a slow page.

`python -m feedsvc.serving benchmarks.apps:FACTORY HOST PORT WORKERS` serves one of them as `feedsvc
serve` serves the product, so that only the app differs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any

from feedgen.feed import FeedGenerator
from flask import Flask, Response, request
from sqlalchemy import select

from feedsvc import app, clock
from feedsvc import settings as configuration
from feedsvc.content.models import Entry, Translation
from feedsvc.db import Database
from feedsvc.serving.answers import Lines, Plain, Ready, Served, Wire

SLOW_PATH, SLOW_SECONDS = "/benchmark/slow", 2.0
WORKER_HEADER = "X-Worker"
ENTRIES = 50


def create_naive() -> Served:
    """The feed as most would write it: asked of the database and made by feedgen each time."""
    db = Database(configuration.load().effective_database_url)
    naive = Flask(__name__)

    @naive.get("/feed.atom")
    def feed() -> Response:
        found = Response(_made(db), mimetype="application/atom+xml")
        found.add_etag()
        return found.make_conditional(request)

    return Served(naive, Never(), 0)


def _made(db: Database) -> bytes:
    newest = (
        select(Translation, Entry.uid, Entry.publish_at, Entry.updated_at)
        .join(Translation.entry)
        .where(Entry.publish_at <= clock.now())
        .order_by(Entry.publish_at.desc())
        .limit(ENTRIES)
    )
    generator = FeedGenerator()
    generator.id("https://agency.example/")
    generator.title("News")
    generator.link(href="https://agency.example/feed.atom", rel="self")
    with db.read() as session:
        rows = session.execute(newest).all()
    generator.updated(max(row.updated_at for row in rows))
    for text, uid, published, updated in rows:
        entry = generator.add_entry(order="append")
        entry.id(f"urn:uuid:{uid}")
        entry.title(text.title)
        entry.link(href=f"https://agency.example/news/{text.slug}")
        entry.published(published)
        entry.updated(updated)
        entry.content(text.body, type="html")
    made: bytes = generator.atom_str()
    return made


class Named:
    """The product's ready answers; each says which process gave it."""

    def __init__(self, ready: Ready) -> None:
        self._ready, self._worker = ready, str(os.getpid())
        self._line = f"{WORKER_HEADER}: {self._worker}\r\n\r\n".encode()
        self.remember = ready.remember

    def same(self, sent: bytes) -> Wire | None:
        return self._named(self._ready.same(sent))

    def answer(self, method: bytes, target: bytes, lines: Lines) -> Wire | None:
        return self._named(self._ready.answer(method, target, lines))

    async def soon(self, method: bytes, target: bytes, lines: Lines) -> Plain | None:
        found = await self._ready.soon(method, target, lines)
        if found is None:
            return None
        return found._replace(headers=[*found.headers, (WORKER_HEADER, self._worker)])

    def _named(self, found: Wire | None) -> Wire | None:
        return None if found is None else found._replace(head=found.head[:-2] + self._line)


class Never:
    """Nothing is ready: each request is the app's."""

    def same(self, _sent: bytes) -> None:
        return None

    def remember(self, _sent: bytes) -> None:
        pass

    def answer(self, _method: bytes, _target: bytes, _lines: Lines) -> None:
        return None

    async def soon(self, _method: bytes, _target: bytes, _lines: Lines) -> None:
        return None


def create_watched() -> Served:
    """The product, with a page that takes its time; each answer says which process gave it."""
    product, worker = app.create_served(), (WORKER_HEADER, str(os.getpid()))

    def watched(environ: dict[str, Any], respond: Any) -> Iterable[bytes]:
        def named(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return respond(status, [*headers, worker], *rest)

        if environ["PATH_INFO"] == SLOW_PATH:
            time.sleep(SLOW_SECONDS)
            named("200 OK", [("Content-Type", "text/plain")])
            return [b"done"]
        return product.wsgi(environ, named)

    return product._replace(wsgi=watched, ready=Named(product.ready))
