"""Money, names, texts and the date of publication, as a row in a calls file means them."""

from __future__ import annotations

from typing import Any

import pytest

from feedsvc import markup
from feedsvc.imports import call_rows
from tests.support.call_rows import understood


@pytest.mark.parametrize(
    ("more", "low", "high", "total", "words"),
    [
        ({"amount_min": 5000, "amount_max": 20000.5, "total_budget": 1000000},
         "5000", "20000.5", "1000000", ""),
        ({"amount_min": 1, "amount_max": 500}, None, "500", None, ""),
        ({"amount_text": "Between $50,000 and $1,000,000"}, "50000", "1000000", None, ""),
        ({"amount_text": "$400,000 to $600,000"}, "400000", "600000", None, ""),
        ({"amount_text": "Between $0 and $375,000"}, None, "375000", None, ""),
        ({"amount_text": "250000"}, None, "250000", None, ""),
        ({"amount_text": "$2 million"}, None, "2000000", None, ""),
        ({"total_budget_text": "$25,000,000"}, None, None, "25000000", ""),
        ({"amount_text": "Depends on the weather"}, None, None, None,
         "Amount, in the words of the source: Depends on the weather"),
        ({"matching": "0.25"}, None, None, None, "Matching funds, in the words of the source: 25%"),
        ({"matching": "Not Required"}, None, None, None, ""),
    ],
)  # fmt: skip
def test_money_is_read_as_numbers_or_kept_in_words(
    more: dict[str, Any], low: str | None, high: str | None, total: str | None, words: str
) -> None:
    edit = understood(**more).edit
    read = [
        str(a) if a is not None else None
        for a in (edit.award_min, edit.award_max, edit.total_budget)
    ]
    assert read == [low, high, total]
    assert edit.texts["en"].sections["funding"] == words


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Small businesses", "State governments"], ("public_body", "sme")),
        (["nonprofit", "Nonprofits with 501(c)(3) status"], ("non_profit",)),
        (["Dragons"], ("other",)),
        (["Other", "Unrestricted"], call_rows.APPLICANTS),
        ([], ()),
        (None, ()),
    ],
)
def test_kinds_of_applicants_become_ours(
    names: list[str] | None, expected: tuple[str, ...]
) -> None:
    assert understood(applicant_types=names).edit.applicants == expected


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("eu-ft", "European Commission", ("european-commission", "European Commission")),
        ("pennsylvania", "Aging", ("aging-pennsylvania", "Aging (Pennsylvania)")),
        ("california-2025", "CA Arts Council",
         ("california-arts-council", "California Arts Council")),
        ("nsf-funding", "National Science Foundation",
         ("u-s-national-science-foundation", "U.S. National Science Foundation")),
        ("arpa-e", 'TBD <a id="x" href="',
         ("advanced-research-projects-agency-energy-arpa-e",
          "Advanced Research Projects Agency - Energy (ARPA-E)")),
        ("grants.gov", "", None),
    ],
)  # fmt: skip
def test_funders_get_a_name_that_tells_them_apart(
    source: str, name: str, expected: tuple[str, str] | None
) -> None:
    assert understood(source=source, funder=name).funder == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Horizon Europe (HORIZON)", "Horizon Europe"),
        ("Horizon Europe", "Horizon Europe"),
        ("Erasmus  (ERASMUS )", "Erasmus+"),
        ("Research Fund for Coal %26 Steel (RFCS)", "Research Fund for Coal & Steel"),
    ],
)
def test_a_programme_has_one_name(name: str, expected: str) -> None:
    programme = understood(programme=name).programme
    assert programme
    assert programme[1] == expected


def test_a_cluster_of_the_source_becomes_ours_only_where_that_is_sure_and_it_exists() -> None:
    assert understood(cluster="1. Health").edit.clusters == ("healthtech",)
    assert understood(cluster="Chips Joint Undertaking").edit.clusters == ()
    assert understood(cluster="4. Digital, Industry and Space").edit.clusters == ()


def test_a_long_title_is_cut_and_stands_whole_in_the_text() -> None:
    title = "A very long title of a call " * 20
    found = understood(title=title)
    text = found.edit.texts["en"]
    assert len(text.title) <= 300
    assert text.title.endswith("…")
    assert markup.one_line(title) in markup.plain(text.body)


def test_what_repeats_the_title_is_left_out() -> None:
    text = understood(summary="Reuse of process heat").edit.texts["en"]
    assert (text.summary, text.body) == ("", "")


def test_an_address_in_words_is_kept_in_words() -> None:
    edit = understood(url="By post only").edit
    assert edit.info_url == ""
    assert "By post only" in edit.texts["en"].sections["how_to_apply"]
    spaced = understood(url="https://example.org/a b.pdf").edit
    assert spaced.info_url == "https://example.org/a%20b.pdf"


def test_unknown_fields_are_noted() -> None:
    assert understood(colour="blue").notes == {f"{call_rows.UNKNOWN_FIELD}: colour": 1}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "2026-01-14T23:00:00+00:00"),
        ({"opens": "2026-04-01", "first_seen": "2026-02-13T10:41:14.011Z"},
         "2026-02-13T10:41:14+00:00"),
        ({"opens": "2026-04-01", "first_seen": "long ago"}, "2026-03-02T09:00:00+00:00"),
        ({"opens": "2026-04-01"}, "2026-03-02T09:00:00+00:00"),
        ({"opens": None, "deadlines": [{"date": "2025-04-30"}]}, "2025-04-30T22:00:00+00:00"),
    ],
)  # fmt: skip
def test_a_call_is_published_when_it_became_news_and_never_in_the_future(
    more: dict[str, Any], expected: str
) -> None:
    assert understood(**more).publish_at.isoformat() == expected
