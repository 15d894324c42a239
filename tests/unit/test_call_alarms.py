"""How long before a date a calendar rings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feedsvc.calls import alarms
from feedsvc.errors import BadRequest

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], ()),
        ([""], ()),
        (["P7D"], (7 * DAY,)),
        (["P1D", "P7D", "P1W"], (7 * DAY, DAY)),
        (["pt12h", "P1DT12H"], (DAY + 12 * HOUR, 12 * HOUR)),
        (["PT48H"], (2 * DAY,)),
    ],
)
def test_lead_times_are_read_longest_first_and_once(
    values: list[str], found: tuple[timedelta, ...]
) -> None:
    assert alarms.parse(values) == found


@pytest.mark.parametrize("value", ["P7D", "PT12H", "P1DT12H"])
def test_a_lead_time_has_one_spelling(value: str) -> None:
    assert [alarms.written(found) for found in alarms.parse([value.lower()])] == [value]


@pytest.mark.parametrize(
    "value",
    ["7", "P", "PT", "-P7D", "P1M", "PT30M", "P0D", "P91D", "P2W1D", "P999999D", "P٧D", "P7D\n\n1"],
)
def test_what_is_no_lead_time_is_named(value: str) -> None:
    with pytest.raises(BadRequest) as refused:
        alarms.parse([value])
    assert refused.value.values["value"] == value


def test_a_calendar_rings_five_times_at_most() -> None:
    with pytest.raises(BadRequest, match="at most 5"):
        alarms.parse([f"P{days}D" for days in range(1, 7)])
