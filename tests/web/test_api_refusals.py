"""What the API cannot answer is refused in the protocol's form, and nothing is ever a fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete

from feedsvc.content.models import Generation
from feedsvc.db import Database
from tests.builders import make_call
from tests.support.client import Browser
from tests.support.grants import LIST, SEARCH, told

UUID = "018f2e77-3a4b-7c1d-9e2f-abcdef123456"


def status(**value: Any) -> dict[str, Any]:
    return {"filters": {"status": value}}


def closing(**value: Any) -> dict[str, Any]:
    return {"filters": {"closeDateRange": {"operator": "between", "value": value}}}


def amount(**value: Any) -> dict[str, Any]:
    return {"filters": {"maxAwardAmountRange": {"operator": "between", "value": value}}}


EUR = {"amount": "1", "currency": "EUR"}
# What is asked for, and the fields that are named in the answer.
REFUSED: list[tuple[Any, list[str]]] = [
    ([], [""]),
    (None, [""]),
    ("text", [""]),
    ({"filter": {}}, ["filter"]),
    ({"search": 5}, ["search"]),
    ({"search": "x" * 201}, ["search"]),
    ({"filters": []}, ["filters"]),
    ({"filters": {"status": "open"}}, ["filters.status"]),
    (status(), ["filters.status.operator", "filters.status.value"]),
    (status(operator="in"), ["filters.status.value"]),
    (status(operator="eq", value=["open"]), ["filters.status.operator"]),
    (status(operator=["in"], value=["open"]), ["filters.status.operator"]),
    (status(operator="in", value="open"), ["filters.status.value"]),
    (status(operator="in", value=["posted", 5, None]), ["filters.status.value"] * 2),
    (status(operator="in", value=["open"] * 101), ["filters.status.value"]),
    (status(operator="in", value=["open"], not_a="member"), ["filters.status.not_a"]),
    (closing(), ["filters.closeDateRange.value"]),
    (closing(min=None, max=None), ["filters.closeDateRange.value"]),
    (closing(min="2026-02-30"), ["filters.closeDateRange.value.min"]),
    (closing(min="tomorrow", max=5), ["filters.closeDateRange.value.max",
                                      "filters.closeDateRange.value.min"]),
    (closing(max="0001-01-01T00:00:00+14:00"), ["filters.closeDateRange.value.max"]),
    (closing(max="2026-04-30T17:00:00"), ["filters.closeDateRange.value.max"]),
    (closing(max="٢٠٢٦-٠٤-٣٠"), ["filters.closeDateRange.value.max"]),
    (closing(after="2026-04-30"), ["filters.closeDateRange.value.after",
                                   "filters.closeDateRange.value"]),
    (amount(min={"amount": 5, "currency": "EUR"}), ["filters.maxAwardAmountRange.value.min.amount"]),
    (amount(min={"amount": "1e9", "currency": "EUR"}),
     ["filters.maxAwardAmountRange.value.min.amount"]),
    (amount(min={"amount": "9" * 61, "currency": "EUR"}),
     ["filters.maxAwardAmountRange.value.min.amount"]),
    (amount(min={"amount": "NaN", "currency": "euro"}),
     ["filters.maxAwardAmountRange.value.min.amount",
      "filters.maxAwardAmountRange.value.min.currency"]),
    (amount(min=EUR, max={**EUR, "currency": "USD"}), ["filters.maxAwardAmountRange.value"]),
    ({"filters": {"customFilters": 5}}, ["filters.customFilters"]),
    ({"filters": {"customFilters": {"applicant": {"operator": "in", "value": ["nobody"]}}}},
     ["filters.customFilters.applicant.value"]),
    ({"filters": {"customFilters": {"geography": {"operator": "in", "value": ["Luxembourg"]}}}},
     ["filters.customFilters.geography.value"]),
    ({"filters": {"customFilters": {"cofinancingFrom": {"operator": "lte", "value": 101}}}},
     ["filters.customFilters.cofinancingFrom.operator",
      "filters.customFilters.cofinancingFrom.value"]),
    ({"filters": {"customFilters": {"closesWithin": {"operator": "lte", "value": "soon"}}}},
     ["filters.customFilters.closesWithin.value"]),
    ({"sorting": {"sortBy": "price"}}, ["sorting.sortBy"]),
    ({"sorting": {"sortBy": "custom"}}, ["sorting.customSortBy"]),
    ({"sorting": {"sortBy": "title", "sortOrder": "up"}}, ["sorting.sortOrder"]),
    ({"sorting": "title"}, ["sorting"]),
    ({"pagination": {"page": 0}}, ["pagination.page"]),
    ({"pagination": {"page": -1, "pageSize": 101}}, ["pagination.page", "pagination.pageSize"]),
    ({"pagination": {"page": 2**31}}, ["pagination.page"]),
    ({"pagination": {"page": 10**300}}, ["pagination.page"]),
    ({"pagination": {"page": 1.5}}, ["pagination.page"]),
    ({"pagination": {"page": True, "pageSize": "10"}}, ["pagination.page", "pagination.pageSize"]),
    ({"pagination": {"offset": 1}}, ["pagination.offset"]),
    ({"search": "a\0b"}, [""]),
    ({"filters": {"customFilters": {"cluster": {"operator": "in", "value": ["\0"]}}}}, [""]),
    ({"filters": {"\ud800": 1}}, [""]),
    ({"search": "\udfff"}, [""]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "fields"), REFUSED)
def test_a_search_that_means_nothing_is_refused_field_by_field(
    db: Database, client: Browser, body: Any, fields: list[str]
) -> None:
    answer = client.post(SEARCH, data=json.dumps(body))
    refused = told(answer, "Error")
    assert answer.status_code == 400
    assert [error["field"] for error in refused["errors"]] == fields
    assert all(error["message"] for error in refused["errors"])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"\x00",
        b'{"search": NaN}',
        b'{"pagination": {"page": Infinity}}',
        b'{"pagination": {"page": ' + b"9" * 5000 + b"}}",
        b'{"filters": {"x": ' + b"[" * 13 + b"]" * 13 + b"}}",
        b"[" * 50_000 + b"]" * 50_000,
        b'{"a":' * 16_000 + b"1" + b"}" * 16_000,
        b"a=1&b=2",
    ],
)
def test_a_body_that_is_no_search_is_refused(db: Database, client: Browser, data: bytes) -> None:
    answer = client.post(SEARCH, data=data)
    assert answer.status_code == 400
    assert told(answer, "Error")["errors"][0]["field"] == ""


def test_huge_numbers_that_mean_something_are_answered(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
    huge = {"amount": "9" * 30 + "." + "9" * 30, "currency": "EUR"}
    for body in (
        amount(min={**huge, "amount": "-" + huge["amount"]}, max=huge),
        {"pagination": {"page": 2**31 - 1}},
        {"search": "!!! -- \" ' ; DROP"},
        {"filters": {"x" * 5000: 1, "": None, "customFilters": {"y": [[[]]]}}},
        closing(min="0001-01-01", max="9999-12-31"),
        closing(min="0001-01-01T00:00:00Z", max="9999-12-31T23:59:59Z"),
        dict.fromkeys(("search", "filters", "sorting", "pagination")),
        {"sorting": {"sortBy": None, "customSortBy": None}, "pagination": {"page": None}},
    ):
        assert told(client.post(SEARCH, json=body), "OpportunityResults")["status"] == 200


def test_ten_megabytes_are_refused_unread(db: Database, client: Browser) -> None:
    answer = client.post(SEARCH, data=b'{"search": "' + b"x" * 10_000_000 + b'"}')
    assert told(answer, "Error")["status"] == 413


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=", "page"),
        ("page=1.0", "page"),
        ("page=%D9%A1", "page"),
        ("page=99999999999999999999", "page"),
        ("page=2147483648", "page"),
        ("pageSize=101", "pageSize"),
        ("pageSize=0", "pageSize"),
        ("limit=5", "limit"),
        ("%00=1", "\0"),
        ("lang=xx", "lang"),
        ("lang=%00", "lang"),
    ],
)
def test_a_query_that_means_nothing_is_refused(
    db: Database, client: Browser, query: str, field: str
) -> None:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert [error["field"] for error in told(answer, "Error")["errors"]] == [field]


@pytest.mark.parametrize(
    "address",
    [
        f"{LIST}/{UUID}",
        f"{LIST}/5",
        f"{LIST}/%00",
        f"{LIST}/%ff",
        f"{LIST}/{UUID}/competitions",
        f"{LIST}/" + "x" * 3000,
        "/common-grants/awards",
        "/common-grants/opportunity",
        "/common-grants/%2e%2e/admin",
    ],
)
def test_what_is_not_there_is_told_in_the_protocol_s_form(
    db: Database, client: Browser, address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    told(answer, "Error")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("address", [LIST, f"{LIST}/{UUID}", "/api/openapi.json"])
def test_only_reading_is_allowed(db: Database, client: Browser, address: str, method: str) -> None:
    answer = client.open(address, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    told(answer, "Error")


def test_a_search_is_sent_and_not_fetched(db: Database, client: Browser) -> None:
    answer = client.get(SEARCH)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST, OPTIONS"
    assert "no-store" in answer.headers["Cache-Control"]
    told(answer, "Error")


def test_every_problem_is_told_at_once(db: Database, client: Browser) -> None:
    body = {"search": 5, "filter": 1, "sorting": {"sortBy": "x"}, "pagination": {"page": 0}}
    refused = told(client.post(f"{SEARCH}?pageSize=0", json=body), "Error")
    assert len(refused["errors"]) == 5


def test_a_fault_of_ours_is_told_in_the_protocol_s_form(db: Database, client: Browser) -> None:
    with db.begin() as session:
        session.execute(delete(Generation))
    refused = told(client.get(LIST), "Error")
    assert refused["status"] == 500
    assert "Generation" not in refused["message"]
