"""Amounts and days as texts promise them, in three languages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from feedsvc.calls.lint import amounts, days
from feedsvc.content.lint import readability

CAP, TOTAL = amounts.CAP, amounts.TOTAL


@pytest.mark.parametrize(
    ("text", "amount", "currency", "what"),
    [
        ("Funding of up to EUR 250,000 per project.", "250000", "EUR", CAP),
        ("up to €250,000.50", "250000.50", "EUR", CAP),
        ("jusqu’à 250 000 € par projet", "250000", "EUR", CAP),
        ("un maximum de 2,5 millions d’euros", "2500000", "EUR", CAP),
        ("plafonné à 2,5 M€", "2500000", "EUR", CAP),
        ("bis zu 250.000 Euro je Vorhaben", "250000", "EUR", CAP),
        ("höchstens 1.500,50 EUR", "1500.50", "EUR", CAP),
        ("bis zu 2,5 Mio. Euro", "2500000", "EUR", CAP),
        ("max. 2.5 million euros", "2500000", "EUR", CAP),
        ("up to 2.500 million euros", "2500000", "EUR", CAP),
        ("up to 250k€", "250000", "EUR", CAP),
        ("up to CHF 100'000", "100000", "CHF", CAP),
        ("no more than USD 75,000", "75000", "USD", CAP),
        ("The budget of the call is EUR 10 million.", "10000000", "EUR", TOTAL),
        ("a budget of up to EUR 10 million", "10000000", "EUR", TOTAL),
        ("Gesamtbudget: 3 Mrd. Euro", "3000000000", "EUR", TOTAL),
        ("une enveloppe de 12 millions d’euros", "12000000", "EUR", TOTAL),
    ],
)
def test_amount_is_read_as_the_language_writes_it(
    text: str, amount: str, currency: str, what: str
) -> None:
    (found,) = amounts.promised(text)
    assert (found.amount, found.currency, found.what) == (Decimal(amount), currency, what)


@pytest.mark.parametrize(
    "text",
    [
        "A small company has a turnover of up to EUR 50 million.",
        "un chiffre d’affaires de 50 millions d’euros au maximum",
        "Umsatz von höchstens 50 Mio. Euro",
        "under the de minimis rules, up to EUR 300,000 in three years",
        "Last year 120 projects got EUR 3 million.",  # neither a cap nor a budget
        "up to 20 projects in 3 countries",
    ],
)
def test_amount_that_promises_nothing_is_left_alone(text: str) -> None:
    assert not list(amounts.promised(text))


def test_shares_are_those_that_are_the_most() -> None:
    text = "We pay up to 70 % of the costs. Jusqu’à 62,5 pour cent. In 2023 40 % were women."
    assert [share.percent for share in amounts.shares(text)] == [Decimal(70), Decimal("62.5")]


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("Apply by 30 April 2024 at 17:00.", "2024-04-30", "17:00"),
        ("The deadline is Tuesday, 30 April 2024, noon.", "2024-04-30", "12:00"),
        ("Closing date: April 30th, 2024, 5 pm", "2024-04-30", "17:00"),
        ("by 17:00 (CET) on 30 April 2024", "2024-04-30", "17:00"),
        ("deadline 2024-04-30", "2024-04-30", None),
        ("au plus tard le mardi 30 avril 2024 à 17h00", "2024-04-30", "17:00"),
        ("jusqu’au 1er mai 2024 à midi", "2024-05-01", "12:00"),
        ("date limite : 30/04/2024", "2024-04-30", None),
        ("bis zum 30.04.2024, 17 Uhr", "2024-04-30", "17:00"),
        ("Die Frist endet am 30. April 2024 um 12 Uhr.", "2024-04-30", "12:00"),
    ],
)
def test_deadline_is_read_as_the_language_writes_it(text: str, day: str, time: str | None) -> None:
    (found,) = days.due(text)
    assert found.date == dt.date.fromisoformat(day)
    assert found.time == (dt.time.fromisoformat(time) if time else None)


def test_day_without_a_year_is_that_day_of_any_year() -> None:
    (found,) = days.due("Applications may be handed in until 31 May.")
    assert found.date is None
    assert found.names(dt.date(2026, 5, 31))
    assert not found.names(dt.date(2026, 5, 30))


@pytest.mark.parametrize(
    "text",
    [
        "as amended by Regulation (EU) of 17 June 2014",
        "Projects must start before 1 January 2028.",
        "le projet doit démarrer avant le 1er janvier 2028",
        "The programme began on 3 March 2020.",
        "in May 2024",
        "99 April 2024",
    ],
)
def test_day_that_is_no_deadline_is_left_alone(text: str) -> None:
    assert not [found for found in days.due(text) if found.date]


def test_long_sentences_and_heavy_texts_are_hard_to_read() -> None:
    plain = "Small firms can apply now. We pay half of what it costs you. Write to us if in doubt. "
    law = "Die Zuwendungsempfängerinnen gewährleisten ordnungsgemäße Verwendungsnachweisführung. "
    easy, hard = readability.of(plain * 6), readability.of(law * 20)
    assert easy is not None
    assert hard is not None
    assert not easy.is_hard("en")
    assert hard.is_hard("de")
    endless = readability.of("and so on " * 20)
    assert endless is not None
    assert endless.longest
    assert readability.of("Short and good.") is None
