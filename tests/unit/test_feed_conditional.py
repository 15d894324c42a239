"""What a reader that has seen a feed before is told: RFC 9110, and the readers that bend it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedsvc.feeds.body import Body
from feedsvc.feeds.publish import Published
from feedsvc.web import conditional
from feedsvc.web.conditional import Answer, Asked, accepted, cache_control, parse_date

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHANGED = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
FEED = Published(
    Body(b"<feed>" + b" words " * 100 + b"</feed>"), "abc123", "application/atom+xml",
    "https://agency.example/feed.atom", 7, CHANGED, None, None,
)  # fmt: skip


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


def test_each_coding_has_a_strong_tag_of_its_own():
    answer = asked(accept_encoding="gzip")
    assert gzip.decompress(answer.body) == FEED.body.data
    assert header(answer, "ETag") == '"abc123-gz"'
    assert header(answer, "Content-Encoding") == "gzip"
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
    for name in ("Cache-Control", "Content-Location", "Date", "ETag", "Vary"):
        assert header(answer, name) == header(asked(), name)
    assert header(answer, "Content-Length") is None


def test_a_copy_of_the_other_coding_is_good_while_both_are_acceptable():
    answer = asked(if_none_match='"abc123"', accept_encoding="gzip")
    assert (answer.status, header(answer, "ETag")) == (304, '"abc123"')
    assert asked(if_none_match='"abc123-gz"').status == 200  # gzip was not asked for
    only_gzip = asked(if_none_match='"abc123"', accept_encoding="gzip, identity;q=0")
    assert only_gzip.status == 200


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
    ("wanted", "gzipped"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0.1", True),
        ("*", True),
        ("*;q=0", False),
        ("br, deflate", False),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0", False),
        ("gzip;q=abc", False),
        ("gzip;q=2", False),
        (";;;,,,=", False),
    ],
)
def test_gzip_is_sent_to_who_asks_for_it(wanted: str | None, gzipped: bool):
    assert accepted(wanted)[0] is gzipped


def test_a_cache_may_keep_a_feed_until_time_changes_it():
    assert cache_control(None, NOW) == "public, max-age=300, stale-while-revalidate=60"
    soon = NOW + timedelta(seconds=320)
    assert cache_control(soon, NOW) == "public, max-age=300, stale-while-revalidate=20"
    assert cache_control(NOW + timedelta(seconds=90), NOW) == "public, max-age=90"
    assert cache_control(NOW, NOW) == "public, max-age=0"


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
