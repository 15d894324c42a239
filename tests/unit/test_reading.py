"""How an article is read: its minutes, and where its pull quotes stand. No database."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from feedsvc import i18n
from feedsvc.content.filters import Filter
from feedsvc.content.models import Translation
from feedsvc.urls import Site
from feedsvc.web.views import archive, reading
from feedsvc.web.views.reader import Reader

READER = Reader(
    i18n.language("fr"),
    Site("https://agency.example", ("en", "fr")),
    dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC),
    ZoneInfo("Europe/Luxembourg"),
)


def text(body: str, *quotes: str) -> Translation:
    return Translation(body=body, quotes=[{"text": quote, "source": ""} for quote in quotes])


def placed(found: Translation) -> list[tuple[str, list[str]]]:
    return [
        (piece.body.strip(), [quote["text"] for quote in piece.quotes])
        for piece in reading.pieces(found)
    ]


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (50, 1), (220, 1), (500, 2), (2200, 10)])
def test_reading_takes_a_minute_at_least(words: int, minutes: int) -> None:
    assert reading.minutes(text("word " * words)) == minutes


def test_text_without_quotes_is_one_piece() -> None:
    assert placed(text("One.\n\n## Two\n\nThree.")) == [("One.\n\n## Two\n\nThree.", [])]


def test_quotes_stand_before_headings_and_what_is_left_at_the_end() -> None:
    body = "One.\n\n## Two\n\nThree.\n\n## Four\n\nFive."
    assert placed(text(body, "A"))[0] == ("One.", ["A"])
    assert placed(text(body, "A", "B", "C", "D")) == [
        ("One.", ["A"]), ("## Two\n\nThree.", ["B"]), ("## Four\n\nFive.", ["C", "D"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        "Only one part.",
        "One.\n\n```\n# no heading\n```\n\nTwo.",
        "[a link][x]\n\n## Two\n\n[x]: https://example.org",
        "## Heading first\n\nText.",
        "",
    ],
)
def test_text_that_cannot_be_cut_has_its_quote_at_the_end(body: str) -> None:
    assert placed(text(body, "A")) == [(body.strip(), ["A"])]


@pytest.mark.parametrize("number", range(5))
def test_no_word_and_no_quote_is_lost_or_doubled(number: int) -> None:
    body = "One.\n\n# Two\n\n- three\n\n## Four\n\nFive.\n\n### Six\n\nSeven."
    found = reading.pieces(text(body, *"ABCD"[:number]))
    assert "\n".join(piece.body for piece in found).split() == body.split()
    assert [q["text"] for piece in found for q in piece.quotes] == list("ABCD"[:number])


def test_archive_has_years_with_their_months_and_marks_the_one_shown() -> None:
    found = [(2026, 2, 3), (2025, 12, 1), (2025, 8, 2)]
    wanted = Filter(kind="news", cluster=("wood",), published="2025-08")
    years = archive.years(found, wanted, "/news/", READER)
    assert [(it.year.name, it.year.count, it.year.is_shown) for it in years] == [
        ("2026", 3, False), ("2025", 3, False),
    ]  # fmt: skip
    assert [(month.name, month.count, month.is_shown) for month in years[1].months] == [
        ("août", 2, True), ("décembre", 1, False),
    ]  # fmt: skip
    assert years[1].year.address == "/fr/news/?cluster=wood&published=2025"
    assert years[1].months[0].address == "/fr/news/?cluster=wood&published=2025-08"


def test_there_is_no_archive_of_a_single_month() -> None:
    assert archive.years([(2026, 2, 3)], Filter(), "/news/", READER) == ()
