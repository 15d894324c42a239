"""Answer a request for something published: 200, 200 compressed, or 304 (RFC 9110). Pure.

1. Each content coding is a representation with a strong tag of its own.
2. If-None-Match decides alone where it is sent; If-Modified-Since only without it.
3. Whatever cannot be read in a condition is no condition: the answer is 200, never an error.
4. Both validators change together, so that a reader that keeps only one of them sees each change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from feedsvc.feeds.publish import Published
from feedsvc.web.security import FEED_POLICY

MAX_AGE = 300  # seconds; readers and caches ask again after that
STALE_WHILE_ASKING = 60  # seconds
PRIVATE = "private, no-cache"
ALWAYS = (
    ("Vary", "Accept-Encoding, Sec-Fetch-Dest"),
    ("Access-Control-Allow-Origin", "*"),  # public, without cookies: any page may read it
)
FOR_ONE_READER = (  # for nobody else's cache, index or log
    ("Vary", "Accept-Encoding"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow"),
)
WITH_BODY = (
    ("Content-Security-Policy", FEED_POLICY),
    ("X-Content-Type-Options", "nosniff"),
)
# Browsers show XML with its stylesheet under this type only: Atom's and RSS's own are plain text to
# Chromium, and a download to Firefox.
SHOWN_AS = "application/xml"
Headers = list[tuple[str, str]]

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_QUALITY = re.compile(r"^[01](?:\.\d{0,3})?$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT; Sun Nov  6 08:49:37 1994
        rf"^[a-z]{{3}}, (?P<day>\d\d) (?P<month>[a-z]{{3}}) (?P<year>\d{{4}}) {_CLOCK} GMT$",
        rf"^[a-z]{{6,9}}, (?P<day>\d\d)-(?P<month>[a-z]{{3}})-(?P<short>\d\d) {_CLOCK} GMT$",
        rf"^[a-z]{{3}} (?P<month>[a-z]{{3}}) (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})$",
    )
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says about the representation that it wants; None where it says nothing."""

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
    """The answer to a GET or HEAD; `private` is for one reader, who asks each time."""
    gzip, identity = accepted(asked.accept_encoding)
    tag = f'"{published.tag}-gz"' if gzip else f'"{published.tag}"'
    headers = [
        ("Date", http_date(now)),
        ("Cache-Control", PRIVATE if private else cache_control(published.valid_until, now)),
        ("Content-Location", published.location),
        *(FOR_ONE_READER if private else ALWAYS),
    ]
    matched = _unchanged(published, asked, tag, gzip and identity, now)
    if matched:
        return Answer(304, [("ETag", matched), *headers], b"")
    body = published.body.coded("gzip" if gzip else "identity")
    headers += [
        *WITH_BODY,
        ("ETag", tag),
        ("Content-Type", _content_type(published.media_type)),
        ("Content-Length", str(len(body))),
    ]
    if gzip:
        headers.append(("Content-Encoding", "gzip"))
    if _dated(published, now):
        headers.append(("Last-Modified", http_date(published.last_modified)))
    return Answer(200, headers, b"" if asked.method == "HEAD" else body)


def for_a_window(published: Published) -> Published:
    """The feed as a browser shows it to a person: the same bytes, and a tag of its own."""
    if not published.media_type.endswith("+xml"):
        return published
    return replace(published, media_type=SHOWN_AS, tag=f"{published.tag}-xml")


def is_window(sec_fetch_dest: str | None) -> bool:
    """Whether a person opens the address, by what their browser says (W3C Fetch Metadata)."""
    return sec_fetch_dest == "document"


def cache_control(valid_until: datetime | None, now: datetime) -> str:
    """No cache may keep a feed beyond the instant at which time changes it."""
    left = MAX_AGE + STALE_WHILE_ASKING
    if valid_until is not None:
        left = max(0, min(left, int((valid_until - now).total_seconds())))
    max_age = min(MAX_AGE, left)
    if left <= max_age:
        return f"public, max-age={max_age}"
    return f"public, max-age={max_age}, stale-while-revalidate={left - max_age}"


@lru_cache(maxsize=512)
def accepted(header: str | None) -> tuple[bool, bool]:
    """Whether gzip, and whether no coding at all, may be sent (RFC 9110 section 12.5.3)."""
    quality: dict[str, float] = {}
    for part in (header or "").lower().split(","):
        name, _, parameters = part.strip().partition(";")
        quality.setdefault(name.strip(), _quality(parameters))
    others = quality.get("*", 0.0)
    gzip = quality.get("gzip", quality.get("x-gzip", others))
    identity = quality.get("identity", 1.0 if others or "*" not in quality else 0.0)
    return gzip > 0 and gzip >= quality.get("identity", 0.0), identity > 0


@lru_cache(maxsize=64)
def http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


@lru_cache(maxsize=512)
def parse_date(text: str, this_year: int) -> datetime | None:
    """An HTTP date in any of its three forms; None for what is none."""
    found = next((match for form in _DATES if (match := form.match(text.strip()))), None)
    if found is None or found["month"].lower() not in _MONTHS:
        return None
    parts = found.groupdict()
    year = int(parts["year"]) if parts.get("year") else _full_year(int(parts["short"]), this_year)
    try:
        return datetime(
            year, _MONTHS.index(parts["month"].lower()) + 1, int(parts["day"]),
            int(parts["hour"]), int(parts["minute"]), min(int(parts["second"]), 59), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None


def _dated(published: Published, now: datetime) -> bool:
    """Whether Last-Modified names these bytes alone: within its second they may change again.

    Nor may it be later than Date (RFC 9110 section 8.8.2.1).
    """
    return published.last_modified < now


def _unchanged(
    published: Published, asked: Asked, tag: str, either: bool, now: datetime
) -> str | None:
    """The tag of the representation that the reader has and may keep; None if it has none.

    With `either` both codings are acceptable, and a copy of either one is good.
    """
    if asked.if_none_match is not None:
        if asked.if_none_match == tag or asked.if_none_match.strip() == "*":
            return tag
        held = set(_TAG.findall(asked.if_none_match))
        other = f'"{published.tag}"'
        if tag[1:-1] in held:
            return tag
        return other if either and published.tag in held else None
    if asked.if_modified_since is None or not _dated(published, now):
        return None
    since = parse_date(asked.if_modified_since, now.year)
    # A time that is still to come says nothing about what its sender has seen.
    return tag if since is not None and published.last_modified <= since <= now else None


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    return float(value) if _QUALITY.match(value.strip()) else 0.0


def _full_year(short: int, this_year: int) -> int:
    """Two digits that seem more than 50 years ahead mean the past (RFC 9110 section 5.6.7)."""
    year = this_year - this_year % 100 + short
    return year - 100 if year > this_year + 50 else year


@lru_cache(maxsize=16)
def _content_type(media_type: str) -> str:
    return media_type if media_type.endswith("json") else f"{media_type}; charset=utf-8"
