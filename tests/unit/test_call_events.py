"""What happened to a call, read from before and after."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from feedsvc.calls import events
from feedsvc.calls.events import DateFact
from tests.builders import BEGINNING as NOW

SAME: dict[str, Any] = {
    **dict.fromkeys((*events.MONEY, "applicants"), 1),
    "currency": "EUR", "documents": [], "close_reason": "",
}  # fmt: skip


def fact(at: str, **more: object) -> DateFact:
    local = dt.datetime.fromisoformat(at)
    values: dict[str, object] = {
        "uid": "a", "type": "submission", "is_deadline": True, "local_date": local.date(),
        "local_time": local.time(), "zone": "UTC", "precision": "minute",
        "utc_at": local.replace(tzinfo=dt.UTC),
    }  # fmt: skip
    return DateFact(**(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("2026-04-30T17:00", "2026-05-15T17:00", "date_extended"),
        ("2026-04-30T17:00", "2026-04-15T17:00", "date_brought_forward"),
        ("2026-04-30T17:00", "2026-04-30T12:00", "time_changed"),
        ("2026-03-01T17:00", "2026-03-15T17:00", "reopened"),
        ("2026-03-02T09:00", "2026-03-15T17:00", "reopened"),  # closed this very instant
    ],
)
def test_a_moved_deadline_is_called_by_its_name(old: str, new: str, kind: str) -> None:
    happened = events.of_dates({"a": fact(old)}, {"a": fact(new)}, now=NOW)
    assert [event.type for event in happened] == [kind]
    assert happened[0].old["date"] == old[:10]
    assert happened[0].new["date"] == new[:10]


def test_less_than_a_minute_is_noise() -> None:
    before, after = fact("2026-04-30T17:00:00"), fact("2026-04-30T17:00:59")
    assert events.of_dates({"a": before}, {"a": after}, now=NOW) == []


def test_a_date_that_stays_is_news_when_one_can_count_on_it_or_no_more() -> None:
    sure, unsure = fact("2026-04-30T17:00"), fact("2026-04-30T17:00", certainty="estimated")
    passed = {"a": fact("2026-03-01T17:00", certainty="estimated")}
    confirmed = events.of_dates({"a": unsure}, {"a": sure}, now=NOW)
    unsettled = events.of_dates({"a": sure}, {"a": unsure}, now=NOW)
    assert [event.type for event in (*confirmed, *unsettled)] == [
        "date_confirmed",
        "date_estimated",
    ]
    assert events.of_dates(passed, {"a": fact("2026-03-01T17:00")}, now=NOW) == []
    moved = events.of_dates({"a": unsure}, {"a": fact("2026-05-15T17:00")}, now=NOW)
    assert [event.type for event in moved] == ["date_extended"]


def test_an_added_and_a_removed_deadline_are_told() -> None:
    added = events.of_dates({}, {"a": fact("2026-04-30T17:00")}, now=NOW)
    removed = events.of_dates({"a": fact("2026-04-30T17:00")}, {}, now=NOW)
    assert [event.type for event in (*added, *removed)] == ["date_set", "date_removed"]


def test_a_decision_date_is_no_deadline() -> None:
    before = fact("2026-04-30T17:00", type="decision", is_deadline=False)
    after = fact("2026-05-30T17:00", type="decision", is_deadline=False)
    assert events.of_dates({"a": before}, {"a": after}, now=NOW) == []


def test_money_tells_only_what_changed() -> None:
    happened = events.of_fields(SAME, SAME | {"award_max": 2})
    assert [(event.type, event.old, event.new) for event in happened] == [
        ("money_changed", {"award_max": 1, "currency": "EUR"}, {"award_max": 2, "currency": "EUR"})
    ]


def test_a_document_is_told_when_it_is_new() -> None:
    old, new = ({"title": name, "url": f"https://{name}.example/"} for name in ("old", "new"))
    before, after = SAME | {"documents": [old]}, SAME | {"documents": [new, old]}
    happened = events.of_fields(before, after)
    assert [(event.type, event.new) for event in happened] == [("document_added", [new])]
    assert events.of_fields(after, before) == []


def test_closing_early_and_taking_it_back_are_told() -> None:
    closed, dates = SAME | {"close_reason": "budget_exhausted"}, {"a": fact("2026-04-30T17:00")}
    told = events.of_closing(SAME, closed, dates, now=NOW)
    assert [(event.type, event.new) for event in told] == [("closed", "budget_exhausted")]
    told = events.of_closing(closed, SAME, dates, now=NOW)
    assert [event.type for event in told] == ["reopened"]


def test_that_a_call_closed_at_its_deadline_is_no_news() -> None:
    closed, past = SAME | {"close_reason": "deadline"}, {"a": fact("2026-03-01T17:00")}
    assert events.of_closing(SAME, closed, past, now=NOW) == []
