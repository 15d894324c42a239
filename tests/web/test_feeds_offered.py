"""Every feed that a page offers is there, and is of the kind that the page says."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from lxml import html

from feedsvc.db import Database
from tests import builders
from tests.support.client import Browser

PAGES = (
    "/", "/news/", "/calls/", "/calls/?status=open&closes_within=90", "/clusters/cleantech",
    "/search?q=heat", "/feeds/", "/calls/reuse-of-process-heat", "/fr/calls/", "/de/feeds/",
    "/changes/", "/fr/changes/?cluster=cleantech",
)  # fmt: skip
OURS = re.compile(r"^(?:feed|https|webcal)://agency\.example|^(?=/)")
FEED = re.compile(r"\.(?:rss|atom|json|ics|csv|opml)(?:\?|$)")


@pytest.fixture(autouse=True)
def _content(db: Database) -> None:
    with db.begin() as session:
        builders.make_cluster(session, "CleanTech")
        builders.make_call(session, clusters=("cleantech",))
        builders.make_news(session, clusters=("cleantech",))


@pytest.mark.parametrize("page", PAGES)
def test_the_feeds_of_a_page_exist(client: Browser, page: str):
    shown = html.fromstring(client.get(page).data)
    links = [
        (link.get("href"), link.get("type"))
        for link in shown.xpath("//a[@href] | //link[@rel='alternate']")
        if FEED.search(link.get("href")) and OURS.match(link.get("href"))
    ]
    assert links
    for address, media_type in links:
        answer = client.get(OURS.sub("", address))
        assert answer.status_code == 200, address
        if media_type:
            assert answer.mimetype == media_type, address


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_the_feed_of_the_site_first(client: Browser, page: str):
    shown = html.fromstring(client.get(page).data)
    found = shown.xpath("//link[@rel='alternate' and @title]/@href")
    prefix = "/" + page.split("/")[1] if page.startswith(("/fr/", "/de/")) else ""
    assert found[0].removeprefix("https://agency.example") == f"{prefix}/feed.atom"


def test_every_condition_holds_in_every_form_of_a_list(db: Database, client: Browser) -> None:
    with db.begin() as session:
        facts = {
            "geographies": ("EU",), "cofinancing_max": Decimal(70), "award_max": Decimal(200_000),
            "applicants": ("sme",), "clusters": ("cleantech",),
        }  # fmt: skip
        builders.make_call(session, "Wanted", **facts)
        builders.make_call(session, "Elsewhere", **{**facts, "geographies": ("US",)})
        builders.make_call(session, "Too little", **{**facts, "cofinancing_max": Decimal(60)})
    asked = (
        "cluster=cleantech&applicant=sme&status=open&model=single_stage&geography=LU"
        "&award_max_from=100000&currency=EUR&cofinancing_from=65&closes_within=90"
        "&published_within=30"
    )
    for form in (
        "/calls/?",
        "/calls.atom?",
        "/calls.rss?",
        "/calls.json?",
        "/calls.ics?",
        "/calls.csv?",
    ):
        text = client.get(form + asked).text
        assert "Wanted" in text, form
        assert "Elsewhere" not in text, form
        assert "Too little" not in text, form
