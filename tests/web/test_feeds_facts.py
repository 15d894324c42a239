"""Whatever a feed says of a call for programs, its text says in words: most readers show only that."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import html

from feedsvc.content.words import MODEL_NAMES, STATUS_NAMES
from feedsvc.db import Database
from feedsvc.i18n import Language, language
from tests import builders
from tests.support.client import Browser

BRUSSELS, AOE = "Europe/Brussels", "AoE"


@pytest.fixture(autouse=True)
def _call(db: Database) -> None:
    """A call that says all that a call can say."""
    with db.begin() as session:
        builders.make_cluster(session, "CleanTech")
        builders.make_organisation(session, names={"en": "Example Fund", "fr": "Fonds modèle"})
        builders.make_organisation(session, names={"en": "Second Fund"})
        builders.make_programme(session, "Heat Programme")
        builders.make_call(
            session,
            clusters=("cleantech",),
            funders=("example-fund", "second-fund"),
            programme="heat-programme",
            reference="HEAT/1",
            series="Warm series",
            edition="Ninth",
            deadline_model="two_stage",
            award_min=Decimal(50_000),
            award_max=Decimal(200_000),
            total_budget=Decimal("1250000.50"),
            expected_awards=12,
            cofinancing_min=Decimal(40),
            cofinancing_max=Decimal("72.5"),
            currency="CHF",
            apply_url="https://apply.example/?call=heat&lang=en",
            key_dates=(
                builders.opening("2026-03-01", "08:30", zone=BRUSSELS),
                builders.deadline("2026-04-30", kind="letter_of_intent", zone=AOE),
                builders.deadline("2026-09-15", None, kind="stage_1", zone=BRUSSELS),
                builders.deadline(
                    "2026-12-01", None, kind="stage_2", precision="month", certainty="estimated"
                ),
            ),
        )


def facts(client: Browser, code: str) -> tuple[dict[str, Any], str, list[str]]:
    """What the feed in that language says for programs, in words, and by its links."""
    prefix = "" if code == "en" else f"/{code}"
    item = client.get(f"{prefix}/feed.json").json["items"][0]
    tree = html.fromstring(f"<div>{item['content_html']}</div>")
    return item["_call"], " ".join(tree.text_content().split()), tree.xpath("//a/@href")


def said_of(call: dict[str, Any], said: Language) -> list[str]:
    """The human form of each value of the block, but of its dates."""

    def money(name: str) -> str:
        return said.money(Decimal(call[name]["amount"]), call[name]["currency"])

    return [
        said.gettext(STATUS_NAMES[call["status"]]),
        said.gettext(MODEL_NAMES[call["model"]]),
        *(call[name] for name in ("reference", "series", "edition", "programme")),
        *call["funders"],
        *map(money, ("fundingCap", "fundingMinimum", "totalBudget")),
        *(said.percent(Decimal(rate)) for rate in call["cofinancingRate"].values()),
    ]


def said_of_date(moment: dict[str, str], said: Language) -> list[str]:
    """The human form of a date, no more exact than it is known."""
    if "at" in moment:
        at = datetime.fromisoformat(moment["at"])
        return [said.date(at.date(), weekday=True), said.time(at.time()), said.zone(moment["tz"])]
    if moment.get("precision") == "month":
        day = date.fromisoformat(f"{moment['date']}-01")
        return [said.gettext("expected %(when)s", when=said.month(day))]
    return [
        said.date(date.fromisoformat(moment["date"]), weekday=True), said.zone(moment["tz"]),
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["en", "fr", "de"])
def test_every_fact_for_programs_also_stands_in_the_text(client: Browser, code: str) -> None:
    call, text, links = facts(client, code)
    said = language(code)
    expected = said_of(call, said)
    for moment in (call["opens"], *call["deadlines"]):
        expected += said_of_date(moment, said)
    plain = " ".join(text.split())
    assert [words for words in expected if " ".join(words.split()) not in plain] == []
    assert call["applyLink"] in links


def test_the_call_of_these_tests_says_all_that_the_namespace_has(client: Browser) -> None:
    call, _, _ = facts(client, "en")
    assert set(call) == {
        "about", "namespace", "status", "model", "reference", "series", "edition", "funders",
        "programme", "opens", "deadlines", "fundingCap", "fundingMinimum", "totalBudget",
        "cofinancingRate", "applyLink",
    }  # fmt: skip
    assert {moment["stage"] for moment in call["deadlines"]} == {
        "letter_of_intent", "stage_1", "stage_2",
    }  # fmt: skip


def test_stages_are_named_in_the_text(client: Browser) -> None:
    _, text, _ = facts(client, "en")
    for name in ("Letter of intent due", "First stage closes", "Second stage closes", "Opens"):
        assert f"{name}:" in text
