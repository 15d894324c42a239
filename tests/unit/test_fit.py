"""Does a call fit? The answers at their boundaries, and the shelf that follows from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from feedsvc.calls import fit
from feedsvc.calls.fit import NO, PARTLY, UNSAID, YES, Facts
from feedsvc.content.profiles import Profile

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=24)
SAYS = Facts(
    applicants=frozenset(("company", "research")),
    places=frozenset(("EU",)),
    clusters=frozenset(("wood",)),
    mentions=frozenset(("timber",)),
    award_min=Decimal(10_000),
    award_max=Decimal(100_000),
    rate_min=Decimal(50),
    rate_max=Decimal(70),
    trl_min=3,
    trl_max=6,
    next_deadline=LATER,
    days_left=24,
)
NOTHING = Facts(next_deadline=LATER)


def answer(question: str, facts: Facts, **said: object) -> str:
    found = fit.reasons(Profile(**said), facts, NOW)  # type: ignore[arg-type]
    return {reason.question: reason.answer for reason in found}[question]


@pytest.mark.parametrize(
    ("kinds", "named", "expected"),
    [
        (("sme",), ("sme",), YES),
        (("sme",), ("company",), YES),
        (("start_up",), ("sme",), YES),
        (("company",), ("sme",), NO),
        (("university",), ("research",), YES),
        (("research",), ("university",), NO),
        (("school", "sme"), ("company",), YES),
        (("school",), ("company", "other"), PARTLY),
        (("school",), (), UNSAID),
    ],
)
def test_who_can_apply(kinds: tuple[str, ...], named: tuple[str, ...], expected: str) -> None:
    assert answer("who", Facts(applicants=frozenset(named)), kinds=kinds) == expected


@pytest.mark.parametrize(
    ("country", "named", "expected"),
    [("LU", ("EU",), YES), ("LU", ("LU",), YES), ("CH", ("EU",), NO), ("LU", (), UNSAID)],
)
def test_where_applicants_are(country: str, named: tuple[str, ...], expected: str) -> None:
    assert answer("where", Facts(places=frozenset(named)), country=country) == expected


@pytest.mark.parametrize(
    ("said", "facts", "expected"),
    [
        ({"clusters": ("wood",)}, SAYS, YES),
        ({"clusters": ("ict",)}, SAYS, NO),
        ({"clusters": ("ict",)}, NOTHING, UNSAID),
        ({"themes": ("timber", "glass")}, SAYS, YES),
        ({"themes": ("glass",)}, SAYS, NO),
        ({"themes": ("glass",)}, NOTHING, NO),
        ({"clusters": ("ict",), "themes": ("timber",)}, SAYS, YES),
        ({"clusters": ("ict",), "themes": ("glass",)}, SAYS, NO),
        ({"clusters": ("ict",), "themes": ("glass",)}, NOTHING, UNSAID),
    ],
)
def test_a_cluster_or_a_theme_is_enough(
    said: dict[str, object], facts: Facts, expected: str
) -> None:
    assert answer("field", facts, **said) == expected


@pytest.mark.parametrize(
    ("amount", "facts", "expected"),
    [
        ("100000", SAYS, YES),
        ("100000.01", SAYS, PARTLY),
        ("10000", SAYS, YES),
        ("9999.99", SAYS, NO),
        ("50000", replace(SAYS, award_max=None), UNSAID),
        ("5000", replace(SAYS, award_max=None), NO),
        ("50000", replace(SAYS, currency="USD"), UNSAID),
        ("50000", NOTHING, UNSAID),
    ],
)
def test_an_amount_up_to_the_cap_is_paid(amount: str, facts: Facts, expected: str) -> None:
    assert answer("money", facts, amount=Decimal(amount)) == expected


@pytest.mark.parametrize(
    ("own", "facts", "expected"),
    [
        (50, SAYS, YES),
        (49, SAYS, PARTLY),
        (30, SAYS, PARTLY),
        (29, SAYS, NO),
        (0, replace(SAYS, rate_min=Decimal(100), rate_max=Decimal(100)), YES),
        (40, NOTHING, UNSAID),
    ],
)
def test_what_a_call_does_not_pay_is_the_own_share(own: int, facts: Facts, expected: str) -> None:
    assert answer("share", facts, share=own) == expected


@pytest.mark.parametrize(
    ("levels", "facts", "expected"),
    [
        ((3, 6), SAYS, YES),
        ((6, 7), SAYS, PARTLY),
        ((7,), SAYS, NO),
        ((9,), replace(SAYS, trl_max=None), YES),
        ((1,), replace(SAYS, trl_min=None), YES),
        ((4,), NOTHING, UNSAID),
    ],
)
def test_the_phase_of_the_project(levels: tuple[int, ...], facts: Facts, expected: str) -> None:
    assert answer("phase", facts, levels=levels) == expected


@pytest.mark.parametrize(
    ("days", "facts", "expected"),
    [
        (24, SAYS, YES),
        (25, SAYS, NO),
        (None, SAYS, YES),
        (300, Facts(model="rolling"), YES),
        (300, Facts(model="to_be_announced", status="forecast"), UNSAID),
        (300, Facts(model="rolling", status="forecast"), UNSAID),
        (24, replace(SAYS, status="forecast", opens_in=3), YES),
        (None, replace(SAYS, status="closed"), NO),
        (None, replace(SAYS, invited_only=True), NO),
    ],
)
def test_the_time_that_is_left(days: int | None, facts: Facts, expected: str) -> None:
    assert answer("when", facts, days=days) == expected


def shelf(profile: Profile, facts: Facts) -> str:
    return fit.shelf(fit.reasons(profile, facts, NOW), is_over=facts.is_over)


def test_what_one_is_rules_out_and_what_one_can_change_is_an_obstacle() -> None:
    assert shelf(Profile(kinds=("sme",)), SAYS) == fit.FITS
    assert shelf(Profile(kinds=("individual",)), SAYS) == fit.MISSES
    assert shelf(Profile(kinds=("sme",), share=10), SAYS) == fit.WITH_OBSTACLE
    assert shelf(Profile(kinds=("sme",), days=200), SAYS) == fit.WITH_OBSTACLE


def test_a_call_that_says_nothing_is_neither_fitting_nor_ruled_out() -> None:
    profile = Profile(kinds=("sme",), country="LU", amount=Decimal(1))
    assert shelf(profile, NOTHING) == fit.SAYS_LITTLE
    assert not fit.rules_out(profile, NOTHING)


def test_a_call_that_is_over_fits_nobody_and_goes_on_fitting_a_feed() -> None:
    closed = replace(SAYS, status="closed")
    assert shelf(Profile(kinds=("sme",)), closed) == fit.OVER
    assert not fit.rules_out(Profile(kinds=("sme",)), closed)


def test_who_describes_nothing_is_told_when_calls_close() -> None:
    assert [reason.question for reason in fit.reasons(Profile(), SAYS, NOW)] == ["when"]
    assert shelf(Profile(), SAYS) == fit.FITS
