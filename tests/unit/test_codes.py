"""Codes of the second step: right in their half minute, once, however they are typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.auth import browsers, codes, rules
from feedsvc.auth.rules import ADMINISTRATOR, EDITOR

# RFC 6238 appendix B, of whose eight figures six are left (the secret of its SHA-1 vectors).
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert codes.step_of(RFC_SECRET, code, after=0, now=at(seconds)) == seconds // codes.STEP


def test_a_code_is_right_a_step_early_and_late_and_no_longer() -> None:
    for late, right in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        found = codes.step_of(RFC_SECRET, "005924", after=0, now=at(1234567890 + late))
        assert (found is not None) is right, late


@pytest.mark.parametrize("typed", ["005924", " 005 924 ", "005\u00a0924"])
def test_a_code_that_was_used_is_never_right_again_however_it_is_typed(typed: str) -> None:
    step = codes.step_of(RFC_SECRET, typed, after=0, now=at(1234567890))
    assert step is not None
    for late in (-30, 0, 30):
        assert codes.step_of(RFC_SECRET, typed, after=step, now=at(1234567890 + late)) is None


@pytest.mark.parametrize("typed", ["", "00592", "0059244", "abcdef", "٠٠٥٩٢٤", "-05924", "5924"])
def test_what_is_no_code_is_not_right(typed: str) -> None:
    assert codes.step_of(RFC_SECRET, typed, after=0, now=at(1234567890)) is None


def test_the_secret_hangs_on_the_key_and_the_salt() -> None:
    made = {codes.secret(key, salt) for key in ("k1", "k2") for salt in ("s1", "s2")}
    assert len(made) == 4
    assert all(len(secret) == 32 for secret in made)


def test_what_the_picture_says_names_site_and_address() -> None:
    address = codes.address(RFC_SECRET, email="zoe@agency.example", site="Agency: one")
    assert address.startswith("otpauth://totp/Agency%20%20one:zoe%40agency.example?secret=GEZD")


def test_recovery_codes_are_compared_without_gaps_and_case() -> None:
    code = codes.recovery_code()
    assert len(code) == 19
    assert codes.same_recovery_code(f" {code.upper().replace('-', ' ')} ") == code.replace("-", "")


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", ("Safari", "iPhone")),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile", ("Chrome", "Android")),
        ("something else", ("", "")),
    ],
)  # fmt: skip
def test_browsers_are_named_in_words(agent: str, named: tuple[str, str]) -> None:
    assert browsers.named(agent) == named


def test_a_confirmation_holds_for_ten_minutes() -> None:
    assert rules.is_confirmed(NOON, NOON + timedelta(minutes=9, seconds=59))
    assert not rules.is_confirmed(NOON, NOON + timedelta(minutes=10))
    assert not rules.is_confirmed(None, NOON)


def test_who_must_have_a_second_step_is_a_setting() -> None:
    asked = {
        whom: [role for role in (ADMINISTRATOR, EDITOR) if rules.needs_second_step(role, whom)]
        for whom in ("nobody", "administrators", "everyone")
    }
    assert asked == {
        "nobody": [], "administrators": [ADMINISTRATOR], "everyone": [ADMINISTRATOR, EDITOR],
    }  # fmt: skip
