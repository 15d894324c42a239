"""Each format, from the same entries: what readers find in it, and what must never be in it."""

from __future__ import annotations

import csv
import io
import json
import locale
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
from icalendar import Calendar
from lxml import etree

from feedsvc.feeds import atom, ical, jsonfeed, rss
from feedsvc.feeds import csv as table
from feedsvc.feeds.fragments import Fragment
from feedsvc.feeds.model import FeedEntry, HeadLink
from tests.support import feeds
from tests.support.golden import check

RENDERERS = {"atom": atom, "rss": rss, "json": jsonfeed, "ics": ical, "csv": table}
# What stands before the root, the stylesheet, is no matter of feedgen.
PLAIN_XML = etree.XMLParser(remove_blank_text=True, remove_pis=True)
NASTY = "R&D <x> \x00\x0b\ud800 “é” ]]> &amp;"


def made(format: str, *entries: FeedEntry) -> bytes:
    renderer = RENDERERS[format]
    fragments = [renderer.fragment(entry) for entry in entries]
    frame = renderer.frame(replace(feeds.HEAD, self_url=feeds.HEAD.self_url + format), fragments)
    return frame.around(fragments)


def parsed(format: str, *entries: FeedEntry):
    found = feedparser.parse(made(format, *entries))
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("format", RENDERERS)
def test_a_feed_is_the_golden_one(format: str):
    check(Path("feeds") / f"feed.{format}", made(format, feeds.CALL, feeds.NEWS))


@pytest.mark.parametrize("format", ["atom", "rss"])
@pytest.mark.parametrize("entries", [(), (feeds.NEWS,), (feeds.CALL, feeds.NEWS, feeds.PLAIN)])
def test_joined_fragments_are_what_feedgen_makes_of_the_whole(format: str, entries):
    head = replace(feeds.HEAD, self_url=feeds.HEAD.self_url + format)
    joined = etree.fromstring(made(format, *entries), PLAIN_XML)
    whole = etree.fromstring(RENDERERS[format].whole(head, entries))
    assert etree.tostring(joined, method="c14n") == etree.tostring(whole, method="c14n")


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_namespaces_are_declared_once_on_the_root(format: str):
    text = made(format, feeds.CALL, feeds.CALL)
    assert text.count(b'xmlns:call="urn:feedsvc:call:1.0"') == 1
    assert text.count(b"xmlns:") == len(set(feeds.namespaces(text)))


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_a_browser_is_told_of_the_stylesheet_before_the_root(format: str):
    lines = made(format, feeds.NEWS).splitlines()
    assert lines[1] == b'<?xml-stylesheet type="text/css" href="/static/feed.css"?>'
    assert lines[2].startswith(b"<feed " if format == "atom" else b"<rss ")


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_a_feed_names_the_page_and_the_schema_of_its_namespace(format: str):
    found = parsed(format, feeds.CALL).feed
    named = {(a.type, a.href) for a in found.links if a.rel == "describedby"}
    assert named == {
        ("text/html", feeds.HEAD.namespace_url), ("application/xml", feeds.HEAD.schema_url),
    }  # fmt: skip
    assert found.link == feeds.HEAD.page_url


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_the_language_stands_on_the_root(format: str):
    root = etree.fromstring(made(format, feeds.NEWS))
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_every_reader_finds_the_entries_in_order(format: str):
    found = parsed(format, feeds.CALL, feeds.NEWS)
    assert [entry.id for entry in found.entries] == [feeds.CALL.id, feeds.NEWS.id]
    assert [entry.title for entry in found.entries] == [feeds.CALL.title, feeds.NEWS.title]
    assert [entry.link for entry in found.entries] == [feeds.CALL.url, feeds.NEWS.url]


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_the_dates_of_an_entry_are_the_stored_ones(format: str):
    (entry,) = parsed(format, feeds.NEWS).entries
    assert tuple(entry.published_parsed)[:6] == (2024, 3, 28, 9, 0, 0)


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_a_deadline_can_be_read_by_machines(format: str):
    (entry,) = parsed(format, feeds.CALL).entries
    assert entry.ev_enddate == "2024-04-30T17:00:00+02:00"
    assert entry.call_fundingcap == {"amount": "200000", "currency": "EUR"}
    assert entry.call_deadline["at"] == "2024-04-30T17:00:00+02:00"
    assert entry.call_call["status"] == "open"


def test_links_keep_their_attributes_in_atom():
    (entry,) = parsed("atom", feeds.CALL).entries
    (calendar,) = [link for link in entry.links if link.rel == "related"]
    assert (calendar.type, calendar.href) == ("text/calendar", feeds.CALL.call.calendar_url)
    (picture,) = [link for link in entry.links if link.rel == "enclosure"]
    assert (picture.type, picture.length) == ("image/webp", "1234")


def test_atom_has_the_page_as_its_first_link_to_elsewhere_and_its_last():
    french = HeadLink("alternate", f"{feeds.SITE}/fr/feed.atom", atom.MEDIA_TYPE, "fr")
    text = atom.frame(replace(feeds.HEAD, links=(french,)), []).around([])
    found = etree.fromstring(text).findall(f"{{{feeds.ATOM}}}link[@rel='alternate']")
    page = feeds.HEAD.page_url
    assert [link.get("href") for link in found] == [page, french.href, page]
    assert len({(link.get("type"), link.get("hreflang")) for link in found}) == 3


def test_atom_leaves_out_a_summary_that_would_be_empty():
    assert b"<summary" not in made("atom", feeds.PLAIN)


def test_rss_names_itself_with_its_own_type_and_the_page_as_link():
    found = parsed("rss", feeds.NEWS)
    assert found.feed.link == feeds.HEAD.page_url
    (itself,) = [link for link in found.feed.links if link.rel == "self"]
    assert itself.type == "application/rss+xml"
    assert itself.href == feeds.HEAD.self_url + "rss"


def test_rss_guids_are_no_addresses():
    assert b'<guid isPermaLink="false">urn:uuid:' in made("rss", feeds.NEWS)


def test_rss_dates_have_four_digit_years_and_gmt():
    assert b"<pubDate>Thu, 28 Mar 2024 09:00:00 GMT</pubDate>" in made("rss", feeds.NEWS)
    assert b"<lastBuildDate>Mon, 02 Mar 2026 09:00:00 GMT</lastBuildDate>" in made("rss")


def test_rendering_never_touches_the_locale_of_the_process(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("setlocale changes the whole process")

    monkeypatch.setattr(locale, "setlocale", refuse)
    for format in RENDERERS:
        made(format, feeds.CALL, feeds.NEWS)


@pytest.mark.parametrize("format", RENDERERS)
def test_nothing_that_xml_forbids_gets_into_a_feed(format: str):
    text = made(format, feeds.spoilt(NASTY)).decode()
    assert not set(text) & {"\x00", "\x0b", "\ud800"}


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_a_title_comes_through_as_it_was_typed(format: str):
    (entry,) = parsed(format, replace(feeds.NEWS, title="R&D <x> “é”")).entries
    assert entry.title == "R&D <x> “é”"


def test_json_feed_has_what_the_standard_demands():
    feed = json.loads(made("json", feeds.CALL, feeds.NEWS))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == feeds.HEAD.self_url + "json"
    assert [item["id"] for item in feed["items"]] == [feeds.CALL.id, feeds.NEWS.id]
    assert [item["title"] for item in feed["items"]] == [feeds.CALL.title, feeds.NEWS.title]
    assert feed["items"][1]["date_published"] == "2024-03-28T09:00:00+00:00"
    assert all(item["content_html"] for item in feed["items"])
    call = feed["items"][0]["_call"]
    assert call["about"] == "https://agency.example/ns/call/1.0"
    assert call["namespace"] == "urn:feedsvc:call:1.0"
    assert call["fundingCap"] == {"amount": "200000", "currency": "EUR"}
    assert call["deadlines"][-1]["at"] == "2024-04-30T17:00:00+02:00"


def test_atom_has_what_the_standard_demands():
    feed = etree.fromstring(made("atom", feeds.CALL, feeds.NEWS))
    for element in (feed, *feed.findall("{*}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{{{feeds.ATOM}}}{name}")) == 1
        kinds = [
            (link.get("rel"), link.get("type"), link.get("hreflang"))
            for link in element.findall(f"{{{feeds.ATOM}}}link")
        ]
        assert len(kinds) == len(set(kinds))  # at most one of each kind (RFC 4287 section 4.1.1)
    assert feed.find(f"{{{feeds.ATOM}}}author/{{{feeds.ATOM}}}name").text == "Innovation Agency"


def test_the_calendar_holds_an_event_for_each_date():
    calendar = Calendar.from_ical(made("ics", feeds.CALL, feeds.NEWS))
    assert [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")] == [
        event.summary for event in feeds.CALL.events
    ]


def test_the_table_has_a_row_for_each_call():
    rows = list(csv.DictReader(io.StringIO(made("csv", feeds.CALL, feeds.NEWS).decode())))
    assert [row["title"] for row in rows] == [feeds.CALL.title]
    assert rows[0]["award_max"] == "200000"
    assert rows[0]["final_deadline"] == "2024-04-30T17:00:00+02:00"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@x"])
def test_a_cell_is_never_a_formula(formula: str):
    text = made("csv", replace(feeds.CALL, title=formula)).decode()
    assert next(csv.DictReader(io.StringIO(text)))["title"] == f"'{formula}"


@pytest.mark.parametrize("format", RENDERERS)
def test_an_empty_feed_is_a_feed(format: str):
    assert made(format)


@pytest.mark.parametrize("format", RENDERERS)
def test_the_same_entry_is_the_same_fragment(format: str):
    first, second = (RENDERERS[format].fragment(feeds.CALL) for _ in range(2))
    assert (first.data, first.digest) == (second.data, second.digest)


def test_fragments_of_different_bytes_have_different_digests():
    assert Fragment(b"a").digest != Fragment(b"b").digest
