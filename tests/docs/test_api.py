"""docs/api.md holds every filter, order and custom field, and its examples are real answers."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from feedsvc.db import Database
from feedsvc.web.api import asked, fields, filters, routes
from feedsvc.web.api.opportunity import STATUSES
from tests.builders import deadline, make_call, make_organisation
from tests.docs import pages
from tests.support.client import Browser

PAGE = "docs/api.md"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EXAMPLES = list(zip(pages.fences(PAGE, "http"), pages.fences(PAGE, "json"), strict=True))


def names(*heading: str) -> list[str]:
    return [pages.codes(row[0])[0] for row in pages.table(PAGE, *heading)]


@pytest.fixture
def site(db: Database, client: Browser) -> Browser:
    """The site of the examples: one call."""
    with db.begin() as session:
        make_organisation(session, "Example Fund")
        make_call(
            session,
            funders=("example-fund",),
            award_max=Decimal(200_000),
            cofinancing_max=Decimal(60),
            applicants=("sme",),
            deadline_model="two_stage",
            key_dates=(
                deadline("2026-04-30", kind="stage_1"), deadline("2026-09-30", kind="stage_2"),
            ),
        )  # fmt: skip
    return client


def answered(site: Browser, request: str, uid: str) -> Any:
    """What the site says to an example; its ids are written as those of the page."""
    line, _, body = UUID.sub(uid, request).partition("\n\n")
    method, address = line.split()
    return json.loads(UUID.sub("UUID", site.open(address, method=method, data=body).text))


def shortened(whole: Any, example: Any) -> Any:
    """Of the answer, what the example shows of it."""
    if isinstance(example, dict) and isinstance(whole, dict):
        return {name: shortened(whole.get(name), part) for name, part in example.items()}
    if isinstance(example, list) and isinstance(whole, list) and len(example) == len(whole):
        return [shortened(*pair) for pair in zip(whole, example, strict=True)]
    return whole


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_are_answered_as_the_page_says(site: Browser, number: int) -> None:
    request, answer = EXAMPLES[number]
    uid = site.get(routes.OPPORTUNITIES).get_json()["items"][0]["id"]
    example = json.loads(UUID.sub("UUID", answer))
    assert shortened(answered(site, request, uid), example) == example


def test_the_list_is_shown_whole_but_for_custom_fields(site: Browser) -> None:
    shown = json.loads(EXAMPLES[0][1])
    found = site.get(routes.OPPORTUNITIES).get_json()
    assert set(shown) == set(found)
    assert set(shown["items"][0]) == set(found["items"][0])


def test_every_custom_field_is_documented() -> None:
    rows = {pages.codes(row[0])[0]: tuple(row[1:]) for row in pages.table(PAGE, "Field", "Type")}
    assert rows == {name: (f.type, f.description) for name, f in fields.FIELDS.items()}
    assert list(rows)[:4] == ["agency", "contactInfo", "costSharing", "eligibilityCriteria"]


def test_every_filter_order_and_status_is_documented() -> None:
    assert names("Filter", "Operators") == list(filters.FILTERS)
    assert names("Custom filter", "Operators") == list(filters.CUSTOM_FILTERS)
    statuses = names("Status", "Means")
    assert statuses == list(filters.STANDINGS)
    assert set(STATUSES.values()) == set(statuses) - {"custom"}
    found = pages.codes(pages.text(PAGE))
    for name in (*asked.SORTS, asked.CUSTOM, *asked.CUSTOM_SORTS):
        assert name in found


def test_limits_are_as_documented() -> None:
    text = pages.text(PAGE)
    assert f"`pageSize` is 1 to {asked.LARGEST_PAGE}" in text
    assert f"more than {routes.MOST_BYTES:,} bytes" in text
