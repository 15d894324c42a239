"""How much a transaction does at once follows how long the last one took."""

from __future__ import annotations

from feedsvc.reminders.pace import SECONDS, Pace


def test_what_took_twice_as_long_is_halved() -> None:
    pace = Pace(at_once=40, fewest=2, most=50)
    pace.took(40, 2 * SECONDS)
    assert pace.at_once == 20


def test_it_stays_within_its_bounds() -> None:
    pace = Pace(at_once=10, fewest=2, most=50)
    pace.took(10, 0.0)
    assert pace.at_once == 50
    pace.took(50, 60.0)
    assert pace.at_once == 2


def test_a_transaction_that_had_little_to_do_says_nothing() -> None:
    pace = Pace(at_once=10, fewest=2, most=50)
    pace.took(4, 60.0)
    assert pace.at_once == 10
