"""Why a call fits, as readers are told it: every answer to every question, in every language.

`GOLDEN=write pytest tests/unit/test_fit_words.py` writes them anew; then read them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from feedsvc.calls import fit, fit_words
from feedsvc.calls.fit import Facts
from feedsvc.content.profiles import Profile
from feedsvc.i18n import language
from tests.support import golden

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=24)
CLUSTERS = {"wood": "Wood", "ict": "ICT", "space": "Space"}
WE = Profile(
    kinds=("sme",), country="LU", clusters=("wood",), themes=("heat pumps", "hydrogen"),
    amount=Decimal(150_000), share=40, levels=(4, 5), days=20,
)  # fmt: skip
SAYS = Facts(
    applicants=frozenset(("company", "sme", "university")), places=frozenset(("LU", "FR")),
    clusters=frozenset(("wood", "space")), mentions=frozenset(("hydrogen", "heat pumps")),
    award_min=Decimal(10_000), award_max=Decimal(200_000), rate_min=Decimal(70),
    rate_max=Decimal(70), trl_min=3, trl_max=6, next_deadline=LATER, days_left=24,
)  # fmt: skip
SILENT = Facts(model="to_be_announced", status="forecast")
CASES = {
    "everything fits": (WE, SAYS),
    "nothing is said": (WE, SILENT),
    "nothing fits": (
        WE,
        Facts(
            applicants=frozenset(("school", "research", "university", "public_body", "tribal",
                                  "municipality", "individual")),
            places=frozenset(("FR", "US")), clusters=frozenset(("ict", "space")),
            award_min=Decimal(200_000), award_max=Decimal(10**6), rate_min=Decimal(50),
            rate_max=Decimal(50), trl_min=9, trl_max=9,
            next_deadline=NOW + timedelta(days=10), days_left=10,
        ),
    ),
    "a part fits": (
        WE,
        replace(
            SAYS, applicants=frozenset(("school", "other")), places=frozenset(("EU",)),
            clusters=frozenset(), award_max=Decimal("99999.50"), rate_max=Decimal(80),
            rate_min=Decimal(50), trl_min=5, status="forecast", opens_in=3,
        ),
    ),
    "exactly what is asked, in another currency": (
        replace(WE, share=30, currency="USD", days=1),
        replace(SAYS, days_left=1, next_deadline=NOW + timedelta(days=1, hours=8)),
    ),
    "no own share, no theme of ours": (
        replace(WE, themes=("glass",), share=0),
        replace(SAYS, clusters=frozenset(("ict",)), rate_min=Decimal(100), rate_max=Decimal(100)),
    ),
    "closes today, opens today": (
        replace(WE, days=None), replace(SAYS, days_left=0, status="forecast", opens_in=0)
    ),
    "some hours are missing": (
        WE, replace(SAYS, next_deadline=NOW + timedelta(days=19, hours=20), days_left=20)
    ),
    "expected": (WE, replace(SAYS, days_left=None, status="forecast")),
    "any time": (WE, Facts(model="rolling")),
    "cancelled": (WE, replace(SAYS, status="cancelled")),
    "invited only": (WE, replace(SAYS, invited_only=True)),
}  # fmt: skip


@pytest.mark.parametrize("code", ["en", "fr", "de"])
def test_every_reason_reads_as_it_should(code: str) -> None:
    parts = []
    for name, (profile, facts) in CASES.items():
        case = fit_words.Case(profile, facts, CLUSTERS, language(code))
        told = fit_words.told(fit.reasons(profile, facts, NOW), case)
        parts.append("\n".join([f"# {name}", *(reason.line for reason in told)]))
    golden.check(Path(f"fit/reasons.{code}.txt"), ("\n\n".join(parts) + "\n").encode())
