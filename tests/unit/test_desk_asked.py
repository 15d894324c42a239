"""The address of a list of the desk, and how titles stand in order."""

from __future__ import annotations

import pytest

from feedsvc.content import sorting
from feedsvc.content.desk.asked import Asked, parse
from feedsvc.content.filter_values import BadFilter

LANGUAGES = ("en", "fr", "de")


def asked(*pairs: tuple[str, str], kind: str = "call") -> Asked:
    return parse(pairs, kind=kind, languages=LANGUAGES, ignore=("after",))


def test_an_address_is_read_and_written_in_one_form():
    wanted = asked(
        ("sort", "-deadline"), ("cluster", "wood"), ("cluster", "ict"), ("q", " heat  twice "),
        ("state", "draft"), ("author", "me"), ("missing", "fr"), ("closes_within", "30"),
        ("programme", ""), ("after", "1.2.3"),
    )  # fmt: skip
    assert wanted.query() == (
        "cluster=ict&cluster=wood&state=draft&author=me&missing=fr&closes_within=30"
        "&q=heat+twice&sort=-deadline"
    )
    assert parse(wanted.pairs(), kind="call", languages=LANGUAGES) == wanted


def test_one_value_or_a_whole_condition_is_taken_away():
    wanted = asked(("cluster", "wood"), ("cluster", "ict"), ("q", "heat"), ("sort", "title"))
    assert wanted.without("cluster", "ict").cluster == ("wood",)
    assert wanted.without("q").query() == "cluster=ict&cluster=wood&sort=title"
    assert not Asked(sort="title").is_narrowed


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("state", "lost", "call"), ("author", "ana", "call"), ("missing", "nl", "call"),
        ("closes_within", "0", "call"), ("updated_within", "366", "call"), ("sort", "random", "call"),
        ("sort", "deadline", "news"), ("funder", "fnr", "news"), ("page", "2", "call"),
        ("q", "x" * 201, "call"), ("author", "9" * 30, "news"), ("state", "\x01", "news"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused(name: str, value: str, kind: str):
    with pytest.raises(BadFilter):
        asked((name, value), kind=kind)


def test_one_value_only_where_only_one_makes_sense():
    with pytest.raises(BadFilter):
        asked(("state", "draft"), ("state", "review"))


def test_titles_stand_without_case_and_accents_and_numbers_by_their_size():
    titles = ["Zebra", "Énergie 10", "energie 9", "Étude", "Œuvre", "odeur", "“Eau”"]
    in_order = sorted(titles, key=sorting.key)
    assert in_order == ["“Eau”", "energie 9", "Énergie 10", "Étude", "odeur", "Œuvre", "Zebra"]
    assert sorting.key(" ") == ""
    assert sorting.key("!?") == "!?"
    assert len(sorting.key("9 " * 300)) == sorting.LONGEST
