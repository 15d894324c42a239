"""A date that readers know moves with its reason in every language, or as a correction."""

from __future__ import annotations

import pytest

from feedsvc.calls import moves
from feedsvc.calls.edits import CallEdit
from feedsvc.content.edits import TextEdit

TEXTS = {"en": TextEdit(title="Heat")}


@pytest.mark.parametrize(
    ("reasons", "material", "fields"),
    [
        ({}, True, ["reasons.en", "reasons.fr"]),
        ({"en": "More time", "fr": " "}, True, ["reasons.fr"]),
        ({"en": "More time", "fr": "Plus de temps"}, True, []),
        ({}, False, []),
    ],
)
def test_each_language_without_a_reason_is_named(
    reasons: dict[str, str], material: bool, fields: list[str]
) -> None:
    edit = CallEdit(texts=TEXTS, reasons=reasons, material=material)
    assert [one.field for one in moves.unexplained(edit, ("en", "fr"))] == fields
