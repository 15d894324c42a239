"""What a reader that has seen a feed before is told: RFC 9110, and the readers that bend it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
import pytest
import zstandard

from feedsvc.feeds.body import Body
from feedsvc.feeds.publish import Published
from feedsvc.web import conditional
from feedsvc.web.conditional import Answer, Asked
from feedsvc.web.http_dates import parse_date

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHANGED = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
FEED = Published(
    Body(b"<feed>" + b" words " * 100 + b"</feed>"), "abc123", "application/atom+xml",
    "https://agency.example/feed.atom", 7, CHANGED, None, None,
)  # fmt: skip

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.decompress,
}  # fmt: skip


@dataclass(frozen=True)
class Linked(Published):
    link: str = '<https://agency.example/hub>; rel="hub"'


def asked(published: Published = FEED, at: datetime = NOW, **conditions: Any) -> Answer:
    return conditional.reply(published, Asked(**conditions), at)


def header(answer: Answer, name: str) -> str | None:
    found = [value for key, value in answer.headers if key == name]
    assert len(found) < 2, f"{name} twice"
    return found[0] if found else None


def test_the_first_answer_brings_both_validators():
    answer = asked()
    assert (answer.status, answer.body) == (200, FEED.body.data)
    assert header(answer, "ETag") == '"abc123"'
    assert header(answer, "Last-Modified") == "Sun, 01 Mar 2026 08:30:00 GMT"
    assert header(answer, "Content-Type") == "application/atom+xml; charset=utf-8"
    assert header(answer, "Content-Length") == str(len(FEED.body.data))


@pytest.mark.parametrize(("coding", "ending"), [("gzip", "-gz"), ("br", "-br"), ("zstd", "-zst")])
def test_each_coding_has_a_strong_tag_of_its_own(coding: str, ending: str):
    answer = asked(accept_encoding=coding)
    assert UNPACK[coding](answer.body) == FEED.body.data
    assert header(answer, "ETag") == f'"abc123{ending}"'
    assert header(answer, "Content-Encoding") == coding
    assert header(answer, "Content-Length") == str(len(answer.body))
    assert header(answer, "Vary") == "Accept-Encoding, Sec-Fetch-Dest"


@pytest.mark.parametrize(
    "tags",
    [
        '"abc123"',
        'W/"abc123"',
        '"old", "abc123"',
        '"old",W/"abc123" , "x"',
        "*",
        " * ",
        '"a,b", "abc123"',
        'rubbish, "abc123"',
    ],
)
def test_a_reader_that_has_it_is_told_304(tags: str):
    answer = asked(if_none_match=tags)
    assert (answer.status, answer.body) == (304, b"")
    assert header(answer, "ETag") == '"abc123"'


@pytest.mark.parametrize(
    "tags", ['"old"', "abc123", "'abc123'", "", ",,,", '"', "W/abc123", '"ABC123"', "**", "\xff"]
)
def test_what_names_nothing_we_have_is_answered_200(tags: str):
    assert asked(if_none_match=tags).status == 200


def test_a_304_repeats_what_a_cache_must_know():
    answer = asked(if_none_match='"abc123"')
    for name in ("Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Vary"):
        assert header(answer, name) == header(asked(), name)
        assert header(answer, name)
    for name in ("Content-Length", "Content-Type", "Content-Encoding", "Last-Modified"):
        assert header(answer, name) is None


def test_a_copy_in_any_coding_that_is_accepted_is_good():
    everything = "gzip, br, zstd"
    for tag in ('"abc123"', '"abc123-gz"', '"abc123-br"', '"abc123-zst"'):
        answer = asked(if_none_match=tag, accept_encoding=everything)
        assert (answer.status, header(answer, "ETag")) == (304, tag)
    assert asked(if_none_match='"abc123-gz"').status == 200  # gzip was not asked for
    only_gzip = asked(if_none_match='"abc123"', accept_encoding="gzip, identity;q=0")
    assert only_gzip.status == 200


def test_of_several_good_copies_the_best_is_named():
    answer = asked(if_none_match='"abc123", "abc123-gz"', accept_encoding="gzip, br")
    assert header(answer, "ETag") == '"abc123-gz"'


def test_who_has_anything_at_all_has_the_representation_of_its_coding():
    assert header(asked(if_none_match="*", accept_encoding="br"), "ETag") == '"abc123-br"'
    date = "Sun, 01 Mar 2026 08:30:00 GMT"
    answer = asked(if_modified_since=date, accept_encoding="zstd")
    assert (answer.status, header(answer, "ETag")) == (304, '"abc123-zst"')


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 01 Mar 2026 08:30:00 GMT",
        "Sunday, 01-Mar-26 08:30:00 GMT",
        "Sun Mar  1 08:30:00 2026",
        "Mon, 02 Mar 2026 09:00:00 GMT",
    ],
)
def test_a_date_of_any_form_that_is_not_before_the_change_is_answered_304(date: str):
    assert asked(if_modified_since=date).status == 304


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 01 Mar 2026 08:29:59 GMT",
        "Mon, 01 Jan 1800 00:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "yesterday",
        "",
        "Sun, 31 Feb 2026 08:30:00 GMT",
        "Sun, 01 Mar 2026 25:30:00 GMT",
        "2026-03-01T08:30:00Z",
        "Sun, 01 Mar 2026 08:30:00 +0100",
    ],
)
def test_a_date_before_the_change_or_no_date_at_all_is_answered_200(date: str):
    assert asked(if_modified_since=date).status == 200


def test_a_time_to_come_proves_nothing():
    assert asked(if_modified_since="Tue, 03 Mar 2026 00:00:00 GMT").status == 200


def test_if_none_match_decides_alone():
    date = "Mon, 02 Mar 2026 09:00:00 GMT"
    assert asked(if_none_match='"old"', if_modified_since=date).status == 200
    old = "Mon, 01 Jan 1800 00:00:00 GMT"
    assert asked(if_none_match='"abc123"', if_modified_since=old).status == 304


def test_head_says_what_get_would_and_sends_nothing():
    answer = asked(method="HEAD", accept_encoding="gzip")
    assert answer.body == b""
    assert answer.headers == asked(accept_encoding="gzip").headers


@pytest.mark.parametrize("ahead", [0, 3])
def test_a_feed_of_this_very_second_is_not_dated_yet(ahead: int):
    fresh = replace(FEED, last_modified=NOW + timedelta(seconds=ahead))
    assert header(asked(fresh), "Last-Modified") is None
    date = "Mon, 02 Mar 2026 09:00:00 GMT"
    assert asked(fresh, if_modified_since=date).status == 200
    later = asked(fresh, at=NOW + timedelta(seconds=4))
    assert header(later, "Last-Modified") is not None


@pytest.mark.parametrize(
    ("seconds", "control", "expires"),
    [
        (None, "public, max-age=300, stale-while-revalidate=60", "09:05:00"),
        (320, "public, max-age=300, stale-while-revalidate=20", "09:05:00"),
        (90, "public, max-age=90", "09:01:30"),
        (0, "public, max-age=0", "09:00:00"),
    ],
)
def test_a_cache_may_keep_a_feed_until_time_changes_it(
    seconds: int | None, control: str, expires: str
):
    until = None if seconds is None else NOW + timedelta(seconds=seconds)
    for conditions in ({}, {"if_none_match": "*"}):
        answer = asked(replace(FEED, valid_until=until), **conditions)
        assert header(answer, "Cache-Control") == control
        assert header(answer, "Expires") == f"Mon, 02 Mar 2026 {expires} GMT"


def test_what_is_for_one_reader_is_kept_by_that_reader_only():
    first = conditional.reply(FEED, Asked(), NOW, private=True)
    again = conditional.reply(FEED, Asked(if_none_match='"abc123"'), NOW, private=True)
    assert (first.status, again.status, again.body) == (200, 304, b"")
    for answer in (first, again):
        assert header(answer, "Cache-Control") == "private, no-cache"
        assert header(answer, "X-Robots-Tag") == "noindex, nofollow"
        assert header(answer, "Expires") == header(answer, "Date")
        assert header(answer, "Vary") == "Accept-Encoding"
        assert header(answer, "Access-Control-Allow-Origin") is None
        assert header(answer, "Link") is None


@pytest.mark.parametrize(
    ("text", "year"),
    [("Sunday, 06-Nov-94 08:49:37 GMT", 1994), ("Sunday, 06-Nov-76 08:49:37 GMT", 2076)],
)
def test_two_digit_years_are_read_as_the_standard_says(text: str, year: int):
    found = parse_date(text, 2026)
    assert found is not None
    assert found.year == year


def test_a_feed_runs_nothing_and_may_be_read_by_any_page():
    answer = asked()
    assert (
        header(answer, "Content-Security-Policy") == "default-src 'none'; style-src 'self'; sandbox"
    )
    assert header(answer, "X-Content-Type-Options") == "nosniff"
    assert header(answer, "Access-Control-Allow-Origin") == "*"
    assert header(answer, "Set-Cookie") is None


def test_a_feed_names_its_hub_to_everybody_but_one_reader():
    feed = Linked(**{**vars(FEED), "link": Linked.link})
    assert header(asked(feed), "Link") == Linked.link
    assert header(asked(feed, if_none_match="*"), "Link") is None  # the reader has it already
    private = conditional.reply(feed, Asked(), NOW, private=True)
    assert header(private, "Link") is None
    assert header(asked(), "Link") is None
