"""The sitemap by the rules of sitemaps.org, and what crawlers are asked to leave alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.robotparser import RobotFileParser
from uuid import uuid4

import pytest
from lxml import etree
from sqlalchemy import insert

from feedsvc.content.edits import TextEdit
from feedsvc.content.models import Translation
from feedsvc.db import Database
from feedsvc.news.models import NewsItem
from feedsvc.web.public.sitemap import ENTRIES
from tests.builders import BEGINNING, make_call, make_cluster, make_news
from tests.support.client import Browser

SITE = "https://agency.example"
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
MOST, MOST_BYTES, LONGEST = 50_000, 50 * 1024 * 1024, 2_048
BOTH = {
    "en": TextEdit(title="Waste heat & more", body="English."),
    "fr": TextEdit(title="Chaleur perdue", body="Français."),
}


@pytest.fixture(autouse=True)
def _content(db: Database) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_call(session)
        make_news(session, texts=BOTH)
        make_news(session, "Tomorrow", publish_at=BEGINNING + timedelta(days=1))
        make_news(session, "A draft", publish_at=None)


def places(client: Browser, path: str = "/sitemap.xml") -> dict[str, etree._Element]:
    """The addresses of a file, each with what is said of it."""
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    root = etree.fromstring(answer.data)
    assert root.tag == f"{SPACE}urlset"
    found = {url.findtext(f"{SPACE}loc"): url for url in root}
    assert len(found) == len(root), "an address stands twice"
    return found


def others(url: etree._Element) -> dict[str, str]:
    return {link.get("hreflang"): link.get("href") for link in url.iter(LINK)}


def fill(db: Database, more: int) -> None:
    """So many published news items more, in one go."""
    at, ids = BEGINNING - timedelta(days=1), range(1000, 1000 + more)
    item = {"publish_at": at, "created_at": at, "updated_at": at}
    text = {"kind": "news", "language": "en", "title": "News"}
    with db.begin() as session:
        items = [{**item, "id": number, "uid": str(uuid4())} for number in ids]
        session.execute(insert(NewsItem), items)
        texts = [{**text, "entry_id": number, "slug": f"news-{number}"} for number in ids]
        session.execute(insert(Translation), texts)


def test_every_address_is_absolute_short_enough_and_dated_by_the_rules(client: Browser) -> None:
    data = client.get("/sitemap.xml").data
    assert len(data) < MOST_BYTES
    found = places(client)
    assert len(found) < MOST
    for address, url in found.items():
        assert address.startswith(f"{SITE}/")
        assert len(address) < LONGEST
        assert [child.tag for child in url if child.tag != LINK] in (
            [f"{SPACE}loc"], [f"{SPACE}loc", f"{SPACE}lastmod"],
        )  # fmt: skip
        if changed := url.findtext(f"{SPACE}lastmod"):
            assert datetime.fromisoformat(changed).tzinfo is not None


def test_every_address_answers_and_names_itself_as_the_original(client: Browser) -> None:
    for address in places(client):
        answer = client.get(address.removeprefix(SITE))
        assert answer.status_code == 200, address
        assert f'<link rel="canonical" href="{address}">' in answer.text


def test_an_address_names_the_languages_in_which_its_text_exists(client: Browser) -> None:
    found = places(client)
    english, french = f"{SITE}/news/waste-heat-more", f"{SITE}/fr/news/chaleur-perdue"
    for address in (english, french):
        assert others(found[address]) == {"en": english, "fr": french, "x-default": english}
    assert others(found[f"{SITE}/calls/reuse-of-process-heat"]) == {}
    assert others(found[f"{SITE}/de/clusters/wood"]) == {
        "en": f"{SITE}/clusters/wood",
        "fr": f"{SITE}/fr/clusters/wood",
        "de": f"{SITE}/de/clusters/wood",
        "x-default": f"{SITE}/clusters/wood",
    }


def test_languages_point_at_each_other(client: Browser) -> None:
    found = places(client)
    for address, url in found.items():
        for code, other in others(url).items():
            assert code == "x-default" or address in others(found[other]).values()


def test_pages_say_the_same_of_their_languages_as_the_sitemap(client: Browser) -> None:
    for address, url in places(client).items():
        if not others(url):
            continue
        page = etree.HTML(client.get(address.removeprefix(SITE)).text)
        links = page.xpath("//link[@rel='alternate'][@hreflang]")
        assert {link.get("hreflang"): link.get("href") for link in links} == others(url)


def test_what_is_not_public_is_not_listed(client: Browser) -> None:
    text = client.get("/sitemap.xml").text
    assert "tomorrow" not in text
    assert "a-draft" not in text
    assert "/admin/" not in text


def test_an_entry_is_dated_when_readers_last_saw_it_change(client: Browser, db: Database) -> None:
    url = places(client)[f"{SITE}/calls/reuse-of-process-heat"]
    assert url.findtext(f"{SPACE}lastmod") == BEGINNING.isoformat()


def test_many_entries_are_in_several_files_under_an_index(db: Database, client: Browser) -> None:
    fill(db, ENTRIES)
    index = etree.fromstring(client.get("/sitemap.xml").data)
    assert index.tag == f"{SPACE}sitemapindex"
    files = list(index.itertext(f"{SPACE}loc"))
    assert files == [f"{SITE}/sitemap-1.xml", f"{SITE}/sitemap-2.xml"]
    parts = [places(client, address.removeprefix(SITE)) for address in files]
    assert not parts[0].keys() & parts[1].keys()
    everything = parts[0] | parts[1]
    news = {f"{SITE}/news/news-{number}" for number in range(1000, 1000 + ENTRIES)}
    assert news <= set(everything)
    assert {f"{SITE}/", f"{SITE}/fr/news/chaleur-perdue"} <= set(everything)


@pytest.mark.parametrize("part", ["0", "2", "99999999999999999999"])
def test_a_file_that_is_not_in_the_index_is_not_there(client: Browser, part: str) -> None:
    assert client.get(f"/sitemap-{part}.xml").status_code == 404


def test_crawlers_are_asked_to_leave_private_addresses_and_to_read_feeds(client: Browser) -> None:
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())
    assert rules.site_maps() == [f"{SITE}/sitemap.xml"]
    for prefix in ("", "/fr", "/de"):
        for private in ("confirm", "manage", "own", "unsubscribe"):
            assert not rules.can_fetch("Bot", f"{SITE}{prefix}/{private}/abc")
        for public in (
            "/",
            "/feed.atom",
            "/calls.ics",
            "/feeds.opml",
            "/ns/call/1.0",
            "/subscribe",
        ):
            assert rules.can_fetch("Bot", f"{SITE}{prefix}{public}")
    assert not rules.can_fetch("Bot", f"{SITE}/admin/")
