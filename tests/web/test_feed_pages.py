"""A feed in parts: pages, months and languages, and what is left of entries that were taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree, html

from feedsvc.content import clusters, organisations, publication
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.news import changes as news_changes
from feedsvc.settings import Settings
from tests import builders
from tests.builders import ANA, BEGINNING
from tests.support.client import Browser
from tests.support.clock import FixedClock

SIZE = 3  # entries on a page
HISTORY = "{http://purl.org/syndication/history/1.0}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
ATOM_LINK = "{http://www.w3.org/2005/Atom}link"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, feed_size=SIZE)


def news(db: Database, number: int, *, before: datetime = BEGINNING, **more: Any) -> list[str]:
    """Publish that many news items, two of them in each second; their ids, the newest first."""
    ids = []
    with db.begin() as session:
        for index in range(number):
            at = before - timedelta(seconds=(number - index) // 2)
            item = builders.make_news(session, f"Item {index}", publish_at=at, **more)
            ids.append(f"urn:uuid:{item.uid}")
    return ids[::-1]


def links(data: bytes) -> dict[str, str]:
    """The links of an Atom or RSS feed to itself and its parts, by their relation."""
    root = etree.fromstring(data)
    parent = root if root.tag.endswith("feed") else root[0]
    found = parent.findall(ATOM_LINK)
    beside = ("alternate", "describedby", "hub")
    return {link.get("rel"): link.get("href") for link in found if link.get("rel") not in beside}


def local(address: str) -> str:
    return address.removeprefix("https://agency.example")


def walk(client: Browser, path: str, rel: str = "next") -> Iterator[list[str]]:
    """The ids on each document from `path` along that relation."""
    for _ in range(30):
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        yield [entry.id for entry in feedparser.parse(answer.data).entries]
        following = links(answer.data).get(rel)
        if following is None:
            return
        path = local(following)
    raise AssertionError("the walk does not end")


@pytest.mark.parametrize("extension", ["atom", "rss"])
def test_a_walk_along_next_gives_each_entry_once_while_others_are_published(
    client: Browser, db: Database, extension: str
):
    ids = news(db, 8)
    seen = []
    for number, page in enumerate(walk(client, f"/news.{extension}")):
        seen += page
        with db.begin() as session:
            builders.make_news(session, f"Late {number}", publish_at=BEGINNING)
    assert seen == ids


def test_json_feed_leads_to_the_next_page(client: Browser, db: Database):
    ids, seen, path = news(db, 5), [], "/news.json"
    while path:
        page = json.loads(client.get(path).text)
        seen += [item["id"] for item in page["items"]]
        path = local(page.get("next_url", ""))
    assert seen == ids


def test_a_walk_along_previous_leads_back_to_the_beginning(client: Browser, db: Database):
    ids = news(db, 8)
    *_, last = walk(client, "/news.atom")
    assert last == ids[6:]
    end = local(links(client.get("/news.atom").data)["next"])
    end = local(links(client.get(end).data)["next"])
    pages = list(walk(client, end, "previous"))
    assert pages == [ids[6:], ids[3:6], ids[:3]]
    assert links(client.get(end).data)["first"] == "https://agency.example/news.atom"


def test_pages_keep_the_filter_and_are_parts_of_one_feed(client: Browser, db: Database):
    with db.begin() as session:
        builders.make_cluster(session, "CleanTech")
    news(db, 5, clusters=("cleantech",))
    first = client.get("/feed.atom?cluster=cleantech").data
    following = links(first)["next"]
    assert "cluster=cleantech&before=" in following
    second = feedparser.parse(client.get(local(following)).data).feed
    assert second.id == feedparser.parse(first).feed.id
    assert links(client.get(local(following)).data)["self"] == following


@pytest.mark.parametrize("text", ["x", "1-2-3", "9" * 40, "12", "-", "99999999999999-1"])
def test_a_place_that_is_none_is_refused_in_words(client: Browser, text: str):
    answer = client.get(f"/feed.atom?before={text}")
    assert answer.status_code == 400
    assert "Begin at the first page" in answer.text


def test_formats_without_pages_say_so(client: Browser):
    answer = client.get("/calls.csv?before=1-1")
    assert answer.status_code == 400
    assert "without pages" in answer.text


def test_months_lead_to_each_other_and_miss_nothing(client: Browser, db: Database):
    ids = [
        *news(db, 4),
        *news(db, 2, before=datetime.fromisoformat("2026-02-10T12:00:00+00:00")),
        *news(db, 5, before=datetime.fromisoformat("2025-11-30T23:59:59+00:00")),
    ]
    documents = list(walk(client, "/news.atom", "prev-archive"))
    assert [len(document) for document in documents] == [3, 4, 2, 5]
    assert dict.fromkeys(one for document in documents for one in document) == dict.fromkeys(ids)
    february = client.get("/news.atom?published=2026-02").data
    assert etree.fromstring(february).find(f"{HISTORY}archive") is not None
    assert links(february) == {
        "self": "https://agency.example/news.atom?published=2026-02",
        "current": "https://agency.example/news.atom",
        "prev-archive": "https://agency.example/news.atom?published=2025-11",
        "next-archive": "https://agency.example/news.atom?published=2026-03",
    }
    assert "published in February 2026" in feedparser.parse(february).feed.title


def test_a_month_is_an_archive_when_it_is_over(client: Browser, db: Database, clock: FixedClock):
    news(db, 1)
    path = "/feed.rss?published=2026-03"
    before = client.get(path)
    assert etree.fromstring(before.data)[0].find(f"{HISTORY}archive") is None
    clock.at = datetime.fromisoformat("2026-04-01T00:00:00+00:00")
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert etree.fromstring(after.data)[0].find(f"{HISTORY}archive") is not None


def test_a_month_learns_of_the_one_after_it_when_its_first_entry_appears(
    client: Browser, db: Database, clock: FixedClock
):
    news(db, 1)
    with db.begin() as session:
        at = BEGINNING + timedelta(days=40)
        builders.make_news(session, "In April", publish_at=at)
    path = "/news.atom?published=2026-03"
    assert "next-archive" not in links(client.get(path).data)
    clock.advance(days=41)
    assert links(client.get(path).data)["next-archive"].endswith("published=2026-04")


def test_a_year_is_a_filter_and_no_archive(client: Browser, db: Database):
    news(db, 2)
    data = client.get("/news.atom?published=2026").data
    assert len(feedparser.parse(data).entries) == 2
    assert "published in 2026" in feedparser.parse(data).feed.title
    assert etree.fromstring(data).find(f"{HISTORY}archive") is None
    assert feedparser.parse(client.get("/news.atom?published=2025").data).entries == []


@pytest.mark.parametrize("text", ["2026-13", "2026-3", "26", "2026-00", "x", "2026-03-01", "0000"])
def test_a_month_that_is_none_is_refused_in_words(client: Browser, text: str):
    answer = client.get(f"/news.atom?published={text}")
    assert answer.status_code == 400
    assert "a month like 2026-03" in answer.text


def test_the_list_of_a_month_is_a_page_too(client: Browser, db: Database):
    news(db, 1)
    news(db, 1, before=datetime.fromisoformat("2025-11-30T00:00:00+00:00"))
    page = html.fromstring(client.get("/news/?published=2025-11").text)
    shown = {link for link in page.xpath("//main//a/@href") if link.startswith("/news/item")}
    assert shown == {"/news/item-0-2"}
    (chip,) = page.xpath("//a[@class='chip'][contains(., 'published in November 2025')]")
    assert chip.get("href") == "/news/"


def test_the_feed_of_open_calls_is_whole(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        for number in range(SIZE + 2):
            builders.make_call(session, f"Call {number}")
    for extension, root in (("atom", "."), ("rss", "channel")):
        data = client.get(f"/calls.{extension}?status=open").data
        assert len(feedparser.parse(data).entries) == SIZE + 2
        assert etree.fromstring(data).find(root).find(f"{HISTORY}complete") is not None
        assert "next" not in links(data)
    assert json.loads(client.get("/calls.json?status=open").text)["_history"]["complete"] is True
    clock.at = datetime.fromisoformat("2026-05-01T00:00:00+02:00")
    empty = client.get("/calls.atom?status=open").data
    assert feedparser.parse(empty).entries == []
    assert etree.fromstring(empty).find(f"{HISTORY}complete") is not None


@pytest.mark.parametrize("path", ["/calls.atom", "/calls.atom?status=closed", "/feed.atom"])
def test_a_feed_of_the_newest_entries_does_not_claim_to_be_whole(client: Browser, path: str):
    assert etree.fromstring(client.get(path).data).find(f"{HISTORY}complete") is None


def tombstones(client: Browser, path: str) -> dict[str, str]:
    root = etree.fromstring(client.get(path).data)
    return {one.get("ref"): one.get("when") for one in root.findall(TOMBSTONE)}


def test_what_was_taken_away_is_named_for_sixty_days(
    client: Browser, db: Database, clock: FixedClock
):
    withdrawn, deleted = news(db, 2)
    with db.begin() as session:
        item = builders.make_news(session, "Stays", publish_at=BEGINNING)
        builders.make_news(session, "Never seen", publish_at=None)
        stays = item.uid
    with db.begin() as session:
        rows = {row.uid: row.id for row in session.query(type(item)).all()}
        gone = rows[withdrawn.removeprefix("urn:uuid:")], rows[deleted.removeprefix("urn:uuid:")]
        publication.unpublish(session, gone[0], actor=ANA, now=clock())
        publication.delete(session, gone[1], actor=ANA, now=clock())
    when = "2026-03-02T09:00:00+00:00"
    assert tombstones(client, "/feed.atom") == {withdrawn: when, deleted: when}
    assert tombstones(client, "/news.atom") == {withdrawn: when, deleted: when}
    assert tombstones(client, "/calls.atom") == {}
    assert f"urn:uuid:{stays}" in client.get("/feed.atom").text
    clock.advance(days=60)
    assert tombstones(client, "/feed.atom") == {}


def test_an_entry_that_comes_back_is_an_entry_again(
    client: Browser, db: Database, clock: FixedClock
):
    (uid,) = news(db, 1)
    with db.begin() as session:
        publication.unpublish(session, 1, actor=ANA, now=clock())
    assert list(tombstones(client, "/feed.atom")) == [uid]
    with db.begin() as session:
        publication.publish(session, 1, at=clock(), actor=ANA, now=clock())
    assert tombstones(client, "/feed.atom") == {}
    assert [entry.id for entry in feedparser.parse(client.get("/feed.atom").data).entries] == [uid]


def test_a_feed_of_what_was_deleted_is_gone(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        cluster = builders.make_cluster(session, "CleanTech").id
        fund = builders.make_organisation(session, "Example Fund").id
        programme = builders.make_programme(session, "Example Programme").id
    paths = (
        "/clusters/cleantech.atom", "/feed.rss?cluster=cleantech", "/calls.ics?cluster=cleantech",
        "/calls.json?funder=example-fund", "/calls.csv?programme=example-programme",
    )  # fmt: skip
    assert {client.get(path).status_code for path in paths} == {200}
    with db.begin() as session:
        clusters.delete_cluster(session, cluster, actor=ANA, now=clock())
        organisations.delete_organisation(session, fund, actor=ANA, now=clock())
        organisations.delete_programme(session, programme, actor=ANA, now=clock())
    assert {client.get(path).status_code for path in paths} == {410}
    assert "was deleted" in client.get("/feed.rss?cluster=cleantech").text
    assert client.get("/feed.rss?cluster=never-was").status_code == 400


def test_a_renamed_funder_or_programme_leads_on(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        fund = builders.make_organisation(session, "Example Fund").id
        programme = builders.make_programme(session, "Example Programme").id
    with db.begin() as session:
        named = organisations.OrganisationEdit(names={"en": "Better Fund"}, slug="better-fund")
        organisations.edit_organisation(session, fund, named, actor=ANA, now=clock())
        edit = organisations.ProgrammeEdit(name="Better", slug="better")
        organisations.edit_programme(session, programme, edit, actor=ANA, now=clock())
    answer = client.get("/fr/calls.atom?funder=example-fund&programme=example-programme")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/fr/calls.atom?funder=better-fund&programme=better"
    assert client.get("/calls/?funder=example-fund").headers["Location"] == (
        "/calls/?funder=better-fund"
    )


def test_an_address_that_led_to_a_deleted_entry_leads_nowhere_else(
    client: Browser, db: Database, clock: FixedClock
):
    """A database may give the id of what was deleted to the next entry."""
    news(db, 1)
    with db.begin() as session:
        edit = builders.news_edit(texts={"en": TextEdit(title="Renamed", slug="renamed")})
        news_changes.edit_news(session, 1, edit, actor=ANA, now=clock())
    assert client.get("/news/item-0").status_code == 301
    with db.begin() as session:
        publication.delete(session, 1, actor=ANA, now=clock())
    news(db, 1, texts={"en": TextEdit(title="Quite another")})
    assert client.get("/news/item-0").status_code == 410
    assert client.get("/news/renamed").status_code == 410


TEXTS = {
    "en": TextEdit(title="Waste heat", summary="In English.", body="Act."),
    "fr": TextEdit(title="Chaleur perdue", summary="En français.", body="Agir."),
}


def test_one_feed_has_every_language(client: Browser, db: Database):
    with db.begin() as session:
        both = builders.make_news(session, texts=TEXTS).uid
        german = builders.make_news(session, texts={"de": TextEdit(title="Nur deutsch")}).uid
    feed = feedparser.parse(client.get("/all/news.atom").data)
    assert not feed.bozo
    assert feed.feed.title.endswith("English, Français and Deutsch")
    found = {entry.id.removeprefix("urn:uuid:"): entry for entry in feed.entries}
    assert found[both].title == "Waste heat / Chaleur perdue"
    text = found[both].content[0].value
    assert "Act." in text
    assert "Agir." in text
    assert "Not available" not in text
    assert found[german].title == "Nur deutsch"
    assert found[german].link == "https://agency.example/de/news/nur-deutsch"
    assert {entry.id for entry in feed.entries} == {
        entry.id for entry in feedparser.parse(client.get("/news.atom").data).entries
    }


def test_the_feed_of_every_language_names_each_alone(client: Browser, db: Database):
    root = etree.fromstring(client.get("/all/calls.atom?status=open").data)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") is None
    alternates = {
        link.get("hreflang"): link.get("href")
        for link in root.findall(ATOM_LINK)
        if link.get("hreflang")
    }
    assert alternates == {
        "en": "https://agency.example/calls.atom?status=open",
        "fr": "https://agency.example/fr/calls.atom?status=open",
        "de": "https://agency.example/de/calls.atom?status=open",
    }


@pytest.mark.parametrize("extension", ["rss", "atom", "json", "ics", "csv"])
def test_every_format_has_every_language(client: Browser, db: Database, extension: str):
    texts = {"en": TextEdit(title="Heat"), "fr": TextEdit(title="Chaleur")}
    with db.begin() as session:
        builders.make_call(session, texts=texts)
    answer = client.get(f"/all/calls.{extension}")
    assert answer.status_code == 200
    assert "Heat" in answer.text
    assert "Chaleur" in answer.text


def test_moves_stay_in_every_language(client: Browser, db: Database, clock: FixedClock):
    with db.begin() as session:
        edit = clusters.ClusterEdit(
            slug="cleantech", texts={"en": clusters.NameEdit("CleanTech")},
            former_names=(clusters.FormerNameEdit("EcoCluster"),),
        )  # fmt: skip
        clusters.create_cluster(session, edit, actor=ANA, now=clock())
    answer = client.get("/all/clusters/ecocluster.atom")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/all/clusters/cleantech.atom"


def test_a_twin_page_shows_what_the_feed_of_everything_is_filtered_to(
    client: Browser, db: Database
):
    with db.begin() as session:
        builders.make_cluster(session, "CleanTech")
        builders.make_news(session, "In the cluster", clusters=("cleantech",))
        builders.make_news(session, "Elsewhere")
    page = feedparser.parse(client.get("/feed.atom?cluster=cleantech").data).feed.link
    assert page == "https://agency.example/search?cluster=cleantech"
    shown = client.get(local(page)).text
    assert "In the cluster" in shown
    assert "Elsewhere" not in shown


def test_mail_is_about_what_is_to_come(client: Browser):
    page = html.fromstring(client.get("/calls/?published=2026-03").text)
    offered = [link for link in page.xpath("//a/@href") if link.startswith("/subscribe")]
    assert offered
    assert not any("published" in link for link in offered)
    asked = client.submit(
        "/subscribe?published=2026-03",
        {"email": "ana@agency.example", "offsets": "7"},
    )
    assert asked.status_code == 422
    assert "what is to come" in asked.text
