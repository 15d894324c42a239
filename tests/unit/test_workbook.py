"""Workbooks hold numbers, dates and texts, and nothing that calculates."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal

from feedsvc import workbook
from tests.support import workbooks


def test_cells_are_what_they_are_and_a_formula_is_a_text():
    out = io.BytesIO()
    row = [
        "=1+1",
        "Heat\ntwice",
        Decimal("1500.50"),
        datetime.fromisoformat("2026-04-30T17:00"),
        None,
        7,
        "",
    ]
    workbook.write(out, "calls", ["a", "b", "c", "d", "e", "f", "g"], [row, ["@SUM(A1)"]])
    head, first, second = workbooks.rows(out.getvalue())
    assert [text for _, text in head.values()] == ["a", "b", "c", "d", "e", "f", "g"]
    assert first == {
        "A": ("inlineStr", "=1+1"), "B": ("inlineStr", "Heat twice"), "C": ("n", "1500.50"),
        "D": ("n", "46142.70833333334"), "F": ("n", "7"),
    }  # fmt: skip
    assert second == {"A": ("inlineStr", "@SUM(A1)")}
    assert not workbooks.calculates(out.getvalue())
