"""Answer a request for something published: 200 in some coding, or 304 (RFC 9110). Pure.

1. Each content coding is a representation with a strong tag of its own; a copy in any coding that
   the reader accepts is good.
2. If-None-Match decides alone where it is sent; If-Modified-Since only without it.
3. Whatever cannot be read in a condition is no condition: the answer is 200, never an error.
4. Both validators change together, so that a reader that keeps only one of them sees each change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedsvc.feeds.publish import Published
from feedsvc.web.codings import SUFFIXES, accepted
from feedsvc.web.http_dates import http_date, parse_date
from feedsvc.web.security import FEED_POLICY

MAX_AGE = 300  # seconds; readers and caches ask again after that
STALE_WHILE_ASKING = 60  # seconds
WITH_BODY = (
    ("Content-Security-Policy", FEED_POLICY),
    ("X-Content-Type-Options", "nosniff"),
)
# Browsers show XML with its stylesheet under this type only: Atom's and RSS's own are plain text to
# Chromium, and a download to Firefox.
SHOWN_AS = "application/xml"
Headers = list[tuple[str, str]]

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says about the representation that it wants; None where it says nothing.

    Several lines of a header are one, joined by commas (RFC 9110 section 5.3).
    """

    method: str = "GET"
    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Headers
    body: bytes


def reply(published: Published, asked: Asked, now: datetime, *, private: bool = False) -> Answer:
    """The answer to a GET or HEAD. `private`: it is for one reader, and no cache may share it."""
    codings = accepted(asked.accept_encoding)
    headers = [
        ("Date", http_date(now)),
        ("Content-Location", published.location),
        *(_for_one_reader(now) if private else _for_everybody(published, now)),
    ]
    matched = _unchanged(published, asked, codings, now)
    if matched:
        return Answer(304, [("ETag", matched), *headers], b"")
    body = published.body.coded(codings[0])
    headers += _with_body(published, codings[0], len(body))
    if _dated(published, now):
        headers.append(("Last-Modified", http_date(published.last_modified)))
    if published.link and not private:
        headers.append(("Link", published.link))
    return Answer(200, headers, b"" if asked.method == "HEAD" else body)


def tags(if_none_match: str) -> set[str]:
    """What is between the quotes of each tag that a reader has; `*` stands for any."""
    return {"*"} if if_none_match.strip() == "*" else set(_TAG.findall(if_none_match))


def for_a_window(published: Published) -> Published:
    """The feed as a browser shows it to a person: the same bytes, and a tag of its own."""
    if not published.media_type.endswith("+xml"):
        return published
    return replace(published, media_type=SHOWN_AS, tag=f"{published.tag}-xml")


def is_window(sec_fetch_dest: str | None) -> bool:
    """Whether a person opens the address, by what their browser says (W3C Fetch Metadata)."""
    return sec_fetch_dest == "document"


def freshness(valid_until: datetime | None, now: datetime) -> tuple[int, int]:
    """For how many seconds a cache may keep it, and use it beyond that while it asks again.

    No cache may keep a feed beyond the instant at which time changes it.
    """
    left = MAX_AGE + STALE_WHILE_ASKING
    if valid_until is not None:
        left = max(0, min(left, int((valid_until - now).total_seconds())))
    max_age = min(MAX_AGE, left)
    return max_age, left - max_age


def _for_everybody(published: Published, now: datetime) -> Headers:
    max_age, stale = freshness(published.valid_until, now)
    control = f"public, max-age={max_age}" + (f", stale-while-revalidate={stale}" if stale else "")
    return [
        ("Cache-Control", control),
        ("Expires", http_date(now + timedelta(seconds=max_age))),
        ("Vary", "Accept-Encoding, Sec-Fetch-Dest"),
        ("Access-Control-Allow-Origin", "*"),  # without cookies: any page may read it
    ]


def _for_one_reader(now: datetime) -> Headers:
    return [
        ("Cache-Control", "private, no-cache"),
        ("Expires", http_date(now)),
        ("Vary", "Accept-Encoding"),
        ("Referrer-Policy", "no-referrer"),  # its address is a secret
        ("X-Robots-Tag", "noindex, nofollow"),
    ]


def _with_body(published: Published, coding: str, length: int) -> Headers:
    headers = [
        *WITH_BODY,
        ("ETag", _tag(published, coding)),
        ("Content-Type", published.content_type),
        ("Content-Length", str(length)),
    ]
    return headers if coding == "identity" else [*headers, ("Content-Encoding", coding)]


def _dated(published: Published, now: datetime) -> bool:
    """Whether Last-Modified names these bytes alone: within its second they may change again.

    Nor may it be later than Date (RFC 9110 section 8.8.2.1).
    """
    return published.last_modified < now


def _unchanged(
    published: Published, asked: Asked, codings: tuple[str, ...], now: datetime
) -> str | None:
    """The tag of the representation that the reader has and may keep; None if it has none."""
    own = [_tag(published, coding) for coding in codings]
    if asked.if_none_match is not None:
        held = tags(asked.if_none_match)
        return next((tag for tag in own if "*" in held or tag[1:-1] in held), None)
    if asked.if_modified_since is None or not _dated(published, now):
        return None
    since = parse_date(asked.if_modified_since, now.year)
    # A time that is still to come says nothing about what its sender has seen.
    known = since is not None and published.last_modified <= since <= now
    return own[0] if known else None


def _tag(published: Published, coding: str) -> str:
    return f'"{published.tag}{SUFFIXES[coding]}"'
