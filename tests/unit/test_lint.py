"""What an editor is told to look at again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from feedsvc.calls.edits import CallEdit
from feedsvc.calls.links import Dead
from feedsvc.calls.lint import call as lint
from feedsvc.content.edits import TextEdit
from feedsvc.content.lint.finding import NOTE, WARNING
from feedsvc.i18n import language
from tests.builders import BEGINNING as NOW
from tests.builders import call_edit, deadline, opening

ENGLISH = language("en")
GOOD: dict[str, Any] = {
    "apply_url": "https://example.org/apply", "contact_role": "Grants desk",
    "funders": ("agency",), "clusters": ("cleantech",),
    "key_dates": (opening("2026-03-10"), deadline("2026-04-30", "17:00")),
}  # fmt: skip


def text(**more: Any) -> TextEdit:
    return TextEdit(**({"title": "Process heat", "summary": "Heat that is used twice."} | more))


def edit(**more: Any) -> CallEdit:
    return call_edit(**(GOOD | {"texts": {"en": text()}} | more))


def said(given: CallEdit, **known: Any) -> dict[str, str]:
    """The sentences by field."""
    around = lint.Known(**({"languages": ("en",), "now": NOW} | known))
    return {found.field: found.said(ENGLISH) for found in lint.of(given, around)}


def test_good_call_has_nothing_to_look_at_again() -> None:
    assert said(edit()) == {}


@pytest.mark.parametrize(
    ("day", "time", "part"),
    [
        ("2026-05-02", "17:00", "falls on a weekend: Saturday 2 May 2026"),
        ("2026-06-23", "17:00", "public holiday: National Day (Luxembourg)"),
        ("2026-05-14", None, "Ascension Day (Luxembourg, France, Germany and Belgium)"),
        ("2026-04-30", "00:00", "at 00:00, the very beginning of Thursday 30 April 2026"),
        ("2026-03-20", "17:00", "leaves 10 days from the opening"),
        ("2026-02-20", "17:00", "is in the past: Friday 20 February 2026"),
        ("2026-10-25", "02:30", "Clocks show 02:30 twice"),
    ],
)
def test_deadline_that_is_seldom_meant_is_told(day: str, time: str | None, part: str) -> None:
    dates = (opening("2026-03-10"), deadline(day, time))
    found = said(edit(key_dates=dates))
    assert part in " ".join(found[name] for name in found if name.startswith("key_dates.1"))


def test_holiday_of_the_neighbours_is_a_note_and_ones_own_a_warning() -> None:
    around = lint.Known(languages=("en",), now=NOW)

    def severities(day: str) -> set[str]:
        dates = (opening("2026-03-10"), deadline(day, "17:00"))
        found = lint.of(edit(key_dates=dates), around)
        return {one.severity for one in found if "holiday" in one.message}

    assert severities("2026-07-14") == {NOTE}
    assert severities("2026-06-23") == {WARNING}


def test_past_of_a_public_call_is_no_mistake_but_a_new_date_in_it_is() -> None:
    held = deadline("2026-02-20", "17:00", uid="a-date-that-was-there")
    ahead = deadline("2026-06-30", "17:00", uid="another")
    public = {"public_since": NOW - dt.timedelta(days=90)}
    assert "key_dates.0.date" not in said(edit(key_dates=(held, ahead)), **public)
    fresh = deadline("2026-02-20", "17:00")
    assert "in the past" in said(edit(key_dates=(held, fresh, ahead)), **public)["key_dates.1.date"]


@pytest.mark.parametrize(
    ("body", "severity", "part"),
    [
        ("We give up to EUR 250,000.", WARNING, "the funding cap is €200,000"),
        ("We give up to EUR 50,000 for a study.", NOTE, "the funding cap is €200,000"),
        ("The budget is EUR 4 million.", WARNING, "the total budget is €3,000,000"),
        ("Up to 80 % of the costs are paid.", WARNING, "“Up to 80 %”, the field 60 percent"),
        ("The deadline is 30 May 2026.", WARNING, "“30 May 2026”, which is none of the key dates"),
        ("Write to us until 29 April.", NOTE, "“29 April”, which is none of the key dates"),
        ("Apply by 30 April 2026, 12:00.", WARNING, "12:00 on 30 April 2026, the key date 17:00"),
        ("The deadline is Monday 30 April 2026.", WARNING, "the calendar Thursday 30 April 2026"),
    ],
)
def test_text_that_differs_from_the_fields_is_told(body: str, severity: str, part: str) -> None:
    given = edit(
        texts={"en": text(body=body)},
        award_max=Decimal(200_000), total_budget=Decimal(3_000_000), cofinancing_max=Decimal(60),
    )  # fmt: skip
    (found,) = lint.of(given, lint.Known(languages=("en",), now=NOW))
    assert (found.field, found.severity) == ("texts.en.body", severity)
    assert part in found.said(ENGLISH)


def test_text_that_says_what_the_fields_say_is_left_alone() -> None:
    body = (
        "Up to EUR 200,000 and at most 60 % of the costs, from a budget of EUR 3 million. "
        "The deadline is Thursday 30 April 2026 at 17:00."
    )
    given = edit(
        texts={"en": text(body=body)},
        award_max=Decimal(200_000), total_budget=Decimal(3_000_000), cofinancing_max=Decimal(60),
    )  # fmt: skip
    assert said(given) == {}


def test_amount_in_the_text_asks_for_its_empty_field() -> None:
    given = edit(texts={"en": text(summary="Up to EUR 200,000 for reuse of heat.")})
    assert "the field is empty" in said(given)["award_max"]


def test_languages_that_miss_or_lag_behind_are_told() -> None:
    stale = {"en": dt.date(2026, 2, 1)}
    found = said(edit(), languages=("en", "fr", "de"), stale=stale)
    assert "not written in Français and Deutsch yet" in found["texts.fr"]
    assert "changed on 1 February 2026" in found["texts.en.title"]


def test_what_readers_would_miss_is_told() -> None:
    bare = edit(
        apply_url="", contact_role="", funders=(), clusters=(), photo_id=7,
        texts={"en": text(title="Heat " * 30, summary="")},
    )  # fmt: skip
    assert said(bare).keys() == {
        "apply_url", "contact_role", "funders", "clusters",
        "texts.en.title", "texts.en.summary", "texts.en.photo_alt",
    }  # fmt: skip


def test_a_photo_that_only_decorates_or_is_described_in_the_library_needs_no_words() -> None:
    assert said(edit(photo_id=7, described=frozenset({"en"}))) == {}


def test_dead_address_is_told_with_its_trouble_and_day() -> None:
    dead = {"https://example.org/apply": Dead(404, "", NOW - dt.timedelta(days=3))}
    assert "since 27 February 2026: the server says 404" in said(edit(), dead=dead)["apply_url"]


def test_warnings_come_before_notes() -> None:
    found = lint.of(edit(contact_role="", apply_url=""), lint.Known(languages=("en",), now=NOW))
    assert [one.severity for one in found] == [WARNING, NOTE]
