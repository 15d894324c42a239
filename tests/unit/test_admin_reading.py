"""What people type into the admin: read when it means one thing, refused when it may mean two."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from feedsvc.web.admin import reading

SPRING = dt.date(2027, 4, 30)


@pytest.mark.parametrize(
    "text",
    ["2027-04-30", "30 April 2027", "Friday 30 April 2027", "30th April 2027", "30. April 2027",
     "30 avril 2027", "30 apr 2027", "30/04/2027", "30.4.2027", " 30  April  2027 "],
)  # fmt: skip
def test_a_date_is_read_in_the_three_languages(text: str) -> None:
    assert reading.date(text) == SPRING


@pytest.mark.parametrize("text", ["04/30/2027", "April 2027", "31 April 2027", "soon", "30/04/27"])
def test_a_date_that_may_be_another_one_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="30 April 2027"):
        reading.date(text)


@pytest.mark.parametrize("text", ["17:00", "17.00", "17h00", "17 h", "5 pm", "5:00 p.m.", "17 Uhr"])
def test_a_time_is_read_in_the_three_languages(text: str) -> None:
    assert reading.time(text) == dt.time(17)


@pytest.mark.parametrize(("text", "hour"), [("12 am", 0), ("12 pm", 12), ("1 pm", 13)])
def test_noon_and_midnight_are_told_apart(text: str, hour: int) -> None:
    assert reading.time(text) == dt.time(hour)


@pytest.mark.parametrize("text", ["24:00", "17", "1700", "13 pm", "noon", "9:5", "12:60"])
def test_a_time_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="17:00"):
        reading.time(text)


@pytest.mark.parametrize(
    "text",
    ["200000", "200 000", "200,000", "200.000", "200'000", "200’000", "200\u202f000",
     "200,000.00", "200.000,00", "200 000,0"],
)  # fmt: skip
def test_an_amount_is_read_however_its_thousands_are_set_apart(text: str) -> None:
    assert reading.amount(text) == Decimal(200_000)


@pytest.mark.parametrize("text", ["1500.5", "1500,50", "1 500.50", "1.500,50", "1,500.5"])
def test_an_amount_keeps_its_cents(text: str) -> None:
    assert reading.amount(text) == Decimal("1500.50")


@pytest.mark.parametrize(
    "text",
    ["200k", "1.5 million", "-5", "0.500", "1,2,3", "1.200,000", "20 00", "1,200,00", "NaN",
     "€ 200 000", "1e6"],
)  # fmt: skip
def test_an_amount_that_can_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="200 000"):
        reading.amount(text)


def test_a_rate_may_carry_its_sign() -> None:
    assert reading.rate("62,5 %") == Decimal("62.5")


@pytest.mark.parametrize("text", ["half", "-1", "60 to 70"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="percentage"):
        reading.rate(text)
