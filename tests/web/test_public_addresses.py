"""Addresses that changed, went away, or stand in another language."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from lxml import html

from feedsvc.content import publication
from feedsvc.content.clusters import FormerNameEdit
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.news import changes
from tests.builders import ANA, make_call, make_cluster, make_news, news_edit
from tests.support.client import Browser
from tests.support.clock import FixedClock

BOTH = {
    "en": TextEdit(title="Waste heat", body="English."),
    "fr": TextEdit(title="Chaleur perdue", body="Français."),
}


def test_former_cluster_name_leads_to_the_present_one_with_its_query(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "HealthTech", former_names=(FormerNameEdit("BioHealth", 2008, 2019),))
    answer = client.get("/fr/clusters/biohealth?from=mail")
    assert (answer.status_code, answer.location) == (301, "/fr/clusters/healthtech?from=mail")


def test_old_slug_leads_to_the_new_one(db: Database, client: Browser, now: datetime) -> None:
    with db.begin() as session:
        item = make_news(session, texts={"en": TextEdit(title="Old", slug="old", body="Text.")})
        renamed = news_edit(texts={"en": TextEdit(title="New", slug="new", body="Text.")})
        changes.edit_news(session, item.id, renamed, actor=ANA, now=now)
    answer = client.get("/news/old")
    assert (answer.status_code, answer.location) == (301, "/news/new")
    assert client.get("/news/new").status_code == 200


def test_slug_of_another_language_leads_to_the_own_one(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_news(session, texts=BOTH)
    answer = client.get("/fr/news/waste-heat")
    assert (answer.status_code, answer.location) == (301, "/fr/news/chaleur-perdue")


def test_slug_of_a_draft_is_not_told(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_news(session, texts=BOTH, publish_at=None)
    assert client.get("/fr/news/waste-heat").status_code == 404


def test_language_switch_stays_on_the_page(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_news(session, texts=BOTH)
    tree = html.fromstring(client.get("/news/waste-heat").text)
    links = {a.get("hreflang"): a.get("href") for a in tree.xpath("//nav[@class='languages']/a")}
    assert links == {"fr": "/fr/news/chaleur-perdue", "de": "/de/news/waste-heat"}


def test_language_switch_keeps_the_filter(db: Database, client: Browser) -> None:
    tree = html.fromstring(client.get("/de/calls/?status=open&order=newest").text)
    assert "/fr/calls/?status=open" in tree.xpath("//nav[@class='languages']/a/@href")


def test_missing_translation_is_shown_in_another_language_and_marked(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_news(session, texts=BOTH)
        make_call(session)
    tree = html.fromstring(client.get("/de/news/waste-heat").text)
    assert tree.xpath("//h1/@lang") == ["en"]
    assert tree.xpath("//article//div[@lang='en']")
    assert tree.find_class("fallback")
    assert html.fromstring(client.get("/de/calls/").text).find_class("fallback")
    assert not html.fromstring(client.get("/fr/news/chaleur-perdue").text).find_class("fallback")


def test_search_engines_are_told_which_languages_exist(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_news(session, texts=BOTH)
    tree = html.fromstring(client.get("/de/news/waste-heat").text)
    found = {
        link.get("hreflang"): link.get("href")
        for link in tree.xpath("//link[@rel='alternate'][@hreflang]")
    }
    assert found == {
        "en": "https://agency.example/news/waste-heat",
        "fr": "https://agency.example/fr/news/chaleur-perdue",
        "x-default": "https://agency.example/news/waste-heat",
    }
    assert tree.xpath("//link[@rel='canonical']/@href") == [found["en"]]


def test_withdrawn_entry_is_gone_until_it_comes_back(
    db: Database, client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        item = make_news(session, "Waste heat")
        publication.unpublish(session, item.id, actor=ANA, now=now)
    assert client.get("/news/waste-heat").status_code == 410
    with db.begin() as session:
        publication.publish(session, item.id, at=now, actor=ANA, now=now)
    assert client.get("/news/waste-heat").status_code == 200


@pytest.mark.parametrize("prefix", ["", "/fr"])
def test_deleted_entry_is_gone_for_good(
    db: Database, client: Browser, now: datetime, prefix: str
) -> None:
    with db.begin() as session:
        call = make_call(session)
        publication.delete(session, call.id, actor=ANA, now=now)
    answer = client.get(f"{prefix}/calls/reuse-of-process-heat")
    assert answer.status_code == 410
    assert html.fromstring(answer.text).xpath("//input[@name='q']")


def test_scheduled_entry_appears_at_its_minute(
    db: Database, client: Browser, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_news(session, "Waste heat", publish_at=clock() + timedelta(seconds=10))
    seen = [client.get("/news/").text.count("Waste heat") > 0]
    clock.at += timedelta(seconds=10)
    seen.append(client.get("/news/").text.count("Waste heat") > 0)
    assert seen == [False, True]


def test_unknown_page_offers_a_search(client: Browser) -> None:
    answer = client.get("/de/nirgends")
    assert answer.status_code == 404
    assert html.fromstring(answer.text).xpath("//form[@action='/de/search']")


@pytest.mark.parametrize(
    ("headers", "leads_to"),
    [
        ({"Accept-Language": "fr-BE,fr;q=0.9,en;q=0.5"}, "/fr/"),
        ({"Accept-Language": "lb, de;q=0.8"}, "/de/"),
        ({"Accept-Language": "en-GB,fr;q=0.9"}, None),
        ({"Accept-Language": "pt"}, None),
        ({}, None),
        ({"Accept-Language": "fr", "Sec-Fetch-Site": "same-origin"}, None),
        ({"Accept-Language": "fr", "Referer": "https://agency.example/fr/"}, None),
        ({"Accept-Language": "fr", "Referer": "https://search.example/"}, "/fr/"),
    ],
)
def test_first_visit_to_the_front_page_is_in_the_language_of_the_browser(
    db: Database, client: Browser, headers: dict[str, str], leads_to: str | None
) -> None:
    with db.begin() as session:
        make_news(session)  # an empty site leads to the form that sets it up
    answer = client.get("/", headers=headers)
    assert (answer.status_code, answer.location) == ((302, leads_to) if leads_to else (200, None))
    assert {"accept-language", "sec-fetch-site", "referer"} <= set(answer.vary.as_set())


def test_every_other_page_is_in_the_language_of_its_address(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_news(session)
    for path in ("/calls/", "/fr/", "/de/news/"):
        assert client.get(path, headers={"Accept-Language": "fr"}).status_code == 200, path
