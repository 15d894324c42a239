"""Working days before a deadline, by the public holidays of a place."""

from __future__ import annotations

from datetime import date

import pytest

from feedsvc.content import workdays
from feedsvc.content.workdays import PLACES, Ahead
from feedsvc.errors import BadRequest


@pytest.mark.parametrize(
    ("deadline", "days", "place", "found"),
    [
        ("2026-04-30", 1, "LU", "2026-04-29"),
        ("2026-05-04", 1, "LU", "2026-04-30"),  # over a weekend and the first of May
        ("2026-04-07", 1, "LU", "2026-04-03"),  # Good Friday is a working day in Luxembourg
        ("2026-04-07", 1, "DE", "2026-04-02"),
        ("2026-06-24", 1, "LU", "2026-06-22"),  # the national day
        ("2026-06-24", 1, "BE", "2026-06-23"),
        ("2026-07-22", 1, "BE", "2026-07-20"),
        ("2026-07-15", 1, "FR", "2026-07-13"),
        ("2026-12-28", 1, "FR", "2026-12-24"),
        ("2026-12-28", 1, "FR-57", "2026-12-24"),
        ("2028-12-27", 1, "FR", "2028-12-26"),
        ("2028-12-27", 1, "FR-57", "2028-12-22"),  # Saint Stephen's day
        ("2026-08-18", 1, "DE", "2026-08-17"),
        ("2028-08-16", 1, "DE", "2028-08-15"),
        ("2028-08-16", 1, "DE-SL", "2028-08-14"),  # Assumption
        ("2028-08-16", 1, "DE-RP", "2028-08-15"),
        ("2027-01-04", 5, "LU", "2026-12-24"),
        ("2026-05-02", 1, "LU", "2026-04-30"),  # a deadline on a Saturday
    ],
)
def test_day_is_so_many_working_days_before(
    deadline: str, days: int, place: str, found: str
) -> None:
    counted = workdays.before(date.fromisoformat(deadline), Ahead(days, place))
    assert counted.day.isoformat() == found


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Easter Monday"), ("fr", "Lundi de Pâques"), ("de", "Ostermontag")],
)
@pytest.mark.parametrize("place", PLACES)
def test_holidays_on_the_way_are_named_in_the_readers_language(
    place: str, language: str, name: str
) -> None:
    counted = workdays.before(date(2026, 4, 8), Ahead(2, place), language)
    assert (date(2026, 4, 6), name) in counted.skipped


def test_holiday_that_has_no_name_in_a_language_is_counted_all_the_same() -> None:
    unity = date(2025, 10, 3)
    counted = workdays.before(date(2025, 10, 4), Ahead(1, "DE"), "fr")
    assert (counted.day, counted.skipped) == (date(2025, 10, 2), ((unity, ""),))


def test_address_says_number_and_place_and_either_alone_is_enough() -> None:
    assert workdays.parse({}) is None
    assert workdays.parse({"workdays": "", "holidays": ""}) is None
    assert workdays.parse({"workdays": "10"}) == Ahead(10, "LU")
    assert workdays.parse({"holidays": "FR-57"}) == Ahead(5, "FR-57")
    assert workdays.parse(dict(Ahead(7, "BE").pairs)) == Ahead(7, "BE")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("workdays", "0"), ("workdays", "61"), ("workdays", "five"), ("workdays", "-1"),
        ("workdays", "\u0665"), ("workdays", "9" * 5000), ("holidays", "XX"), ("holidays", "lu"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_by_its_value(name: str, value: str) -> None:
    with pytest.raises(BadRequest) as refused:
        workdays.parse({name: value})
    assert refused.value.values["value"] == value[:60]
