"""The CommonGrants API: what it says of calls, in lists, alone and searched for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from feedsvc.calls import changes
from feedsvc.calls.edits import Document
from feedsvc.content import publication
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.builders import (
    ANA,
    BEGINNING,
    deadline,
    make_call,
    make_cluster,
    make_news,
    make_organisation,
    make_programme,
    opening,
)
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.grants import LIST, SEARCH, search, titles, told
from tests.support.statements import recorded


def publish(db: Database, title: str = "Reuse of process heat", **more: Any) -> str:
    """A call, public; its uid."""
    with db.begin() as session:
        return make_call(session, title, **more).uid


def shown(client: Browser, uid: str, query: str = "") -> Any:
    """The call as the API shows it."""
    return told(client.get(f"{LIST}/{uid}{query}"), "OpportunityData")["data"]


def values(opportunity: Any) -> dict[str, Any]:
    """Its custom fields, by name."""
    return {name: field["value"] for name, field in opportunity["customFields"].items()}


def whole_call(db: Database) -> str:
    """A call that says everything a call can say."""
    with db.begin() as session:
        make_cluster(session, "CleanTech")
        make_organisation(session, "Example Fund")
        make_organisation(session, "Second Fund")
        make_programme(session, "Example Programme")
    return publish(
        db,
        texts={
            "en": TextEdit(
                title="Reuse of process heat",
                summary="Heat twice used",
                body="Use the *heat* twice.",
                sections={
                    "eligibility": "Companies **only**.",
                    "how_to_apply": "Write to us.",
                    "funding": "Paid afterwards.",
                },
            ),
            "fr": TextEdit(title="Réutiliser la chaleur", body="Deux fois."),
        },
        clusters=("cleantech",),
        funders=("example-fund", "second-fund"),
        programme="example-programme",
        reference="HEAT-26",
        series="Heat",
        edition="2",
        deadline_model="two_stage",
        key_dates=(
            opening("2026-01-15"),
            deadline("2026-04-30", kind="stage_1"),
            deadline("2026-09-30", None, kind="stage_2", zone="AoE"),
            deadline("2027-01-15", None, kind="decision", precision="quarter",
                     certainty="estimated"),
        ),
        total_budget=Decimal(2_000_000),
        award_min=Decimal("10000.50"),
        award_max=Decimal(200_000),
        expected_awards=10,
        cofinancing_min=Decimal(50),
        cofinancing_max=Decimal("62.5"),
        applicants=("company", "sme", "start_up"),
        aid_types=("grant", "advice"),
        geographies=("LU",),
        trl_min=4,
        trl_max=7,
        apply_url="https://example.org/apply",
        info_url="https://example.org/call",
        contact_role="Energy desk",
        contact_email="energy@example.org",
        documents=(Document("Guide", "https://example.org/guide.pdf"),),
        is_example=True,
    )  # fmt: skip


def questions(statements: list[str]) -> list[str]:
    return [statement for statement in statements if statement.startswith("SELECT")]


def test_a_call_is_told_in_the_protocol_s_words(db: Database, client: Browser) -> None:
    uid = whole_call(db)
    found = shown(client, uid)
    fields = found.pop("customFields")
    assert len(fields) == 23  # all but that it closed for a reason
    reference = {"registry": {"code": "opp:agency.example:reference"}, "id": "HEAT-26"}
    funders = found.pop("funders")
    assert funders["primary"]["name"] == "Example Fund"
    assert funders["otherOrgs"]["second-fund"]["name"] == "Second Fund"
    assert found == {
        "id": uid,
        "title": "Reuse of process heat",
        "identifiers": {
            "systemId": {"id": uid},
            "otherIds": {"opp:agency.example:reference": reference},
        },
        "status": {"value": "open"},
        "description": "Heat twice used\n\nUse the heat twice.",
        "funding": {
            "details": "50% to 62.5% of costs\n\nPaid afterwards.",
            "totalAmountAvailable": {"amount": "2000000", "currency": "EUR"},
            "minAwardAmount": {"amount": "10000.50", "currency": "EUR"},
            "maxAwardAmount": {"amount": "200000", "currency": "EUR"},
            "estimatedAwardCount": 10,
        },
        "keyDates": {
            "postDate": {"name": "Published", "eventType": "singleDate", "date": "2026-03-02"},
            "closeDate": {
                "name": "Second stage closes",
                "eventType": "singleDate",
                "date": "2026-09-30",
                "description": "Wednesday 30 September 2026, end of day "
                "(Anywhere on Earth (UTC-12))",
            },
            "otherDates": {
                "opens": {
                    "name": "Opens",
                    "eventType": "singleDate",
                    "date": "2026-01-15",
                    "description": "Thursday 15 January 2026",
                },
                "stage1": {
                    "name": "First stage closes",
                    "eventType": "singleDate",
                    "date": "2026-04-30",
                    "time": "17:00:00",
                    "description": "Thursday 30 April 2026, 17:00 (Luxembourg time)",
                },
                "decision": {
                    "name": "Decision",
                    "eventType": "dateRange",
                    "startDate": "2027-01-01",
                    "endDate": "2027-03-31",
                    "description": "expected quarter 1 of 2027",
                },
            },
        },
        "acceptedApplicantTypes": [
            {"value": "for_profit_small_business", "description": "Companies"},
            {"value": "for_profit_not_small_business", "description": "Companies"},
            {"value": "custom", "customValue": "start_up", "description": "Start-ups"},
        ],
        "source": "https://example.org/call",
        "createdAt": "2026-03-02T09:00:00Z",
        "lastModifiedAt": "2026-03-02T09:00:00Z",
    }


def test_what_the_protocol_has_no_place_for_is_in_custom_fields(
    db: Database, client: Browser
) -> None:
    found = shown(client, whole_call(db))
    assert found["customFields"]["coFinancing"] == {
        "name": "coFinancing",
        "fieldType": "object",
        "schema": "https://agency.example/api/openapi.json#/components/schemas/CustomCoFinancing",
        "value": {"minimum": 50, "maximum": 62.5},
        "description": "The share of the costs that is paid, in percent",
    }
    told = values(found)
    dates = told.pop("keyDates")
    assert [date["type"] for date in dates] == ["opens", "stage_1", "stage_2", "decision"]
    assert dates[2].pop("uid")
    assert dates[2] == {
        "type": "stage_2", "name": "Second stage closes", "isDeadline": True, "mandatory": True,
        "date": "2026-09-30", "zone": "AoE", "utc": "2026-10-01T12:00:00Z", "precision": "day",
        "certainty": "confirmed",
        "words": "Wednesday 30 September 2026, end of day (Anywhere on Earth (UTC-12))",
    }  # fmt: skip
    assert told.pop("nextDeadline") == dates[1]
    assert told == {
        "agency": {"code": "example-fund", "name": "Example Fund"},
        "contactInfo": {"name": "Energy desk", "email": "energy@example.org"},
        "costSharing": {"isRequired": True, "percentage": 37.5, "details": "50% to 62.5%"},
        "eligibilityCriteria": {"details": "Companies only."},
        "coFinancing": {"minimum": 50, "maximum": 62.5},
        "deadlineModel": "two_stage",
        "reference": "HEAT-26",
        "series": "Heat",
        "edition": "2",
        "programme": {"slug": "example-programme", "name": "Example Programme"},
        "clusters": [{"slug": "cleantech", "name": "CleanTech"}],
        "aidTypes": ["advice", "grant"],
        "geographies": ["LU"],
        "technologyReadiness": {"minimum": 4, "maximum": 7},
        "howToApply": "Write to us.",
        "applyUrl": "https://example.org/apply",
        "documents": [{"title": "Guide", "url": "https://example.org/guide.pdf"}],
        "language": "en",
        "languages": ["en", "fr"],
        "links": {
            "page": "https://agency.example/calls/reuse-of-process-heat",
            "calendar": "https://agency.example/calls/reuse-of-process-heat.ics",
            "feed": "https://agency.example/calls.atom",
        },
        "isExample": True,
    }


def test_what_a_call_does_not_say_is_left_out(db: Database, client: Browser) -> None:
    uid = publish(
        db, texts={"en": TextEdit(title="Bare")}, deadline_model="rolling", key_dates=()
    )  # fmt: skip
    found = shown(client, uid)
    assert set(values(found)) == {"deadlineModel", "language", "languages", "links"}
    assert found["description"] == ""
    assert found["source"] == "https://agency.example/calls/bare"
    assert not {"funding", "funders", "acceptedApplicantTypes"} & set(found)
    assert found["keyDates"]["closeDate"] == {
        "name": "Closes", "eventType": "other", "details": "Rolling"
    }  # fmt: skip


def test_a_call_is_told_in_the_language_asked_for(db: Database, client: Browser) -> None:
    uid = whole_call(db)
    french = shown(client, uid, "?lang=fr")
    assert french["title"] == "Réutiliser la chaleur"
    assert french["keyDates"]["otherDates"]["opens"]["name"] == "Ouverture"
    assert values(french)["links"]["page"] == (
        "https://agency.example/fr/calls/reutiliser-la-chaleur"
    )
    german = shown(client, uid, "?lang=de")
    assert german["title"] == "Reuse of process heat"
    assert values(german)["language"] == "en"
    assert titles(search(client, "?lang=fr")) == ["Réutiliser la chaleur"]
    assert shown(client, uid, "?lang=en") == shown(client, uid)


def test_the_status_follows_from_dates_and_time(
    db: Database, client: Browser, clock: FixedClock
) -> None:
    uid = publish(db, key_dates=(opening("2026-03-10"), deadline("2026-04-30")))
    seen = []
    for day in ("2026-03-02", "2026-03-10", "2026-05-01", "2028-01-01"):
        clock.at = dt.datetime.fromisoformat(f"{day}T09:00:00+00:00")
        found = shown(client, uid)
        seen.append((found["status"]["value"], "nextDeadline" in found["customFields"]))
    assert seen == [("forecasted", True), ("open", True), ("closed", False), ("closed", False)]


def test_a_cancelled_call_has_a_status_of_its_own(
    db: Database, client: Browser, now: dt.datetime
) -> None:
    uid = publish(db)
    with db.begin() as session:
        changes.cancel_call(session, 1, {}, actor=ANA, now=now)
    assert shown(client, uid)["status"] == {
        "value": "custom", "customValue": "cancelled", "description": "Cancelled"
    }  # fmt: skip


def test_several_dates_of_a_type_are_numbered(db: Database, client: Browser) -> None:
    days = ("2026-04-01", "2026-05-01", "2026-06-01")
    dates = tuple(deadline(day, kind="cut_off") for day in days)
    uid = publish(db, deadline_model="multiple_cut_off", key_dates=dates)
    told = shown(client, uid)["keyDates"]
    assert told["closeDate"]["date"] == "2026-06-01"
    assert {name: date["date"] for name, date in told["otherDates"].items()} == {
        "cutOff": "2026-04-01", "cutOff2": "2026-05-01"
    }  # fmt: skip


def test_the_list_is_of_public_calls_the_latest_change_first(
    db: Database, client: Browser, clock: FixedClock
) -> None:
    publish(db, "First")
    publish(db, "Second", now=BEGINNING + dt.timedelta(hours=1))
    publish(db, "Tomorrow", publish_at=BEGINNING + dt.timedelta(days=1))
    publish(db, "Draft", publish_at=None)
    with db.begin() as session:
        make_news(session)
    assert titles(told(client.get(LIST), "OpportunityList")) == ["Second", "First"]
    clock.advance(days=1)
    after = told(client.get(f"{LIST}/?pageSize=2&page=1"), "OpportunityList")
    assert titles(after) == ["Tomorrow", "Second"]
    assert after["paginationInfo"] == {"page": 1, "pageSize": 2, "totalItems": 3, "totalPages": 2}


def test_lists_and_searches_say_what_a_call_alone_says(db: Database, client: Browser) -> None:
    alone = shown(client, whole_call(db))
    assert told(client.get(LIST), "OpportunityList")["items"] == [alone]
    assert search(client)["items"] == [alone]


def test_a_page_beyond_the_end_is_empty(db: Database, client: Browser) -> None:
    publish(db)
    beyond = told(client.get(f"{LIST}?page=2"), "OpportunityList")
    assert beyond["items"] == []
    assert beyond["paginationInfo"]["totalPages"] == 1
    nothing = search(client, search="nothing like this")
    assert nothing["paginationInfo"] == {
        "page": 1, "pageSize": 100, "totalItems": 0, "totalPages": 0
    }  # fmt: skip


def test_a_search_combines_words_filters_order_and_page(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "CleanTech")
    for place, amount in enumerate((100, 200, 300), start=1):
        publish(db, f"Heat {place}", award_max=Decimal(amount), clusters=("cleantech",))
    publish(db, "Heat for all", award_max=Decimal(200))
    water = {"en": TextEdit(title="Water", body="Drink it.")}
    publish(db, texts=water, award_max=Decimal(200), clusters=("cleantech",))
    asked = {
        "search": "heat",
        "filters": {
            "status": {"operator": "in", "value": ["open"]},
            "closeDateRange": {"operator": "between", "value": {"min": "2026-04-30"}},
            "maxAwardAmountRange": {
                "operator": "between",
                "value": {
                    "min": {"amount": "150", "currency": "EUR"},
                    "max": {"amount": "1000.50", "currency": "EUR"},
                },
            },
            "customFilters": {"cluster": {"operator": "in", "value": ["cleantech"]}},
        },
        "sorting": {"sortBy": "funding.maxAwardAmount", "sortOrder": "asc"},
        "pagination": {"page": 1, "pageSize": 1},
    }
    found = search(client, **asked)
    assert titles(found) == ["Heat 2"]
    assert found["paginationInfo"] == {"page": 1, "pageSize": 1, "totalItems": 2, "totalPages": 2}
    assert found["filterInfo"] == {"filters": asked["filters"], "errors": []}
    assert found["sortInfo"] == {
        "sortBy": "funding.maxAwardAmount", "sortOrder": "asc", "errors": []
    }  # fmt: skip
    asked["pagination"]["page"] = 2
    assert titles(search(client, **asked)) == ["Heat 3"]


def own(name: str, operator: str, value: Any) -> dict[str, Any]:
    """A filter of this site's own."""
    return {"customFilters": {name: {"operator": operator, "value": value}}}


NO_CLUSTER = {"cluster": {"operator": "notIn", "value": ["cleantech"]}}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["Clean", "Plain"]),
        ({"status": None, "customFilters": None}, ["Clean", "Plain"]),
        ({"status": {"operator": "notIn", "value": ["closed", "custom"]}}, ["Clean", "Plain"]),
        ({"status": {"operator": "notIn", "value": []}}, ["Clean", "Plain"]),
        ({"status": {"operator": "in", "value": []}}, []),
        ({"status": {"operator": "in", "value": ["forecasted", "closed", "custom"]}}, []),
        ({"customFilters": NO_CLUSTER}, ["Plain"]),
        ({"customFilters": {"cluster": {"operator": "in", "value": []}}}, []),
        ({"customFilters": {"applicant": {"operator": "in", "value": ["sme"]}}}, ["Clean"]),
        ({"customFilters": {"deadlineModel": {"operator": "in", "value": ["rolling"]}}}, ["Plain"]),
        (own("geography", "in", ["lu"]), ["Clean"]),
        (own("geography", "notIn", ["LU"]), ["Plain"]),
        (own("cofinancingFrom", "gte", 50), ["Clean"]),
        (own("cofinancingFrom", "gte", 51), []),
        (own("closesWithin", "lte", 60), ["Clean"]),
        (own("publishedWithin", "lte", 1), ["Clean", "Plain"]),
        ({"closeDateRange": {"operator": "outside", "value": {"min": "2026-05-01"}}}, ["Clean"]),
        (
            {"closeDateRange": {"operator": "between", "value": {"max": "2026-04-30T15:00:00Z"}}},
            ["Clean"],
        ),
        (
            {
                "closeDateRange": {
                    "operator": "between",
                    "value": {"max": "2026-04-30T16:59:59+02:00"},
                }
            },
            [],
        ),
    ],
)
def test_filters_find_what_they_say(
    db: Database, client: Browser, filters: dict[str, Any], expected: list[str]
) -> None:
    with db.begin() as session:
        make_cluster(session, "CleanTech")
    publish(
        db, "Clean", clusters=("cleantech",), applicants=("sme",), geographies=("EU",),
        cofinancing_max=Decimal(50),
    )  # fmt: skip
    publish(db, "Plain", deadline_model="rolling", key_dates=())
    answer = client.post(
        SEARCH, json={"filters": filters, "sorting": {"sortBy": "title", "sortOrder": "asc"}}
    )
    assert titles(told(answer, "OpportunityResults")) == expected


def test_filters_that_this_site_has_not_are_left_out_and_told(
    db: Database, client: Browser
) -> None:
    publish(db)
    unknown = {"operator": "in", "value": ["federal"]}
    found = search(client, filters={"agencyType": unknown, "customFilters": {"tribe": unknown}})
    assert found["filterInfo"]["errors"] == [
        "Unsupported filter: agencyType", "Unsupported filter: tribe"
    ]  # fmt: skip
    assert len(found["items"]) == 1


def test_orders_that_this_site_has_not_fall_back_and_are_told(
    db: Database, client: Browser
) -> None:
    publish(db)
    found = search(client, sorting={"sortBy": "custom", "customSortBy": "priority"})
    assert found["sortInfo"] == {
        "sortBy": "lastModifiedAt",
        "sortOrder": "desc",
        "errors": ["Unsupported customSortBy: priority; sorted by lastModifiedAt"],
    }
    ours = search(client, sorting={"customSortBy": "opens", "sortOrder": "asc"})
    assert ours["sortInfo"] == {
        "sortBy": "custom", "customSortBy": "opens", "sortOrder": "asc", "errors": []
    }  # fmt: skip


def test_clients_before_0_9_say_the_page_in_the_address(db: Database, client: Browser) -> None:
    for number in range(3):
        publish(db, f"Call {number}")
    body = {"pagination": {"page": 1, "pageSize": 10}}
    found = search(client, "?page=2&pageSize=2", **body)
    assert found["paginationInfo"] == {"page": 2, "pageSize": 2, "totalItems": 3, "totalPages": 2}
    assert len(found["items"]) == 1


def test_a_call_that_was_taken_away_is_gone(
    db: Database, client: Browser, now: dt.datetime
) -> None:
    uid, draft = publish(db), publish(db, publish_at=None)
    assert client.get(f"{LIST}/{uid.upper()}").status_code == 200
    with db.begin() as session:
        publication.unpublish(session, 1, actor=ANA, now=now)
    assert told(client.get(f"{LIST}/{uid}"), "Error")["status"] == 410
    with db.begin() as session:
        publication.delete(session, 1, actor=ANA, now=now)
    assert told(client.get(f"{LIST}/{uid}"), "Error")["status"] == 410
    assert told(client.get(f"{LIST}/{draft}"), "Error")["status"] == 404
    assert told(client.get(LIST), "OpportunityList")["items"] == []


def test_a_client_that_has_an_answer_is_told_304_until_something_changes(
    db: Database, client: Browser, clock: FixedClock
) -> None:
    uid = publish(db)
    addresses = (LIST, f"{LIST}/{uid}")
    first = {path: client.get(path) for path in addresses}
    for path, answer in first.items():
        tag = {"If-None-Match": answer.headers["ETag"]}
        assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=30, must-revalidate"
        assert client.get(path, headers=tag).status_code == 304
        assert client.head(path, headers=tag).status_code == 304
        assert client.get(f"{path}?lang=fr", headers=tag).status_code == 200
    clock.advance(days=30)
    held = {"If-None-Match": first[LIST].headers["ETag"]}
    assert client.get(LIST, headers=held).status_code == 304
    clock.advance(days=60)  # the deadline has passed
    assert told(client.get(LIST, headers=held), "OpportunityList")["items"][0]["status"] == {
        "value": "closed"
    }  # fmt: skip
    held = {"If-None-Match": client.get(LIST).headers["ETag"]}
    publish(db, "Another")
    assert client.get(LIST, headers=held).status_code == 200


def test_an_answer_that_is_held_costs_one_statement(db: Database, client: Browser) -> None:
    publish(db)
    tag = {"If-None-Match": client.get(LIST).headers["ETag"]}
    with recorded(client.application.extensions["feedsvc"].db) as statements:
        assert client.get(LIST, headers=tag).status_code == 304
    assert len(questions(statements)) == 1


def test_a_page_of_calls_that_were_rendered_reads_none_of_them(
    db: Database, client: Browser
) -> None:
    for number in range(5):
        publish(db, f"Call {number}")
    client.get(LIST)
    with recorded(client.application.extensions["feedsvc"].db) as statements:
        assert len(search(client)["items"]) == 5
    assert len(questions(statements)) == 3


def test_an_edit_is_seen_at_once(db: Database, client: Browser, now: dt.datetime) -> None:
    uid = publish(db)
    assert shown(client, uid)["status"] == {"value": "open"}
    with db.begin() as session:
        changes.cancel_call(session, 1, {}, actor=ANA, now=now)
    assert search(client)["items"][0]["status"]["customValue"] == "cancelled"
    assert shown(client, uid)["status"]["customValue"] == "cancelled"


def test_scripts_of_any_site_may_ask(db: Database, client: Browser) -> None:
    origin = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    for answer in (
        client.get(LIST, headers=origin),
        client.post(SEARCH, json={}, headers=origin),
        client.get(f"{LIST}/nothing", headers=origin),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers
    assert client.post(SEARCH, json={}, headers=origin).status_code == 200
    asked = {**origin, "Access-Control-Request-Method": "POST"}
    preflight = client.options(SEARCH, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "*" in preflight.headers["Access-Control-Allow-Headers"]


def test_an_answer_is_compressed_for_those_who_read_that(db: Database, client: Browser) -> None:
    publish(db)
    gzip = {"Accept-Encoding": "gzip"}
    assert client.get(LIST, headers=gzip).content_encoding == "gzip"
    assert client.post(SEARCH, json={}, headers=gzip).content_encoding == "gzip"
    assert client.get(LIST).content_encoding is None


def test_addresses_come_from_the_settings_and_not_from_the_request(
    db: Database, client: Browser, settings: Settings
) -> None:
    publish(db)
    answer = client.get(LIST, base_url="https://other.example")
    assert "other.example" not in answer.text
    assert settings.base_url in answer.text
