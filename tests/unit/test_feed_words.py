"""What a call says of its dates and its money, in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from feedsvc.calls import dates, words
from feedsvc.calls.models import Call, KeyDate
from feedsvc.i18n import language

EN = language("en")


def key_date(**more: object) -> KeyDate:
    values: dict[str, object] = {
        "type": "submission", "local_date": date(2024, 4, 30), "local_time": time(17),
        "zone": "Europe/Luxembourg", "precision": "minute", "certainty": "confirmed",
        "is_deadline": True, "labels": {}, "utc_at": datetime(2024, 4, 30, 15, tzinfo=UTC),
    }  # fmt: skip
    return KeyDate(**{**values, **more})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Tuesday 30 April 2024, 17:00 (Luxembourg time)"),
        ({"zone": "AoE"}, "Tuesday 30 April 2024, 17:00 (Anywhere on Earth (UTC-12))"),
        (
            {"local_time": None, "precision": "day"},
            "Tuesday 30 April 2024, end of day (Luxembourg time)",
        ),
        (
            {"local_time": None, "precision": "day", "is_deadline": False},
            "Tuesday 30 April 2024",
        ),
        ({"local_time": None, "precision": "month"}, "April 2024"),
        ({"local_time": None, "precision": "quarter"}, "quarter 2 of 2024"),
        ({"local_time": None, "precision": "year"}, "2024"),
        (
            {"local_time": None, "precision": "month", "certainty": "estimated"},
            "expected April 2024",
        ),
    ],
)
def test_a_date_is_said_as_exactly_as_it_is_known(more: dict[str, object], said: str):
    assert words.moment(key_date(**more), EN) == said


def test_an_editor_s_label_comes_before_the_name_of_the_type():
    labels = {"en": "Pitch day"}
    assert words.key_date_name(key_date(labels=labels), EN) == "Pitch day"
    assert words.key_date_name(key_date(), EN) == "Closes"


def test_every_kind_of_date_has_a_name():
    assert set(words.KEY_DATE_NAMES) == set(dates.KEY_DATE_TYPES)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (None, None, ""),
        (None, 200000, "up to €200,000"),
        (50000, None, "from €50,000"),
        (50000, 200000, "€50,000 to €200,000"),
        (200000, 200000, "€200,000"),
    ],
)
def test_the_money_of_an_award(low: int | None, high: int | None, said: str):
    call = Call(
        currency="EUR",
        award_min=None if low is None else Decimal(low),
        award_max=None if high is None else Decimal(high),
    )
    assert words.funding(call, EN) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(None, 70, "up to 70%"), (50, 70, "50% to 70%"), (100, 100, "100%"), (30, None, "from 30%")],
)
def test_the_share_of_the_costs(low: int | None, high: int | None, said: str):
    call = Call(
        cofinancing_min=None if low is None else Decimal(low),
        cofinancing_max=None if high is None else Decimal(high),
    )
    assert words.cofinancing(call, EN) == said
