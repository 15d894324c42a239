"""Reading a file line by line, mending its texts, and the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import markup
from feedsvc.imports import rows, texts
from feedsvc.imports.report import Refusal, Report


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("Collection &amp; Valorisation", "Collection & Valorisation"),
        ("the beneficiariesâ€™ costs", "the beneficiaries’ costs"),
        ("SociÃ©tÃ© gÃ©nÃ©rale", "Société générale"),
        ("Transpo\u200brtation", "Transportation"),
        ("Ça et là, bâtiment, Âge", "Ça et là, bâtiment, Âge"),
        ("R&D; S&P", "R&D; S&P"),
        ("5 < 6 & 7 > 2", "5 < 6 & 7 > 2"),
    ],
)
def test_texts_are_mended_where_that_is_sure(damaged: str, whole: str) -> None:
    assert texts.line(damaged) == whole


def test_plain_text_becomes_markdown_that_shows_the_same() -> None:
    story = texts.paragraphs(
        "Expected Outcome:\n\nAll *of* the_these [1]:<br />• first\n• second\n\n1. not a list\n# no heading"
    )
    assert texts.markdown(story) == (
        "## Expected Outcome\n\nAll \\*of\\* the\\_these \\[1\\]:\n\n- first\n- second\n\n"
        "1\\. not a list\n\\# no heading"
    )


@given(st.text(alphabet="ab_[]()<>#|~`\\+=.1 \n&;!", max_size=80))
def test_markdown_of_any_text_shows_its_words_and_signs(text: str) -> None:
    story = texts.paragraphs(text)
    shown = markup.plain(texts.markdown(story))
    assert shown.split() == story.split()
    assert "<a " not in markup.html(texts.markdown(story))


def test_a_file_is_read_line_by_line_and_every_line_is_accounted_for(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    parts = [
        b'\xef\xbb\xbf{"title": "a"}\n', b"\n", b"[1]\n", b"{\n", b'{"title": "\xff"}\n',
        b'{"amount_max": NaN}\n', b"[" * 100_000 + b"\n",
        b'{"title": "' + b"x" * 1_200_000 + b'"}\n', b'{"title": "last"}',
    ]  # fmt: skip
    file.write_bytes(b"".join(parts))
    lines = list(rows.read(file))
    assert [line.number for line in lines] == [1, 3, 4, 5, 6, 7, 8, 9]
    assert [line.row.values["title"] for line in lines if line.row] == ["a", "last"]
    assert [line.reason.split(":")[0] for line in lines if not line.row] == [
        "is not a JSON object", "is not JSON", "is not UTF-8 (byte 12)", "is not JSON",
        "is not JSON", "longer than 1,000,000 bytes",
    ]  # fmt: skip
    assert sum(line.size for line in lines) == file.stat().st_size - 1


def test_the_report_says_what_happened_to_every_row() -> None:
    report = Report(created=2, unchanged=1, refused=[Refusal(4, "x1", "title: is missing")])
    report.notes["read as something"] += 3
    assert str(report) == (
        "4 rows read: 2 created, 0 updated, 1 unchanged, 1 refused.\n"
        "Refused:\n  line 4 (x1): title: is missing\n"
        "Understood in part:\n  3 x read as something"
    )
