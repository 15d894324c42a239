"""Earlier versions are read from the history, and two versions are compared word by word."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.auth import audit
from feedsvc.auth.models import History
from feedsvc.calls import snapshots
from feedsvc.content import history
from feedsvc.content.desk import revisions
from feedsvc.i18n import language
from feedsvc.web.admin.desk import comparing
from tests.builders import BEGINNING

ENGLISH = language("en")
DATE = {
    "type": "submission", "date": date(2026, 4, 30), "time": time(17), "zone": "AoE",
    "precision": "minute", "certainty": "confirmed", "mandatory": True, "labels": {"en": "End"},
}  # fmt: skip
CALL: dict[str, Any] = {
    "texts.en.title": "Heat", "texts.en.slug": "heat", "texts.en.summary": "", "texts.en.body": "B",
    "texts.en.sections": {"eligibility": "All"}, "texts.en.quotes": [{"text": "Q", "source": ""}],
    "texts.en.photo_alt": "", "clusters": ["wood"], "related": [], "photo_id": None,
    "photo_credit": "", "is_example": False, "programme": None, "funders": ["fund"],
    "award_max": Decimal("200000.50"), "currency": "EUR", "deadline_model": "single_stage",
    "documents": [{"title": "Rules", "url": "https://fund.example/r.pdf", "size": 9}],
    "key_dates.a": DATE,
}  # fmt: skip
VALUES = st.dictionaries(
    st.sampled_from(
        ["texts.en.title", "texts.fr.title", "key_dates.a", "key_dates.b", "reference", "programme"]
    ),
    st.sampled_from(["one", "two", "three"]),
)


def row(number: int, old: dict[str, Any], new: dict[str, Any]) -> History:
    changes = {
        name: [audit.as_json(pair[0]), audit.as_json(pair[1])]
        for name, pair in history.differences(old, new).items()
    }
    return History(id=number, at=BEGINNING, actor_name="Ana", act="edited", changes=changes)


@given(st.lists(VALUES, min_size=1, max_size=8))
def test_every_earlier_version_is_read_as_it_was(written: list[dict[str, str]]) -> None:
    steps = [{"reference": None, "programme": None, **values} for values in written]
    rows = [row(n, *pair) for n, pair in enumerate(pairwise(steps), 1)]
    found = list(revisions.read(steps[-1], rows[::-1]))
    for revision, was in zip(found, steps[:0:-1], strict=True):
        assert revision.values == was
    assert revisions.before(found[-1].values, rows[0].changes) == steps[0] if rows else True


def test_a_call_is_made_again_of_what_the_history_has() -> None:
    edit = snapshots.edit(audit.as_json(CALL))
    assert edit.texts["en"].sections == {"eligibility": "All"}
    assert edit.texts["en"].quotes[0].text == "Q"
    assert (edit.award_max, edit.funders, edit.programme) == (Decimal("200000.50"), ("fund",), None)
    [given_date] = edit.key_dates
    assert (given_date.uid, given_date.date, given_date.time) == ("a", date(2026, 4, 30), time(17))
    assert edit.documents[0].size == 9
    assert snapshots.edit(CALL) == edit


def test_the_fields_of_the_other_side_are_taken_and_the_rest_stays() -> None:
    mine = revisions.flat({**CALL, "texts.en.sections": {"eligibility": "Mine", "funding": "M"}})
    theirs = revisions.flat({**CALL, "texts.en.body": "Theirs", "award_max": None})
    taken = frozenset({"texts.en.body", "texts.en.sections.eligibility", "key_dates.gone"})
    merged = revisions.merged(mine, theirs, taken)
    assert merged["texts.en.body"] == "Theirs"
    assert merged["texts.en.sections"] == {"eligibility": "All", "funding": "M"}
    assert merged["award_max"] == CALL["award_max"]
    assert merged["key_dates.a"] == DATE


def test_words_that_the_other_side_has_not_got_are_marked() -> None:
    old, new = comparing.marked("The heat is used once.", "The heat is used twice, at least.")
    assert [piece.text for piece in old if piece.marked] == ["once."]
    assert "".join(piece.text for piece in new) == "The heat is used twice, at least."
    assert [piece.text for piece in new if piece.marked] == ["twice, at least."]


def test_a_long_text_is_compared_line_by_line() -> None:
    line = "word " * 30 + "\n"
    old, new = line * 200, line * 100 + "between\n" + line * 100
    _, right = comparing.marked(old, new)
    assert [piece.text for piece in right if piece.marked] == ["between\n"]


@pytest.mark.parametrize(("old", "new"), [(None, ""), ([], None), ({}, None)])
def test_nothing_and_an_empty_value_do_not_differ(old: Any, new: Any) -> None:
    assert comparing.differences({"reference": old}, {"reference": new}, ENGLISH) == []


def test_fields_are_named_as_the_form_names_them_texts_first() -> None:
    new = {
        **CALL,
        "texts.en.sections": {"eligibility": "Some"},
        "reference": "R",
        "key_dates.a": None,
    }
    found = comparing.differences(audit.as_json(CALL), audit.as_json(new), ENGLISH)
    assert [one.label for one in found] == [
        "Who can apply (English)", "Closes", "Reference of the funder",
    ]  # fmt: skip
