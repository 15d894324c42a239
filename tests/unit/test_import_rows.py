"""When a call opens and closes, as its row in a calls file means it; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from feedsvc.calls import rules
from feedsvc.errors import Invalid
from feedsvc.imports import call_rows
from feedsvc.imports.report import Unusable
from tests.support.call_rows import BRUSSELS, understood

NEW_YORK = "America/New_York"


def one_deadline(**deadline: Any) -> tuple[Any, ...]:
    """Day, time, zone and precision of the only deadline."""
    more = {key: deadline.pop(key) for key in ("source", "kind_of_call") if key in deadline}
    if "kind_of_call" in more:
        more["kind"] = more.pop("kind_of_call")
    found = understood(deadlines=[deadline], **more).edit.key_dates[-1]
    return found.date.isoformat(), found.time and f"{found.time:%H:%M}", found.zone, found.precision


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        ({"date": "2026-04-30"}, ("2026-04-30", None, BRUSSELS, "day")),
        ({"date": "2026-04-30", "time": None, "tz": None}, ("2026-04-30", None, BRUSSELS, "day")),
        ({"date": "2026-04-30", "time": "17:00:00", "tz": BRUSSELS},
         ("2026-04-30", "17:00", BRUSSELS, "minute")),
        ({"date": "2026-04-30", "time": "17:00:31", "tz": BRUSSELS},
         ("2026-04-30", "17:00", BRUSSELS, "minute")),
        ({"date": "2026-04-30", "time": "00:00:00", "tz": "America/Los_Angeles"},
         ("2026-04-30", None, "America/Los_Angeles", "day")),
        ({"date": "2026-04-30", "time": "3:00 PM", "timezone": "ET", "source": "nyserda"},
         ("2026-04-30", "15:00", NEW_YORK, "minute")),
        ({"date": "2026-04-30", "time": "12:30 am", "source": "nyserda"},
         ("2026-04-30", "00:30", NEW_YORK, "minute")),
        ({"date": "2026-04-30", "source": "grants.gov"}, ("2026-04-30", None, NEW_YORK, "day")),
        ({"date": "2026-04-30", "source": "california-2026"},
         ("2026-04-30", None, "America/Los_Angeles", "day")),
        ({"date": "2026-04-30", "source": "somewhere"},
         ("2026-04-30", None, "Europe/Luxembourg", "day")),
        ({"date": "2026-04-30", "time": "17:00", "tz": "UTC", "source": "somewhere"},
         ("2026-04-30", "17:00", "UTC", "minute")),
        ({"date": "2026-07-30", "time": "17:00:00", "tz": "UTC",
          "kind_of_call": "Cascade funding calls"}, ("2026-07-30", "17:00", BRUSSELS, "minute")),
        ({"date": "2026-07-30", "time": "10:00:00", "tz": "UTC",
          "kind_of_call": "Calls for proposals"}, ("2026-07-30", "12:00", BRUSSELS, "minute")),
        ({"date": "2026-12-30", "time": "22:59:00", "tz": "UTC",
          "kind_of_call": "Calls for proposals"}, ("2026-12-30", "23:59", BRUSSELS, "minute")),
        ({"date": "2026-09-21", "time": "22:00:00", "tz": "UTC", "kind_of_call": "Grant"},
         ("2026-09-22", None, BRUSSELS, "day")),
    ],
)  # fmt: skip
def test_a_deadline_is_read_in_the_zone_that_was_meant(
    deadline: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    assert one_deadline(**deadline) == expected


@pytest.mark.parametrize(
    ("deadlines", "more", "model", "types"),
    [
        ([("submission", "2026-04-30")], {}, "single_stage", ["submission"]),
        ([("application", "2026-04-30")], {}, "single_stage", ["submission"]),
        ([("stage-1", "2026-04-30"), ("stage-2", "2026-09-30")], {}, "two_stage",
         ["stage_1", "stage_2"]),
        ([("submission", "2026-04-30")], {"deadline_model": "two-stage"}, "two_stage",
         ["submission"]),
        ([("submission", "2026-04-30")], {"deadline_model": "multiple cut-off"},
         "multiple_cut_off", ["cut_off"]),
        ([("submission", "2026-04-30"), ("submission", "2026-09-30")], {}, "multiple_cut_off",
         ["cut_off", "cut_off"]),
        ([("submission", "2026-04-30"), ("submission", "2026-04-30")], {}, "single_stage",
         ["submission"]),
        ([("concept_paper", "2026-03-30"), ("application", "2026-04-30")], {}, "single_stage",
         ["letter_of_intent", "submission"]),
        ([("submission", "2099-01-01")], {}, "permanent", []),
        ([("submission", "2035-12-31")], {"source": "pennsylvania", "cycle": "Reoccurring"},
         "permanent", []),
        ([("submission", "2035-12-31")], {}, "single_stage", ["submission"]),
        ([], {"rolling": True, "deadline_text": "Ongoing"}, "rolling", []),
        ([], {"cycle": "Always Open"}, "permanent", []),
        ([], {"status": "posted", "opens": None}, "permanent", []),
        ([], {"status": "posted"}, "to_be_announced", []),
        ([], {}, "to_be_announced", []),
        ([("submission", "2026-04-30")], {"opens": None}, "to_be_announced", ["submission"]),
        ([("submission", "2026-04-30")], {"opens": None, "status": "posted"}, "single_stage",
         ["submission"]),
    ],
)  # fmt: skip
def test_how_a_call_closes_follows_from_its_dates_and_words(
    deadlines: list[tuple[str, str]], more: dict[str, Any], model: str, types: list[str]
) -> None:
    items = [{"kind": kind, "date": date} for kind, date in deadlines]
    found = understood(deadlines=items, **more)
    assert found.edit.deadline_model == model
    assert [date.type for date in found.edit.key_dates if date.type != "opens"] == types
    rules.check(found.edit)


def test_dates_of_a_forecast_are_estimates() -> None:
    found = understood(status="forecasted").edit.key_dates
    assert [date.certainty for date in found] == ["estimated", "estimated"]
    assert [d.certainty for d in understood(status="Forthcoming").edit.key_dates] == [
        "confirmed"
    ] * 2


def test_a_call_that_its_source_calls_closed_is_closed() -> None:
    assert understood(status="Closed").edit.close_reason == "deadline"
    assert understood(status="Closed").notes[call_rows.SAID_CLOSED] == 1
    passed = understood(status="Closed", deadlines=[{"kind": "submission", "date": "2026-02-01"}])
    assert passed.notes[call_rows.SAID_CLOSED] == 0
    assert understood(status="Open for submission").edit.close_reason == ""


def test_closed_between_two_stages_leaves_the_second_stage_open() -> None:
    stages = [{"kind": "stage-1", "date": "2026-02-10"}, {"kind": "stage-2", "date": "2026-09-10"}]
    assert understood(status="Closed", deadlines=stages).edit.close_reason == ""


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"title": " "}, "title: is missing"),
        ({"title": 5}, "title: “5” is not a text"),
        ({"source": None}, "source: is missing"),
        ({"source_id": ""}, "source_id: is missing"),
        ({"source_id": "x" * 201}, "source_id: is longer than 200 characters"),
        ({"opens": "June 11, 2"}, "opens: “June 11, 2” is not a date like 2024-04-30"),
        ({"opens": "2026-02-30"}, "opens: “2026-02-30” is not a date like 2024-04-30"),
        ({"deadlines": "soon"}, "deadlines: “soon” is not a list"),
        ({"deadlines": ["soon"]}, "deadlines: is not a list of objects"),
        ({"deadlines": [{"kind": "submission"}]}, "deadlines.0.date: is missing"),
        ({"deadlines": [{"kind": "webinar", "date": "2026-04-30"}]},
         "deadlines.0.kind: “webinar” is not known"),
        ({"deadlines": [{"date": "2026-04-30", "time": "25:00"}]},
         "deadlines.0.time: “25:00” is not a time like 17:00"),
        ({"deadlines": [{"date": "2026-04-30", "time": "noon"}]},
         "deadlines.0.time: “noon” is not a time like 17:00"),
        ({"deadlines": [{"date": "2026-04-30", "time": "17:00", "tz": "Europe/Brussel"}]},
         "deadlines.0.tz: “Europe/Brussel” is not a time zone"),
        ({"lang": "nl"}, "lang: “nl” is no language of this site"),
        ({"amount_max": "much"}, "amount_max: “much” is not a number"),
        ({"amount_max": True}, "amount_max: “True” is not a number"),
        ({"expected_awards": 1.5}, "expected_awards: “1.5” is not a number of awards"),
    ],
)  # fmt: skip
def test_a_row_is_refused_with_its_field_and_reason(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable) as refused:
        understood(**more)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"opens": "2026-05-01"}, "key_dates.1.date"),
        ({"deadlines": [{"date": "2026-03-29", "time": "02:30", "tz": BRUSSELS}]},
         "key_dates.1.time"),
        ({"amount_min": 20, "amount_max": 10}, "award_max"),
        ({"currency": "euros"}, "currency"),
        ({"amount_max": -5}, "award_max"),
    ],
)  # fmt: skip
def test_the_rules_of_the_form_hold_for_imports(more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check(understood(**more).edit)
    assert [problem.field for problem in refused.value.problems] == [field]
