"""The next edition of a call, before anybody has touched it."""

from __future__ import annotations

import datetime as dt

import pytest

from feedsvc.calls import copies, rules
from feedsvc.calls.edits import Document
from feedsvc.content.edits import TextEdit
from tests.builders import BEGINNING as NOW
from tests.builders import call_edit, deadline, opening


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        ("2026-04-30", 1, "2027-04-29"),  # both Thursdays
        ("2026-09-15", 1, "2027-09-14"),
        ("2024-02-29", 1, "2025-02-27"),
        ("2026-04-30", 5, "2031-05-01"),
    ],
)
def test_date_keeps_its_weekday(day: str, years: int, expected: str) -> None:
    moved = copies.shifted(deadline(day), years)
    assert moved.date.isoformat() == expected
    assert moved.date.weekday() == dt.date.fromisoformat(day).weekday()
    assert (moved.certainty, moved.uid) == ("estimated", None)


def test_of_a_month_only_the_year_moves() -> None:
    moved = copies.shifted(deadline("2026-04-30", None, precision="month"), 1)
    assert moved.date == dt.date(2027, 4, 30)


@pytest.mark.parametrize(
    ("edition", "years", "expected"),
    [("11", 1, "12"), ("2026", 2, "2028"), ("2026/09", 1, "2026/10"), ("No. 3", 1, "No. 4"),
     ("", 1, ""), ("spring", 1, "spring")],
)  # fmt: skip
def test_edition_counts_on(edition: str, years: int, expected: str) -> None:
    assert copies.raised(edition, years) == expected


def test_next_edition_lies_ahead_and_leaves_the_old_calls_own_behind() -> None:
    old = call_edit(
        series="Heat", edition="2023", reference="H-23", version=4, close_reason="budget_exhausted",
        documents=(Document("Rules", "https://example.org/r.pdf"),),
        texts={"en": TextEdit(title="Heat 2023", slug="heat-2023", body="As in 2023.")},
        key_dates=(opening("2022-12-01"), deadline("2023-01-31")),
    )  # fmt: skip
    new = copies.following(old, NOW)
    assert (new.series, new.edition, new.texts["en"].title) == ("Heat", "2027", "Heat 2027")
    assert [date.date.isoformat() for date in new.key_dates] == ["2026-12-03", "2027-02-02"]
    assert (new.reference, new.documents, new.close_reason, new.version) == ("", (), "", None)
    assert new.texts["en"].slug == ""
    rules.check(new)
