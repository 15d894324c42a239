"""Addresses, lead times, and how a filter and a call find each other by equal keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import Invalid
from feedsvc.subscriptions import rules
from feedsvc.subscriptions.rules import Choice


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Reader@Example.ORG ", "reader@example.org"),
        ("anna@münchen.de", "anna@xn--mnchen-3ya.de"),
        ("first.last+calls@example.org", "first.last+calls@example.org"),
    ],
)
def test_an_address_is_kept_as_relays_know_it(typed: str, kept: str) -> None:
    assert rules.address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "nobody", "a@b, c@d", "a@example.org\r\nBcc: b@example.org", "user@[127.0.0.1]",
        "jörg@example.org", '"quoted part"@example.org', "a" * 65 + "@example.org",
        "a@" + "b" * 250 + ".org", "a@localhost",
    ],
)  # fmt: skip
def test_what_no_relay_can_deliver_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        rules.address(typed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("a@example.org, b@example.org", "Enter one address only."),
        ("a" * 300 + "@example.org", "at most 254 characters"),
        ("user@[127.0.0.1]", "instead of numbers"),
        ('"quoted part"@example.org', "quotation marks"),
        ("jörg@example.org", "without accents"),
        ("nobody", "like name@example.org"),
        ("a@b@example.org", "like name@example.org"),
    ],
)
def test_a_refusal_says_what_is_wrong(typed: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        rules.address(typed)


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("choice", "of_a_call"),
    [
        (Choice(), True),
        (Choice(digest="hourly"), False),
        (Choice((7,), digest="weekly"), True),
        (Choice((7,), next_edition=True), False),
        (Choice((5,), digest="weekly"), False),
    ],
)
def test_what_is_not_offered_is_refused(choice: Choice, of_a_call: bool) -> None:
    with pytest.raises(Invalid):
        rules.choice(choice, of_a_call=of_a_call)


def test_a_digest_or_a_next_edition_needs_no_lead_time() -> None:
    weekly, edition = Choice(digest="weekly"), Choice(next_edition=True)
    assert rules.choice(weekly, of_a_call=False) == weekly
    assert rules.choice(edition, of_a_call=True) == edition
    assert rules.choice(Choice((1, 7, 7), "daily"), of_a_call=False) == Choice((7, 1), "daily")


@pytest.mark.parametrize("name", ["", "Europe", "../x", "localtime", "Mars/Olympus", "a" * 5000])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        rules.zone(name)


def test_a_pause_ends_when_the_day_begins_where_the_reader_lives() -> None:
    end = rules.end_of_pause(date(2026, 3, 3), "Pacific/Auckland", now=NOON - timedelta(hours=12))
    assert end == datetime(2026, 3, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 1, 1), date(2027, 3, 4)])
def test_a_pause_of_the_past_or_of_years_is_refused(day: date) -> None:
    with pytest.raises(Invalid):
        rules.end_of_pause(day, "Europe/Luxembourg", now=NOON)


def test_the_next_hour_is_the_readers_own_over_a_clock_change() -> None:
    late = datetime(2026, 3, 28, 12, tzinfo=UTC)  # clocks go forward in the night
    assert rules.next_hour("Europe/Luxembourg", 8, now=late) == datetime(2026, 3, 29, 6, tzinfo=UTC)


def test_lead_times_are_kept_once_and_longest_first() -> None:
    assert rules.offsets([1, 14, 7, 7]) == (14, 7, 1)
    assert rules.choices((21, 7)) == (30, 21, 14, 7, 3, 2, 1)


@pytest.mark.parametrize("days", [[], [5], [7, -1], [10**9]])
def test_lead_times_that_are_not_offered_are_refused(days: list[int]) -> None:
    with pytest.raises(Invalid):
        rules.offsets(days)


def test_a_filter_that_would_need_too_many_keys_is_refused() -> None:
    many = {name: [str(n) for n in range(30)] for name in rules.KEYED}
    with pytest.raises(Invalid, match="combines too much"):
        rules.filter_keys(many)


values = st.sets(st.sampled_from("abc"), max_size=3)
facets = st.fixed_dictionaries(dict.fromkeys(rules.KEYED, values))


@given(facets, facets)
def test_keys_meet_exactly_when_every_condition_is_met(
    wanted: Mapping[str, set[str]], has: Mapping[str, set[str]]
) -> None:
    meets = all(not wanted[name] or wanted[name] & has[name] for name in rules.KEYED)
    shared = set(rules.filter_keys(wanted)) & set(rules.entry_keys(has))
    assert bool(shared) == bool(meets)
