"""Whatever is asked of a feed, and whatever was typed into it: the right status, and a whole document."""

from __future__ import annotations

import json
from itertools import product

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from lxml import etree

from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import NAMES
from feedsvc.db import Database
from tests import builders
from tests.support.client import Browser

LISTS = ("/feed", "/news", "/calls", "/search", "/clusters/wood", "/fr/calls", "/all/feed")
FORMATS = ("atom", "rss", "json", "ics", "csv", "opml", "exe", "ATOM", "atom.gz", "")
QUERIES = (
    "", "?q=%00", "?q=%ff%fe", "?q=%22", "?q=*", "?q=" + "x" * 5000, "?q=a%20OR%20b", "?q=NEAR(",
    "?%00=1", "?=", "?&&&", "?cluster=%00", "?cluster=" + "&cluster=".join("abc" * 20),
    "?before=1-99999999999999999999", "?before=-1--1", "?before=1-1&before=2-2", "?before=%00",
    "?published=2026-02-30", "?published=%d9%a2%d9%a0%d9%a2%d9%a6", "?published=1899",
    "?award_max_from=1e400", "?award_max_from=nan", "?closes_within=0", "?status=open&status=shut",
    "?kind=call&kind=news", "?q=%ed%a0%80", "?q=%f0%9f%92%a9", "?q=%e2%80%ae",
)  # fmt: skip
TYPED = (
    "R&D <x> & \"more\" 'quotes' ]]> <!-- -->", "</title><script>alert(1)</script>", "&amp;lt;",
    "before\x00\x08\x1f\x7f\ufffe\uffffafter", "right\u202eto left", "\ud800 lone", "💩 é ß 中文",
    "BEGIN:VEVENT\r\nEND:VCALENDAR", "=1+1", "a" * 290, "line\u2028separator\u2029", "tab\tand\nline",
)  # fmt: skip
HEADERS = ("If-None-Match", "If-Modified-Since", "Accept-Encoding", "Accept", "Range", "Host")
VALUES = ("", "*", '"', 'W/"', '"a", "b', "\xff\xfe", "x" * 4000, ";q=", "gzip;q=9, br;q=-1, *;q=0")


@pytest.fixture
def site(db: Database, client: Browser) -> Browser:
    with db.begin() as session:
        builders.make_cluster(session, "Wood")
        builders.make_call(session, clusters=("wood",))
        builders.make_news(session)
    return client


def test_every_odd_address_has_a_right_status_and_a_sentence(site: Browser):
    plain = [f"{path}.{extension}" for path, extension in product(LISTS, FORMATS)]
    asked = [f"/{path}{query}" for path, query in product(("feed.atom", "calls.ics"), QUERIES)]
    for address in plain + asked:
        answer = site.get(address)
        assert answer.status_code in (200, 400, 404, 414), (address, answer.status_code)
        if answer.status_code != 200:
            assert len(answer.text) > 20, address


@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from((*NAMES, "before", "x")), st.text(max_size=30)), max_size=4
    ),
    extension=st.sampled_from(FORMATS[:5]),
)
def test_no_query_string_is_a_fault(site: Browser, pairs: list[tuple[str, str]], extension: str):
    text = [(name, value.encode("utf-8", "replace").decode()) for name, value in pairs]
    answer = site.get(f"/calls.{extension}", query_string=text)
    assert answer.status_code in (200, 400)


def test_no_header_is_a_fault(site: Browser):
    for name, value in product(HEADERS, VALUES):
        for _ in range(2):  # the second is answered before Flask
            answer = site.get("/feed.atom", headers={name: value})
            assert answer.status_code in (200, 304, 400, 406), (name, value, answer.status_code)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "X"])
def test_a_feed_is_only_read(site: Browser, method: str):
    for path in ("/feed.atom", "/calls.ics", "/feeds.opml"):
        for _ in range(2):
            site.get(path)
            answer = site.open(path, method=method)
            assert answer.status_code == 405
            assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("text", TYPED)
def test_whatever_was_typed_every_format_stays_whole(db: Database, client: Browser, text: str):
    body = f"{text}\n\n[relative](/calls/) [sideways](../x) ![none](data:x) <b>{text}</b>"
    texts = {code: TextEdit(title=text, summary=text, body=body) for code in ("en", "de")}
    with db.begin() as session:
        builders.make_news(session, texts=texts)
        builders.make_call(
            session, texts=texts, reference=text[:200], edition=text[:60], contact_role=text[:200],
        )  # fmt: skip
    for prefix in ("", "/de", "/all"):
        for extension in ("atom", "rss"):
            data = client.get(f"{prefix}/feed.{extension}").data
            etree.fromstring(data)
            found = feedparser.parse(data)
            assert not found.bozo
            assert len(found.entries) == 2
            content = found.entries[0].content[0].value
            assert etree.HTML(content).xpath("//script | //@onclick") == []
        assert len(json.loads(client.get(f"{prefix}/feed.json").data)["items"]) == 2
        calendar = Calendar.from_ical(client.get(f"{prefix}/calls.ics").data)
        assert len(calendar.walk("VEVENT")) == 1
        assert len(client.get(f"{prefix}/calls.csv").text.splitlines()) == 2


def test_links_of_a_text_lead_somewhere_from_anywhere(db: Database, client: Browser):
    body = "[a](/calls/) [b](../news/) [c](?q=x) [d](#part) [e](https://other.example/x)"
    with db.begin() as session:
        builders.make_news(session, texts={"en": TextEdit(title="Links", body=body)})
    content = feedparser.parse(client.get("/news.atom").data).entries[0].content[0].value
    links = etree.HTML(content).xpath("//a/@href")
    assert links == [
        "https://agency.example/calls/",
        "https://agency.example/news/",
        "https://agency.example/news/links?q=x",
        "https://agency.example/news/links#part",
        "https://other.example/x",
    ]
