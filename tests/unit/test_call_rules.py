"""What a call must be, and where it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from feedsvc.calls import key_dates, rules
from feedsvc.calls.edits import CallEdit, Document
from feedsvc.calls.models import Call
from feedsvc.content.edits import TextEdit
from feedsvc.errors import Invalid
from tests.builders import BEGINNING as NOW
from tests.builders import call_edit, deadline, opening


def refused(**more: Any) -> dict[str, str]:
    """The problems of a call that is good but for what is given, by field."""
    with pytest.raises(Invalid) as raised:
        rules.check(call_edit(**more))
    return {problem.field: str(problem) for problem in raised.value.problems}


def call(*dates: Any, **more: Any) -> Call:
    """A published call with those key dates."""
    made = Call(deadline_model="single_stage", publish_at=NOW - dt.timedelta(days=400))
    made.close_reason = ""
    key_dates.assign(made, dates, now=NOW)
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ((deadline("2026-04-30"),), "open"),
        ((deadline("2026-03-16", "10:00"),), "closing_soon"),
        ((deadline("2026-03-16", "10:01"),), "open"),  # a minute over 14 days
        ((deadline("2026-03-02", "10:00"),), "closed"),  # this very instant
        ((deadline("2026-03-02", "10:01"),), "closing_soon"),
        ((deadline("2026-03-02", None),), "closing_soon"),  # until midnight in Luxembourg
        ((deadline("2026-03-01", None, zone="AoE"),), "closing_soon"),  # until noon UTC
        ((deadline("2025-03-01"),), "archived"),
        ((opening("2026-03-03"), deadline("2026-04-30")), "forecast"),
        ((opening("2026-03-02"), deadline("2026-04-30")), "open"),
        ((deadline("2026-03-10", kind="cut_off"), deadline("2026-09-10", kind="cut_off")),
         "closing_soon"),
        ((deadline("2026-02-10", kind="cut_off"), deadline("2026-09-10", kind="cut_off")), "open"),
    ],
)  # fmt: skip
def test_status_follows_from_the_dates_and_the_time(dates: Any, expected: str) -> None:
    assert rules.status(call(*dates), NOW) == expected


def test_a_call_without_any_date_yet_is_a_forecast() -> None:
    assert rules.status(call(deadline_model="to_be_announced"), NOW) == "forecast"


def test_a_deadline_before_any_opening_is_known_leaves_it_a_forecast() -> None:
    expected = call(deadline("2026-04-30"), deadline_model="to_be_announced")
    assert rules.status(expected, NOW) == "forecast"


def test_a_rolling_call_is_open_without_a_deadline() -> None:
    assert rules.status(call(deadline_model="rolling"), NOW) == "open"


def test_a_spent_budget_closes_a_call_before_its_deadline() -> None:
    spent = call(deadline("2026-04-30"), close_reason="budget_exhausted")
    assert rules.status(spent, NOW) == "closed"


def test_a_cancelled_call_is_cancelled_whatever_its_dates() -> None:
    assert rules.status(call(deadline("2026-04-30"), cancelled_at=NOW), NOW) == "cancelled"


def test_a_call_that_nobody_can_see_has_the_status_of_its_publication() -> None:
    assert rules.status(call(deadline("2026-04-30"), publish_at=None), NOW) == "draft"
    later = NOW + dt.timedelta(seconds=1)
    assert rules.status(call(deadline("2026-04-30"), publish_at=later), NOW) == "scheduled"
    assert rules.status(call(deadline("2026-04-30"), withdrawn_at=NOW), NOW) == "withdrawn"


def test_the_second_stage_is_for_the_invited_once_the_first_has_passed() -> None:
    two = call(
        deadline("2026-03-01", kind="stage_1"),
        deadline("2026-09-01", kind="stage_2"),
        deadline_model="two_stage",
    )
    assert rules.invited_only(two, NOW)
    assert not rules.invited_only(two, NOW - dt.timedelta(days=2))


def test_a_deadline_before_the_opening_is_refused_at_the_deadline() -> None:
    problems = refused(key_dates=(opening("2026-05-01"), deadline("2026-04-30")))
    assert list(problems) == ["key_dates.1.date"]
    assert "not after the opening" in problems["key_dates.1.date"]


def test_a_time_that_clocks_skip_is_refused_with_the_reason() -> None:
    problems = refused(key_dates=(deadline("2026-03-29", "02:30"),))
    assert "Clocks in Europe/Luxembourg skip 02:30" in problems["key_dates.0.time"]


def test_a_second_stage_before_the_first_is_refused() -> None:
    stages = (deadline("2026-05-01", kind="stage_2"), deadline("2026-06-01", kind="stage_1"))
    assert "key_dates.0.date" in refused(key_dates=stages, deadline_model="two_stage")


def test_a_call_without_a_deadline_must_say_that_it_has_none() -> None:
    assert "key_dates" in refused(key_dates=())
    rules.check(call_edit(key_dates=(), deadline_model="rolling"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("award_max", Decimal(-1)),
        ("award_max", Decimal("1e12")),
        ("total_budget", Decimal("NaN")),
        ("total_budget", Decimal("1.005")),
        ("cofinancing_max", Decimal(101)),
        ("currency", "euro"),
        ("trl_min", 0),
        ("apply_url", "javascript:alert(1)"),
        ("info_url", "https://[::1"),
        ("contact_email", "nobody"),
        ("deadline_model", "sometimes"),
        ("applicants", ("martian",)),
        ("expected_awards", -1),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(field: str, value: object) -> None:
    assert list(refused(**{field: value})) == [field]


def test_a_cap_below_the_smallest_award_is_refused() -> None:
    assert "award_max" in refused(award_min=Decimal(2), award_max=Decimal(1))


def test_a_document_needs_an_address() -> None:
    assert "documents.0.url" in refused(documents=(Document("Guide", ""),))


def test_every_problem_is_told_at_once() -> None:
    problems = refused(texts={"fr": TextEdit(title=" ")}, currency="x", key_dates=())
    assert set(problems) == {"texts.fr.title", "currency", "key_dates"}


def test_a_call_needs_a_title_in_one_language_only() -> None:
    french: CallEdit = replace(call_edit(), texts={"fr": TextEdit(title="Chaleur")})
    rules.check(french)
