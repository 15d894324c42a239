"""The other pages: home, news, clusters, search, feeds, and what machines ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree, html

from feedsvc.auth.rules import Actor
from feedsvc.content.clusters import FormerNameEdit, NameEdit
from feedsvc.content.edits import Quote, TextEdit
from feedsvc.db import Database
from tests.builders import BEGINNING, deadline, make_call, make_cluster, make_news
from tests.support.client import Browser

PAGES = ("/", "/news/", "/calls/", "/clusters/", "/search", "/search?q=heat", "/feeds/",
         "/fit", "/fit?my_kind=sme&my_theme=heat")  # fmt: skip


def page(client: Browser, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    return html.fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("prefix", ["", "/fr", "/de"])
def test_every_page_answers_on_an_empty_site(client: Browser, editor: Actor, prefix: str) -> None:
    for path in PAGES:
        tree = page(client, prefix + path)
        assert tree.get("lang") == (prefix.strip("/") or "en"), path
        assert len(tree.xpath("//h1")) == 1


def test_home_leads_with_the_call_that_closes_next_and_the_latest_news(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_call(session, "Later", key_dates=(deadline("2026-06-01"),))
        make_call(session, "Sooner", key_dates=(deadline("2026-03-10"),))
        make_news(session, "Old", publish_at=BEGINNING - timedelta(days=9))
        make_news(session, "New", publish_at=BEGINNING - timedelta(days=1))
    tree = page(client, "/")
    assert "Sooner" in words(tree.xpath("//section[@class='soonest']")[0])
    assert [words(title) for title in tree.xpath("//li[contains(@class,'card')]//h3")] == [
        "New",
        "Old",
    ]


def test_scheduled_and_withdrawn_entries_are_on_no_page(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_news(session, "Tomorrow", publish_at=BEGINNING + timedelta(days=1))
        make_call(session, "Tomorrow too", publish_at=BEGINNING + timedelta(days=1))
        make_news(session, "A draft", publish_at=None)
    for path in (*PAGES, "/search?q=tomorrow", "/sitemap.xml"):
        text = client.get(path).text.lower()
        assert "tomorrow too" not in text
        assert "a draft" not in text
        assert ">tomorrow<" not in text
    assert client.get("/news/tomorrow").status_code == 404
    assert client.get("/news/a-draft").status_code == 404


def test_article_has_its_text_quote_share_link_and_related_items(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        other = make_news(session, "The other item")
        texts = {
            "en": TextEdit(
                title="Waste heat",
                summary="In short.",
                body="It is *there*.",
                quotes=(Quote("Use it twice.", "Energy adviser"),),
            )
        }
        make_news(session, texts=texts, related=(other.uid,))
    tree = page(client, "/news/waste-heat")
    assert tree.xpath("//article//em")[0].text == "there"
    assert [words(part) for part in tree.xpath("//blockquote")[0]] == [
        "Use it twice.",
        "Energy adviser",
    ]
    assert tree.xpath("//input[@id='address']/@value") == ["https://agency.example/news/waste-heat"]
    assert tree.xpath("//a[@href='/news/the-other-item']")


def test_news_without_photo_has_a_cover_that_never_changes(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_news(session)
    [address] = page(client, "/news/").xpath("//div[@class='cover']/img/@src")
    first, second = client.get(address), client.get(address)
    assert first.mimetype == "image/svg+xml"
    assert first.data == second.data
    assert "immutable" in first.headers["Cache-Control"]
    assert etree.fromstring(first.data).tag.endswith("svg")


def test_cluster_page_tells_history_manager_news_calls_and_feeds(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(
            session,
            "CleanTech",
            founded=2009,
            former_names=(FormerNameEdit("EcoInnovation", 2009, 2019),),
            texts={"en": NameEdit("CleanTech", manager_role="Relationship manager")},
            manager_email="cleantech@agency.example",
        )
        make_news(session, "Heat news", clusters=("cleantech",))
        make_call(session, "Heat call", clusters=("cleantech",))
        make_call(session, "Other call")
    tree = page(client, "/clusters/cleantech")
    text = words(tree.find(".//main"))
    assert "Founded in 2009 as EcoInnovation; CleanTech since 2019." in text
    assert "Relationship manager" in text
    assert "Heat news" in text
    assert "Heat call" in text
    assert "Other call" not in text
    assert tree.xpath("//main//a/@href[. = '/clusters/cleantech.atom']")


def test_search_marks_what_was_asked_for_in_calls_and_news(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session, "Heating with waste")
        make_news(session, "Heat is there")
        make_news(session, "Wood", texts={"en": TextEdit(title="Wood", body="Timber.")})
    tree = page(client, "/search?q=heat")
    assert {mark.text for mark in tree.xpath("//h4//mark")} == {"Heating", "Heat"}
    assert "Wood" not in words(tree.find(".//main"))


def test_feeds_page_explains_every_format_and_names_every_cluster(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
    tree = page(client, "/de/feeds/")
    site = "https://agency.example"
    copied = {words(code) for code in tree.xpath("//p[@class='address']/code")}
    assert copied == {f"{site}/de/feeds.opml"} | {
        f"{site}/de{stem}.{form}"
        for stem in ("/feed", "/calls", "/clusters/wood") for form in ("atom", "ics")
    } | {f"{site}/de/news.atom", f"{site}/de/changes.atom"}  # fmt: skip
    assert [part.get("id") for part in tree.xpath("//details")] == [
        "everything", "calls", "news", "changes", "cluster-wood",
    ]  # fmt: skip
    [wood] = tree.xpath("//details[@id='cluster-wood']")
    google = "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fagency.example"
    google += "%2Fde%2Fclusters%2Fwood.ics"
    assert set(wood.xpath(".//a/@href")) == {
        "/de/clusters/wood",
        "feed://agency.example/de/clusters/wood.atom",
        *(f"{site}/de/clusters/wood.{form}" for form in ("rss", "json", "csv", "opml")),
        "webcal://agency.example/de/clusters/wood.ics",
        google,
        "/de/subscribe?cluster=wood",
        f"{site}/clusters/wood.atom",
        f"{site}/fr/clusters/wood.atom",
        f"{site}/all/clusters/wood.atom",
    }


def test_feeds_page_offers_no_calendar_and_no_mail_of_news(client: Browser) -> None:
    [news] = page(client, "/feeds/").xpath("//details[@id='news']")
    addresses = " ".join(news.xpath(".//a/@href"))
    assert ".atom" in addresses
    for other in (".ics", ".csv", "webcal", "/subscribe"):
        assert other not in addresses


def test_every_address_that_can_be_copied_has_a_button_and_a_name(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
    tree = page(client, "/feeds/")
    codes = tree.xpath("//p[@class='address']/code")
    ids = [code.get("id") for code in codes]
    assert ids == tree.xpath("//button/@data-copy")
    assert len(set(ids)) == len(ids)
    assert all(code.get("aria-label") for code in codes)


def test_head_names_the_feeds_of_the_page_site_feed_first(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
    tree = page(client, "/calls/?cluster=wood")
    feeds = tree.xpath("//link[@rel='alternate'][@type]/@href")
    assert feeds == ["/feed.atom", "/calls.atom?cluster=wood", "/calls.rss?cluster=wood"]


def test_every_feed_that_a_page_names_exists(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_call(session, clusters=("wood",))
        make_news(session)
    found: set[str] = set()
    for path in (*PAGES, "/clusters/wood", "/calls/reuse-of-process-heat"):
        found.update(page(client, path).xpath("//link[@rel='alternate'][@type]/@href"))
    assert {address: client.get(address).status_code for address in found} == dict.fromkeys(
        found, 200
    )


def test_sitemap_lists_public_pages_by_absolute_address(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood", texts={"en": NameEdit("Wood")})
        make_call(session)
    places = set(etree.fromstring(client.get("/sitemap.xml").data).itertext("{*}loc"))
    assert "https://agency.example/calls/reuse-of-process-heat" in places
    assert "https://agency.example/fr/clusters/wood" in places
    assert "https://agency.example/fr/calls/reuse-of-process-heat" not in places


def test_machines_find_health_readiness_and_rules_for_crawlers(
    db: Database, client: Browser
) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz/database").status_code == 200
    assert "Sitemap: https://agency.example/sitemap.xml" in client.get("/robots.txt").text
    assert client.get("/favicon.svg").mimetype == "image/svg+xml"


def test_news_can_be_read_by_year_and_month_of_utc(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        for title, at in (
            ("New year's eve", datetime(2025, 12, 31, 23, 30, tzinfo=UTC)),
            ("New year", datetime(2026, 1, 1, 0, 30, tzinfo=UTC)),
            ("Later", datetime(2026, 1, 20, tzinfo=UTC)),
            ("Tomorrow", BEGINNING + timedelta(days=1)),
        ):
            make_news(session, title, publish_at=at, clusters=("wood",) if title == "Later" else ())
    tree = page(client, "/news/?published=2026-01")
    assert words(tree.find(".//h1")) == "News: published in January 2026"
    assert [words(title) for title in tree.xpath("//li[contains(@class,'card')]//h3")] == [
        "Later", "New year",
    ]  # fmt: skip
    rows = tree.xpath("//nav[@class='archive']/ul/li")
    assert [words(row) for row in rows] == ["2026 January 2", "2025 December 1"]
    assert tree.xpath("//nav[@class='archive']//a[@aria-current]/@href") == [
        "/news/?published=2026-01"
    ]
    assert tree.xpath("//a[@class='chip']/@href") == ["/news/"]
    assert not page(client, "/news/?cluster=wood").xpath("//nav[@class='archive']")


def test_article_says_how_long_it_takes_and_puts_quotes_between_its_parts(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        body = "word " * 700 + "\n\n## Second part\n\nThe end."
        quotes = (Quote("Use it twice.", "Adviser"),)
        make_news(session, texts={"en": TextEdit(title="Heat", body=body, quotes=quotes)})
    tree = page(client, "/news/heat")
    assert "3 minutes to read" in words(tree.xpath("//article/header")[0])
    order = [e.tag for e in tree.xpath("//article//*[self::h2 or self::blockquote]")][:2]
    assert order == ["blockquote", "h2"]
    assert "3 min" in words(page(client, "/news/").xpath("//li[contains(@class,'card')]")[0])


def test_link_between_news_and_a_call_is_shown_at_both(db: Database, client: Browser) -> None:
    with db.begin() as session:
        item = make_news(session, "Told")
        make_call(session, related=(item.uid,))
    assert page(client, "/news/told").xpath("//a[@href='/calls/reuse-of-process-heat']")


def test_pages_are_light_with_all_that_they_load_but_pictures(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_call(session, clusters=("wood",), series="Heat")
        make_news(session, clusters=("wood",))
    as_sent = {"Accept-Encoding": "gzip"}
    for path in (*PAGES, "/calls/reuse-of-process-heat", "/clusters/wood", "/about", "/embed"):
        tree = page(client, path)
        scripts = tree.xpath("//script/@src")
        styles = tree.xpath("//link[@rel='stylesheet']/@href")
        assert not [it for it in (*scripts, *styles) if not it.startswith("/")], path
        assert sum(len(client.get(script).data) for script in scripts) <= 20 * 1024, path
        sent = [client.get(it, headers=as_sent).data for it in (path, *scripts, *styles)]
        assert sum(map(len, sent)) <= 60 * 1024, path


def test_lists_mark_the_words_that_were_asked_for(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session, "Heating", texts={"en": TextEdit(title="Heating", body="Waste heat.")})
        make_news(session, "Heat is there", texts={"en": TextEdit(title="Heat", body="Heat.")})
    for path, found in (("/calls/", ["Heating", "heat"]), ("/news/", ["Heat", "Heat"])):
        marks = page(client, f"{path}?q=heat").xpath("//section[@id='results']//li//mark")
        assert [words(mark) for mark in marks] == found, path


def test_news_are_chosen_by_cluster_and_time_beside_the_list(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_cluster(session, "Health")
        make_news(session, "Timber", clusters=("wood",))
        make_news(session, "Old timber", clusters=("wood",), publish_at=BEGINNING - timedelta(60))
        make_news(session, "Cells", clusters=("health",))
    tree = page(client, "/news/?published_within=30&published=2026-03")
    facets = {
        words(facet.find("summary")): [words(label) for label in facet.iter("label")]
        for facet in tree.xpath("//details[@class='facet']")
    }
    assert facets["Cluster"] == ["Wood 1", "Health 1"]
    assert facets["Published"][0] == "any time"
    assert [
        (kept.get("name"), kept.get("value"))
        for kept in tree.xpath("//form//input[@type='hidden']")
    ] == [("published", "2026-03")]


def test_search_without_a_result_offers_to_drop_the_narrowest_condition(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_call(session, "Heat")
        make_news(session, "Heat again")
    [offer, told] = page(client, "/search?q=heat&cluster=wood").xpath("//div[@class='empty']//a")
    assert (words(offer), offer.get("href")) == ("Without Wood: 2 results", "/search?q=heat")
    assert told.get("href") == "/subscribe?cluster=wood&q=heat"
    [chip, *_] = page(client, "/search?q=heat&kind=news").xpath("//a[@class='chip']")
    assert (words(chip), chip.get("href")) == ("Remove: News ×", "/search?q=heat")
