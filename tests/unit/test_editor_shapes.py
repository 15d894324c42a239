"""JSON and the domain's edits: what is read, what is refused with which field, what comes back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from feedsvc.calls.edits import CallEdit
from feedsvc.content.clusters import ClusterEdit
from feedsvc.content.edits import TextEdit
from feedsvc.content.media.rules import DocumentEdit, PhotoEdit
from feedsvc.content.organisations import OrganisationEdit, ProgrammeEdit
from feedsvc.errors import BadRequest, Invalid
from feedsvc.news.edits import NewsEdit
from feedsvc.web.api import bodies
from feedsvc.web.api.editor import facts, part_tables, problems, reading, tables
from feedsvc.web.api.editor.library import papers, photos
from feedsvc.web.api.editor.objects import Object
from feedsvc.web.api.editor.shapes import Problems
from tests.support.editor import CALL

# What of an edit no program says: the version is in a header, the source an importer's, and what is
# known of the photo is the library's.
UNSAID = {"version", "source", "source_id", "described", "credited"}


def read(table: Object, body: Any) -> Any:
    problems = Problems()
    made = table.read(body, "", problems)
    problems.settle()
    return made


def wrong(table: Object, body: Any) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read(table, body)
    return [problem.field for problem in refused.value.problems]


def test_a_call_is_read_into_the_edit_that_a_form_makes() -> None:
    edit = read(tables.CALL, {**CALL, "cofinancing_max": "62.5", "reasons": {"en": "Why"}})
    assert isinstance(edit, CallEdit)
    [date] = edit.key_dates
    assert (date.date, date.time, date.zone) == (
        dt.date(2026, 4, 30), dt.time(17, 0), "Europe/Luxembourg"
    )  # fmt: skip
    assert (edit.award_max, edit.cofinancing_max) == (Decimal("200000.00"), Decimal("62.5"))
    assert (edit.texts["en"].title, edit.reasons) == ("Reuse of process heat", {"en": "Why"})
    assert (edit.currency, edit.material, edit.award_min) == ("EUR", True, None)


@pytest.mark.parametrize(
    ("table", "edit"),
    [
        (tables.CALL, CallEdit), (tables.NEWS, NewsEdit), (tables.CALL_TEXT, TextEdit),
        (part_tables.CLUSTER, ClusterEdit),
        (part_tables.ORGANISATION, OrganisationEdit), (part_tables.PROGRAMME, ProgrammeEdit),
        (photos.WORDS, PhotoEdit), (papers.TITLES, DocumentEdit),
    ],
)  # fmt: skip
def test_every_field_of_an_edit_is_in_the_table(table: Object, edit: Any) -> None:
    assert set(table.fields) == set(edit.__dataclass_fields__) - UNSAID


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"titel": "Heat"}, ["titel"]),
        ({"texts": {"en": {"titel": "Heat"}, "nl": {}}}, ["texts.nl", "texts.en.titel"]),
        ({"award_max": 200000}, ["award_max"]),
        ({"award_max": "200.000"}, ["award_max"]),
        ({"award_max": "1e5", "trl_min": "3"}, ["award_max", "trl_min"]),
        ({"key_dates": [{"type": "submission"}]}, ["key_dates.0.date"]),
        ({"key_dates": [{"date": "30/04/2026"}]}, ["key_dates.0.date"]),
        ({"key_dates": [{"date": "2026-02-30", "time": "5 pm"}]},
         ["key_dates.0.date", "key_dates.0.time"]),
        ({"clusters": ["health", "health"]}, ["clusters.1"]),
        ({"clusters": "health"}, ["clusters"]),
        ({"geographies": ["LUX"]}, ["geographies.0"]),
        ({"is_example": 1, "expected_awards": True}, ["is_example", "expected_awards"]),
        ({"series": "x" * 201}, ["series"]),
        ({"photo_id": -1}, ["photo_id"]),
        ({"documents": [{"url": "https://example.org/a.pdf"}] * 101}, ["documents"]),
        ([], [""]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(body: Any, fields: list[str]) -> None:
    assert wrong(tables.CALL, body) == fields


def test_of_very_many_problems_the_first_are_told() -> None:
    assert len(wrong(tables.CALL, {f"x{n}": n for n in range(5000)})) == 100
    dates = [{"x": 1}] * 100 + [{"date": "2026-04-30"}]
    assert (
        len(wrong(tables.CALL, {**{f"x{n}": n for n in range(200)}, "key_dates": dates[1:]})) == 100
    )


def test_null_is_as_good_as_absent() -> None:
    body = {**CALL, "award_max": None, "photo_id": None, "clusters": None}
    assert read(tables.CALL, body).award_max is None
    assert read(tables.CALL, body).clusters == ()


def test_a_merge_patch_changes_what_it_names_and_null_takes_away() -> None:
    """The examples of RFC 7396, appendix A, as far as they differ."""
    for value, patch, result in [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "foo"}, {"b": {"c": None}}, {"a": "foo", "b": {}}),
    ]:
        assert reading.merged(value, patch) == result


def test_facts_may_come_back_as_they_are_and_not_otherwise() -> None:
    told = {"uid": "1", "state": "draft"}
    same, other = Problems(), Problems()
    facts.check(told, told, same)
    facts.check(None, told, same)
    same.settle()
    facts.check({"uid": "1", "state": "published", "size": 3}, told, other)
    assert sorted(p.field for p in other.found) == ["about.size", "about.state"]


def test_a_place_in_a_body_is_a_json_pointer() -> None:
    assert problems.pointer("key_dates.0.date") == "#/key_dates/0/date"
    assert problems.pointer("texts.a/b~c") == "#/texts/a~1b~0c"
    assert problems.pointer("") == "#"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"a": NaN}', b'{"a": 1, "a": 2}', b'{"a": "\\u0000"}', b'{"a": "\\ud800"}',
     b"[" * 100_000, b'{"a":' * 20 + b"1" + b"}" * 20, b'{"a": ' + b"9" * 5000 + b"}", b"\xff"],
)  # fmt: skip
def test_what_is_no_object_of_json_is_refused_before_anything_is_made_of_it(body: bytes) -> None:
    with pytest.raises(BadRequest):
        bodies.parsed(body)
