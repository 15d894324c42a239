"""What pages say of themselves by schema.org: only what it knows, and nothing that is wrong."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import html

from feedsvc.calls import changes
from feedsvc.content.edits import TextEdit
from feedsvc.content.organisations import OrganisationEdit, create_organisation
from feedsvc.db import Database
from tests.builders import ANA, deadline, make_call, make_cluster, make_news, opening
from tests.support.client import Browser

SITE = "https://agency.example"
CALL = "/calls/reuse-of-process-heat"
# Of schema.org 30.0, the properties that each type has; `query-input` is its convention for forms.
KNOWN = {
    "MonetaryGrant": {"name", "description", "identifier", "url", "sameAs", "amount", "funder",
                      "potentialAction"},
    "MonetaryAmount": {"currency", "minValue", "maxValue", "value"},
    "Organization": {"name", "url", "logo"},
    "ApplyAction": {"target", "startTime", "endTime"},
    "WebPage": {"url", "name", "inLanguage", "datePublished", "dateModified", "mainEntity",
                "publisher"},
    "NewsArticle": {"headline", "description", "inLanguage", "datePublished", "dateModified", "url",
                    "mainEntityOfPage", "isAccessibleForFree", "keywords", "image", "author",
                    "publisher"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
    "WebSite": {"url", "name", "inLanguage", "publisher", "potentialAction"},
    "SearchAction": {"target", "query-input"},
}  # fmt: skip


def data(client: Browser, path: str) -> dict[str, dict[str, Any]]:
    """The things of a page's graph, by their type."""
    answer = client.get(path)
    assert answer.status_code == 200
    [script] = html.fromstring(answer.text).xpath("//script[@type='application/ld+json']")
    graph = json.loads(script.text)
    assert graph["@context"] == "https://schema.org"
    found = {thing["@type"]: thing for thing in graph["@graph"]}
    assert len(found) == len(graph["@graph"])
    for thing in found.values():
        must_be_known(thing)
    ids = {thing["@id"] for thing in found.values() if "@id" in thing}
    assert {ref for thing in found.values() for ref in references(thing)} <= ids
    return found


def must_be_known(thing: dict[str, Any]) -> None:
    """Each property is one of its type, and says something."""
    if "@type" in thing:
        assert set(thing) - {"@type", "@id"} <= KNOWN[thing["@type"]]
    for value in thing.values():
        assert value not in ("", None, [], {})
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                must_be_known(part)


def references(thing: dict[str, Any]) -> set[str]:
    values = [value for value in thing.values() if isinstance(value, dict)]
    return {value["@id"] for value in values if set(value) == {"@id"}}


def test_a_call_is_a_grant_with_its_cap_funder_and_times(db: Database, client: Browser) -> None:
    with db.begin() as session:
        edit = OrganisationEdit(names={"en": "Example Fund"}, url="https://fund.example")
        create_organisation(
            session, edit, actor=ANA, now=datetime.fromisoformat("2026-03-01T09:00Z")
        )
        make_call(
            session, funders=("example-fund",), award_min=Decimal(50_000),
            award_max=Decimal(200_000), currency="CHF", reference="HEAT/1",
            apply_url="https://apply.example/?a=1&b=2", info_url="https://fund.example/heat",
            key_dates=(opening("2026-03-01"), deadline("2026-04-30")),
        )  # fmt: skip
    grant = data(client, CALL)["MonetaryGrant"]
    assert grant["amount"] == {
        "@type": "MonetaryAmount", "currency": "CHF", "minValue": 50_000, "maxValue": 200_000,
    }  # fmt: skip
    assert grant["funder"] == [
        {"@type": "Organization", "name": "Example Fund", "url": "https://fund.example"}
    ]
    assert (grant["identifier"], grant["sameAs"]) == ("HEAT/1", "https://fund.example/heat")
    assert grant["potentialAction"] == {
        "@type": "ApplyAction", "target": "https://apply.example/?a=1&b=2",
        "startTime": "2026-03-01T00:00:00+01:00", "endTime": "2026-04-30T17:00:00+02:00",
    }  # fmt: skip


def test_a_call_of_which_little_is_known_says_little(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session, key_dates=(), deadline_model="to_be_announced")
    grant = data(client, CALL)["MonetaryGrant"]
    assert not grant.keys() & {"amount", "funder", "potentialAction", "identifier", "sameAs"}


def test_a_deadline_without_a_time_is_within_its_day(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session, key_dates=(deadline("2026-04-30", None, zone="AoE"),))
    action = data(client, CALL)["MonetaryGrant"]["potentialAction"]
    assert action["endTime"] == "2026-04-30T23:59:59-12:00"
    assert action["target"] == f"{SITE}{CALL}"


@pytest.mark.parametrize(
    "more", [{"certainty": "estimated"}, {"precision": "month"}, {"precision": "quarter"}]
)
def test_a_date_that_may_be_another_is_not_told(
    db: Database, client: Browser, more: dict[str, str]
) -> None:
    with db.begin() as session:
        dates = (opening("2026-03-01"), deadline("2026-04-30", None, **more))
        make_call(session, key_dates=dates)
    action = data(client, CALL)["MonetaryGrant"]["potentialAction"]
    assert action.keys() == {"@type", "target", "startTime"}


def test_nobody_is_sent_to_apply_for_a_cancelled_call(
    db: Database, client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        call = make_call(session, apply_url="https://apply.example/")
        changes.cancel_call(session, call.id, {"en": "No money."}, actor=ANA, now=now)
    assert "potentialAction" not in data(client, CALL)["MonetaryGrant"]


def test_the_page_of_a_call_says_its_language_and_days(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
    found = data(client, f"/fr{CALL}")
    page = found["WebPage"]
    assert page["inLanguage"] == "en"  # the text stands in for a French one
    assert page["datePublished"] == page["dateModified"] == "2026-03-02T09:00:00+00:00"
    assert page["mainEntity"] == {"@id": found["MonetaryGrant"]["@id"]}


def test_an_article_says_who_published_it_when_and_in_which_language(
    db: Database, client: Browser
) -> None:
    texts = {"fr": TextEdit(title="Chaleur perdue", summary="En bref.", body="Texte.")}
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_news(session, texts=texts, clusters=("wood",))
    found = data(client, "/fr/news/chaleur-perdue")
    item = found["NewsArticle"]
    assert (item["headline"], item["description"]) == ("Chaleur perdue", "En bref.")
    assert (item["inLanguage"], item["keywords"]) == ("fr", ["Wood"])
    assert item["datePublished"] == "2026-03-02T09:00:00+00:00"
    assert item["author"] == item["publisher"] == {"@id": found["Organization"]["@id"]}
    [picture] = item["image"]
    assert client.get(picture.removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        (CALL, ["/", "/calls/", CALL]),
        ("/news/waste-heat-time-to-act", ["/", "/news/", "/news/waste-heat-time-to-act"]),
    ],
)
def test_breadcrumbs_lead_from_the_front_page_to_this_one(
    db: Database, client: Browser, path: str, steps: list[str]
) -> None:
    with db.begin() as session:
        make_call(session)
        make_news(session)
    items = data(client, path)["BreadcrumbList"]["itemListElement"]
    assert [item["position"] for item in items] == [1, 2, 3]
    assert [item["item"] for item in items] == [f"{SITE}{step}" for step in steps]
    for step in steps:
        assert client.get(step).status_code == 200


@pytest.mark.parametrize("prefix", ["", "/fr"])
def test_the_front_page_says_who_publishes_the_site(
    db: Database, client: Browser, prefix: str
) -> None:
    with db.begin() as session:
        make_call(session)  # an empty site is led to its setting up
    found = data(client, f"{prefix}/")
    organisation = found["Organization"]
    assert organisation["name"] == "Innovation Agency"
    assert organisation["@id"] == f"{SITE}/#publisher"  # the same in every language
    assert client.get(organisation["logo"].removeprefix(SITE)).status_code == 200
    assert found["WebSite"]["publisher"] == {"@id": organisation["@id"]}


def test_a_text_cannot_end_the_block(db: Database, client: Browser) -> None:
    hostile = "</script><script>alert(1)</script><!-- “é” &amp;"
    with db.begin() as session:
        make_call(session, texts={"en": TextEdit(title=hostile, slug="x", body=hostile)})
        make_news(session, texts={"en": TextEdit(title=hostile, slug="y", body=hostile)})
    for path in ("/calls/x", "/news/y"):
        assert "<script>alert" not in client.get(path).text
    assert data(client, "/calls/x")["MonetaryGrant"]["name"] == hostile
    assert data(client, "/news/y")["NewsArticle"]["headline"] == hostile
