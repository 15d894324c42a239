"""What instant a written date means."""

from __future__ import annotations

import datetime as dt

import pytest

from feedsvc.calls import dates

DAY = dt.date(2026, 4, 30)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Luxembourg", "2026-04-30T15:00"),
        ("America/New_York", "2026-04-30T21:00"),
        ("Asia/Kolkata", "2026-04-30T11:30"),
        ("AoE", "2026-05-01T05:00"),
        ("UTC", "2026-04-30T17:00"),
    ],
)
def test_a_time_is_meant_in_its_own_zone(zone: str, expected: str) -> None:
    at = dates.instant(DAY, dt.time(17), zone, kind="submission", precision="minute")
    assert at == utc(expected)


def test_a_deadline_without_a_time_closes_at_the_end_of_that_day() -> None:
    at = dates.instant(DAY, None, "Europe/Luxembourg", kind="submission", precision="day")
    assert at == utc("2026-04-30T22:00")


def test_an_opening_without_a_time_begins_with_that_day() -> None:
    at = dates.instant(DAY, None, "Europe/Luxembourg", kind="opens", precision="day")
    assert at == utc("2026-04-29T22:00")


def test_anywhere_on_earth_ends_when_the_day_ends_at_utc_minus_12() -> None:
    at = dates.instant(DAY, None, "AoE", kind="cut_off", precision="day")
    assert at == utc("2026-05-01T12:00")


@pytest.mark.parametrize(
    ("precision", "first", "after"),
    [
        ("month", "2026-04-01", "2026-05-01"),
        ("quarter", "2026-04-01", "2026-07-01"),
        ("year", "2026-01-01", "2027-01-01"),
        ("day", "2026-04-30", "2026-05-01"),
    ],
)
def test_a_vague_date_spans_all_that_it_names(precision: str, first: str, after: str) -> None:
    assert dates.span(DAY, precision) == (
        dt.date.fromisoformat(first),
        dt.date.fromisoformat(after),
    )


def test_the_last_quarter_ends_with_the_year() -> None:
    assert dates.span(dt.date(2026, 12, 24), "quarter") == (
        dt.date(2026, 10, 1),
        dt.date(2027, 1, 1),
    )


def test_a_time_shown_twice_in_autumn_is_the_first() -> None:
    day = dt.date(2026, 10, 25)
    at = dates.instant(day, dt.time(2, 30), "Europe/Luxembourg", kind="submission", precision="day")
    assert at == utc("2026-10-25T00:30")


def test_a_time_left_out_in_spring_does_not_exist() -> None:
    day = dt.date(2026, 3, 29)
    assert not dates.exists(day, dt.time(2, 30), "Europe/Luxembourg")
    assert dates.exists(day, dt.time(3, 0), "Europe/Luxembourg")
    assert dates.exists(day, dt.time(2, 30), "AoE")


@pytest.mark.parametrize("name", ["", "Europe", "../etc/passwd", "localtime", "Mars/Olympus"])
def test_what_is_no_zone_is_not_among_the_zones(name: str) -> None:
    assert name not in dates.zones()
