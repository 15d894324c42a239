"""A page that is kept, and the answer to who asks for it: 200, plain or gzipped, or 304. Pure.

Its tag is weak: it names the page in both codings. Who has it asks each time, and caches that many
share keep it as long as it tells the truth.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime

from feedsvc.web.codings import accepted
from feedsvc.web.compression import LEVEL, WORTH_IT
from feedsvc.web.conditional import Answer, Asked, Headers, tags
from feedsvc.web.http_dates import http_date


@dataclass(frozen=True)
class Kept:
    """A page of a generation, until time changes it.

    It is `whole` if the answer says nothing that is not said here, so that the front may give it.
    """

    generation: int
    until: datetime
    whole: bool
    html: bytes
    packed: bytes
    tag: str

    def holds(self, generation: int, now: datetime) -> bool:
        return self.generation == generation and now < self.until


def made(html: bytes, generation: int, until: datetime, *, whole: bool) -> Kept:
    packed = gzip.compress(html, LEVEL, mtime=0) if len(html) >= WORTH_IT else b""
    return Kept(generation, until, whole, html, packed, hashlib.sha256(html).hexdigest()[:24])


def reply(page: Kept, asked: Asked, now: datetime) -> Answer:
    """The answer to a GET or HEAD."""
    left = max(0, int((page.until - now).total_seconds()))
    headers: Headers = [
        ("Date", http_date(now)),
        ("Cache-Control", f"public, max-age=0, s-maxage={left}, must-revalidate"),
        ("ETag", f'W/"{page.tag}"'),
        ("Vary", "Accept-Encoding"),
    ]
    if asked.if_none_match and tags(asked.if_none_match) & {page.tag, "*"}:
        return Answer(304, headers, b"")
    headers.append(("Content-Type", "text/html; charset=utf-8"))
    body = page.html
    if page.packed and _wants_gzip(asked.accept_encoding):
        headers.append(("Content-Encoding", "gzip"))
        body = page.packed
    headers.append(("Content-Length", str(len(body))))
    return Answer(200, headers, b"" if asked.method == "HEAD" else body)


def _wants_gzip(accept_encoding: str | None) -> bool:
    known = (coding for coding in accepted(accept_encoding) if coding in ("gzip", "identity"))
    return next(known, "identity") == "gzip"
