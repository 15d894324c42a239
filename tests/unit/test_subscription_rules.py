"""Addresses, lead times, and how a filter and a call find each other by equal keys."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import Invalid
from feedsvc.subscriptions import rules


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
