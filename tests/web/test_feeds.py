"""Every list has every format: what a reader gets at each address."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import feedparser
import pytest
from icalendar import Calendar
from lxml import etree

from feedsvc.calls import changes as call_changes
from feedsvc.content import clusters, publication
from feedsvc.content.clusters import FormerNameEdit
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from tests import builders
from tests.support.client import Browser
from tests.support.clock import FixedClock

TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
    "ics": "text/calendar; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}


@pytest.fixture(autouse=True)
def _content(db: Database) -> None:
    with db.begin() as session:
        builders.make_cluster(session, "CleanTech")
        builders.make_cluster(session, "HealthTech")
        builders.make_organisation(session, "Example Fund")
        builders.make_call(
            session, "Reuse of process heat", clusters=("cleantech",), funders=("example-fund",)
        )
        builders.make_call(
            session, "Wood for houses", key_dates=(builders.deadline("2026-06-30", None),)
        )
        builders.make_news(
            session,
            clusters=("cleantech",),
            texts={
                "en": TextEdit(title="Waste heat: time to act", body="[Read](/calls/) <b>on</b>"),
                "fr": TextEdit(title="Chaleur perdue : agir", body="À *lire*."),
            },
        )
        builders.make_news(session, "A draft", publish_at=None)


def titles(client: Browser, path: str) -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found = feedparser.parse(answer.data)
    assert not found.bozo
    return {entry.title for entry in found.entries}


@pytest.mark.parametrize("path", ["/feed", "/calls", "/clusters/cleantech"])
@pytest.mark.parametrize("extension", TYPES)
def test_every_list_has_every_format(client: Browser, path: str, extension: str):
    answer = client.get(f"{path}.{extension}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == TYPES[extension]
    assert (
        "Content-Disposition" not in answer.headers
    )  # an attachment is imported once, not followed
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/feed.atom", {"Reuse of process heat", "Wood for houses", "Waste heat: time to act"}),
        ("/news.rss", {"Waste heat: time to act"}),
        ("/calls.rss", {"Reuse of process heat", "Wood for houses"}),
        ("/clusters/cleantech.atom", {"Reuse of process heat", "Waste heat: time to act"}),
        ("/calls.atom?cluster=cleantech", {"Reuse of process heat"}),
        ("/feed.atom?funder=example-fund", {"Reuse of process heat"}),
        ("/calls.atom?closes_within=90", {"Reuse of process heat"}),
        ("/calls.atom?status=closed", set()),
        ("/search.atom?q=wood", {"Wood for houses"}),
        ("/fr/news.atom", {"Chaleur perdue : agir"}),
        ("/fr/calls.rss", {"Reuse of process heat", "Wood for houses"}),
    ],
)
def test_a_feed_holds_what_its_address_says(client: Browser, path: str, found: set[str]):
    assert titles(client, path) == found


def test_links_in_a_text_are_absolute_and_its_markup_is_safe(client: Browser):
    (entry,) = feedparser.parse(client.get("/news.atom").data, sanitize_html=False).entries
    assert (
        '<a href="https://agency.example/calls/" rel="noopener">Read</a>' in entry.content[0].value
    )
    assert "&lt;b&gt;on&lt;/b&gt;" in entry.content[0].value


def test_a_text_in_another_language_says_so(client: Browser):
    (entry, *_) = feedparser.parse(client.get("/fr/calls.atom?q=wood").data).entries
    assert entry.title_detail.language == "en"
    assert "affiché en anglais" in entry.content[0].value


def test_the_feed_of_a_language_names_its_own_addresses(client: Browser):
    feed = feedparser.parse(client.get("/fr/news.atom").data).feed
    assert feed.link == "https://agency.example/fr/news/"
    assert {(link.rel, link.get("hreflang"), link.href) for link in feed.links} == {
        ("self", None, "https://agency.example/fr/news.atom"),
        ("hub", None, "https://agency.example/hub"),
        ("alternate", "fr", "https://agency.example/fr/news/"),
        ("alternate", "en", "https://agency.example/news.atom"),
        ("alternate", "de", "https://agency.example/de/news.atom"),
        ("alternate", None, "https://agency.example/fr/news/"),
        ("describedby", None, "https://agency.example/fr/ns/call/1.0"),
        ("describedby", None, "https://agency.example/ns/call/1.0.xsd"),
    }


def test_ids_are_the_same_in_every_format_and_language(client: Browser):
    ids = {
        tuple(entry.id for entry in feedparser.parse(client.get(path).data).entries)
        for path in ("/feed.atom", "/feed.rss", "/fr/feed.atom", "/de/feed.rss")
    }
    ids.add(tuple(item["id"] for item in json.loads(client.get("/feed.json").text)["items"]))
    assert len(ids) == 1


def test_the_calendar_of_a_call_holds_its_deadline(client: Browser):
    answer = client.get("/calls/reuse-of-process-heat.ics")
    assert answer.headers["Content-Type"] == TYPES["ics"]
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["DTEND"].dt.isoformat() == "2026-04-30T17:00:00+02:00"
    assert str(event["SUMMARY"]) == "Closes: Reuse of process heat"


def test_a_deadline_says_day_hour_and_zone_in_words(client: Browser):
    found = feedparser.parse(client.get("/calls.rss?cluster=cleantech").data).entries[0]
    assert "Thursday 30 April 2026, 17:00 (Luxembourg time)" in found.summary


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/calls.atom?colour=red", 400, "colour"),
        ("/calls.atom?status=opened", 400, "opened"),
        ("/calls.atom?cluster=nowhere", 400, "nowhere"),
        ("/feed.atom?kind=news&funder=example-fund", 400, "News"),
        ("/calls.atom?kind=news", 400, "kind=news"),
        ("/clusters/cleantech.atom?cluster=healthtech", 400, "cluster=healthtech"),
        ("/feed.ics?kind=news", 400, "calls only"),
        ("/search.atom", 400, "q="),
        ("/news.ics", 404, "calls only"),
        ("/news.csv", 404, "calls only"),
        ("/calls.xml", 404, "xml"),
        ("/clusters/nowhere.atom", 404, "address"),
        ("/calls/nowhere.ics", 404, "address"),
    ],
)
def test_what_has_no_meaning_is_refused_in_words(
    client: Browser, path: str, status: int, words: str
):
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.mimetype == "text/plain"
    assert words in answer.text
    assert "Set-Cookie" not in answer.headers


def test_only_get_and_head(client: Browser):
    answer = client.post("/feed.atom")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_renamed_cluster_leads_to_its_feed(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        cluster = builders.make_cluster(session, "EcoInnovation")
        edit = clusters.ClusterEdit(slug="greentech", texts={"en": clusters.NameEdit("GreenTech")})
        clusters.edit_cluster(session, cluster.id, edit, actor=builders.ANA, now=clock())
    answer = client.get("/fr/clusters/ecoinnovation.rss?status=open")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/fr/clusters/greentech.rss?status=open"
    answer = client.get("/calls.rss?cluster=ecoinnovation&status=open")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/calls.rss?cluster=greentech&status=open"


def test_a_renamed_call_leads_to_its_calendar(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        call = builders.make_call(session, "Old name")
        edit = builders.call_edit(texts={"en": TextEdit(title="New name", slug="new-name")})
        call_changes.edit_call(session, call.id, edit, actor=builders.ANA, now=clock())
    answer = client.get("/calls/old-name.ics")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/calls/new-name.ics")


def test_the_calendar_of_a_withdrawn_call_is_gone(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        call = builders.make_call(session, "Withdrawn")
        publication.unpublish(session, call.id, actor=builders.ANA, now=clock())
    answer = client.get("/calls/withdrawn.ics")
    assert (answer.status_code, answer.mimetype) == (410, "text/plain")


def test_the_list_of_feeds_can_be_imported(client: Browser):
    answer = client.get("/de/feeds.opml")
    assert answer.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    addresses = etree.fromstring(answer.data).xpath("//outline/@xmlUrl")
    assert "https://agency.example/de/feed.atom" in addresses
    assert "https://agency.example/de/clusters/cleantech.atom" in addresses
    for address in addresses:
        assert client.get(address.removeprefix("https://agency.example")).status_code == 200


def test_the_feeds_of_a_cluster_can_be_imported(client: Browser):
    answer = client.get("/de/clusters/cleantech.opml")
    assert answer.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    root = etree.fromstring(answer.data)
    assert root.get("version") == "2.0"
    assert "CleanTech" in root.findtext("head/title")
    outlines = root.xpath("//outline[@xmlUrl]")
    assert [outline.get("xmlUrl") for outline in outlines] == [
        "https://agency.example/de/clusters/cleantech.atom",
        "https://agency.example/de/news.atom?cluster=cleantech",
        "https://agency.example/de/calls.atom?cluster=cleantech",
    ]
    for outline in outlines:
        assert outline.get("text")
        assert outline.get("type") == "rss"  # what the standard calls every feed
        for name in ("xmlUrl", "htmlUrl"):
            address = outline.get(name).removeprefix("https://agency.example")
            assert client.get(address).status_code == 200


def test_the_list_of_a_cluster_s_feeds_is_polled_like_a_feed(client: Browser, db: Database):
    first = client.get("/clusters/cleantech.opml")
    again = client.get("/clusters/cleantech.opml", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/clusters/healthtech.opml").data != first.data
    assert client.get("/clusters/nothing.opml").status_code == 404


def test_a_former_name_leads_to_the_list_of_a_cluster_s_feeds(client: Browser, db: Database):
    with db.begin() as session:
        former = (FormerNameEdit("EcoInnovation", 2009, 2019),)
        builders.make_cluster(session, "GreenTech", former_names=former)
    answer = client.get("/fr/clusters/ecoinnovation.opml")
    assert (answer.status_code, answer.location) == (301, "/fr/clusters/greentech.opml")


@pytest.mark.parametrize("path", ["/feed.atom", "/fr/calls.rss"])
def test_a_browser_gets_what_it_can_show_and_a_reader_what_it_expects(client: Browser, path: str):
    window = {"Sec-Fetch-Dest": "document"}
    for _ in range(2):  # made by Flask, then kept ready before it
        reader, shown = client.get(path), client.get(path, headers=window)
        assert reader.mimetype == f"application/{path.partition('.')[2]}+xml"
        assert shown.mimetype == "application/xml"
        assert shown.data == reader.data
        assert shown.headers["ETag"] != reader.headers["ETag"]
        assert reader.headers["Vary"] == shown.headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    tag = {"If-None-Match": shown.headers["ETag"]}
    assert client.get(path, headers=window | tag).status_code == 304
    assert client.get(path, headers=tag).status_code == 200


@pytest.mark.parametrize("path", ["/feed.json", "/calls.ics", "/calls.csv", "/feeds.opml"])
def test_other_formats_are_what_they_are_in_a_browser_too(client: Browser, path: str):
    shown = client.get(path, headers={"Sec-Fetch-Dest": "document"})
    assert shown.mimetype == client.get(path).mimetype


def test_the_stylesheet_of_feeds_is_there_and_a_feed_may_use_nothing_else(client: Browser):
    answer = client.get("/feed.rss")
    address = re.search(r'<\?xml-stylesheet type="text/css" href="([^"]+)"\?>', answer.text)[1]
    sheet = client.get(address)
    assert (sheet.status_code, sheet.mimetype) == (200, "text/css")
    assert "url(" not in sheet.text
    assert "@import" not in sheet.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'self'; sandbox"


def test_a_reader_gets_304_until_the_deadline_passes(client: Browser, clock: FixedClock):
    clock.advance(minutes=1)
    first = client.get("/calls.atom")
    again = {"If-None-Match": first.headers["ETag"]}
    by_date = {"If-Modified-Since": first.headers["Last-Modified"]}
    clock.advance(days=59, minutes=-1)  # 30 April, 09:00 UTC
    assert client.get("/calls.atom", headers=again).status_code == 304
    assert client.get("/calls.atom", headers=by_date).status_code == 304
    clock.advance(hours=5, minutes=59, seconds=59)
    assert client.get("/calls.atom", headers=again).status_code == 304
    clock.advance(seconds=1)  # 17:00 in Luxembourg
    changed = client.get("/calls.atom", headers=again)
    assert changed.status_code == 200
    assert 'status="closed"' in changed.text
    clock.advance(seconds=1)
    changed = client.get("/calls.atom", headers=by_date)
    assert changed.status_code == 200
    assert changed.headers["Last-Modified"] == "Thu, 30 Apr 2026 15:00:00 GMT"


def test_a_reader_gets_304_until_something_is_edited(
    client: Browser, db: Database, clock: FixedClock
):
    first = client.get("/news.rss")
    clock.advance(minutes=5)
    with db.begin() as session:
        news = builders.make_news(session, "Fresh", now=clock(), publish_at=clock())
    clock.advance(seconds=1)
    second = client.get("/news.rss", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert "Fresh" in second.text
    clock.advance(minutes=5)
    with db.begin() as session:
        publication.delete(session, news.id, actor=builders.ANA, now=clock())
    third = client.get("/news.rss", headers={"If-Modified-Since": second.headers["Last-Modified"]})
    assert third.status_code == 200  # a deletion is a change too
    assert "Fresh" not in third.text


def test_a_scheduled_entry_appears_at_its_time(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        builders.make_news(session, "Tomorrow", publish_at=clock() + timedelta(days=1))
    assert "Tomorrow" not in client.get("/news.rss").text
    clock.advance(hours=23, minutes=59, seconds=30)
    assert client.get("/news.rss").headers["Cache-Control"] == "public, max-age=30"
    clock.advance(seconds=30)
    assert "Tomorrow" in client.get("/news.rss").text


def test_head_answers_like_get(client: Browser):
    get, head = client.get("/feed.atom"), client.head("/feed.atom")
    assert head.data == b""
    assert list(head.headers) == list(get.headers)


def test_a_change_elsewhere_keeps_the_tag(client: Browser, db: Database, clock: FixedClock):
    tag = client.get("/calls.atom").headers["ETag"]
    clock.advance(minutes=1)
    with db.begin() as session:
        builders.make_news(session, "Elsewhere", now=clock(), publish_at=clock())
    assert client.get("/calls.atom", headers={"If-None-Match": tag}).status_code == 304


def test_a_calendar_leaves_out_what_ended_long_ago_unless_it_is_asked_for(
    client: Browser, db: Database
) -> None:
    with db.begin() as session:
        builders.make_call(session, "Long over", key_dates=(builders.deadline("2024-04-30"),))
    assert "Long over" not in client.get("/calls.ics").text
    for path in ("/calls.ics?status=archived", "/calls/long-over.ics", "/calls.csv"):
        assert "Long over" in client.get(path).text
