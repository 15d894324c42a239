"""What a word is, what a query asks for, and what is marked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.search import rules
from feedsvc.search.highlight import Segment, highlight, snippet
from feedsvc.search.rules import Term


def marked(text: str, q: str) -> str:
    """The text with its hits in square brackets."""
    return "".join(f"[{s.text}]" if s.hit else s.text for s in highlight(text, q))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Waste heat: time to act!", ["waste", "heat", "time", "to", "act"]),
        ("Förderfähigkeit", ["forderfahigkeit"]),
        ("Énergie  ÉLECTRIQUE", ["energie", "electrique"]),
        ("Straße, STRASSE", ["strasse", "strasse"]),
        ("Œuvre & ŒUVRES æther Łódź", ["oeuvre", "oeuvres", "aether", "lodz"]),
        ("HORIZON-CL5-2024-D3-01", ["horizon", "cl5", "2024", "d3", "01"]),
        ("CO₂ m² ½", ["co2", "m2", "1", "2"]),
        ("e\u0301te\u0301 transpor\u00adtation zero\u200bwidth", ["ete", "transportation", "zerowidth"]),
        ("ＦＵＬＬ　ｗｉｄｔｈ", ["full", "width"]),
        ("İstanbul", ["istanbul"]),
        ("_under_score_", ["under", "score"]),
        ("Ελλάδα Україна", ["ελλαδα", "украіна"]),
        ("!!! --- \ud800", []),
    ],
)  # fmt: skip
def test_a_text_is_its_words_without_case_and_accents(text: str, expected: list[str]) -> None:
    assert rules.tokens(text) == expected


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("waste heat", (Term(("waste",), True), Term(("heat",), True))),
        ('"waste heat"', (Term(("waste", "heat"), False),)),
        ('"heat', (Term(("heat",), False),)),
        ('find "waste heat" now', (Term(("find",), True), Term(("waste", "heat"), False),
                                   Term(("now",), True))),
        ("e-mobility", (Term(("e", "mobility"), True),)),
        ("CL5-2024", (Term(("cl5", "2024"), True),)),
        ("l'énergie", (Term(("energie",), True),)),
        ("aujourd’hui", (Term(("aujourd",), True), Term(("hui",), True))),
        ("l'", (Term(("l",), False),)),
        ("a b", (Term(("a",), False), Term(("b",), False))),
        ("heat heating", (Term(("heating",), True),)),
        ("heat heat", (Term(("heat",), True),)),
        ("", ()),
        ("* ( ) ^ : { } \" ' \\", ()),
        ("NEAR(a b) title:x", (Term(("near", "a"), False), Term(("b",), False),
                               Term(("title", "x"), False))),
    ],
)  # fmt: skip
def test_a_query_is_terms_that_must_all_be_found(q: str, expected: tuple[Term, ...]) -> None:
    assert rules.parse(q) == expected


@pytest.mark.parametrize(
    ("text", "q", "expected"),
    [
        ("Waste heat pumps", "pump", "Waste heat [pumps]"),
        ("Waste heat pumps", "waste pump", "[Waste] heat [pumps]"),
        ("Waste heat pumps", '"waste heat"', "[Waste heat] pumps"),
        ("heat, waste heat", '"waste heat"', "heat, [waste heat]"),
        ("Die Förderung läuft", "forder", "Die [Förderung] läuft"),
        ("une e\u0301te\u0301 chaude", "ete", "une [e\u0301te\u0301] chaude"),
        ("<b>heat</b>", "heat", "<b>[heat]</b>"),
        ("nothing here", "heat", "nothing here"),
        ("nothing asked", "", "nothing asked"),
    ],
)
def test_hits_are_marked_as_whole_words(text: str, q: str, expected: str) -> None:
    assert marked(text, q) == expected


def test_a_snippet_shows_the_first_hit_of_a_long_text() -> None:
    text = "word " * 200 + "a pump at last " + "word " * 200
    found = snippet(text, "pump", 120)
    shown = "".join(s.text for s in found)
    assert Segment("pump", hit=True) in found
    assert shown.startswith("… word")
    assert shown.endswith("word …")
    assert len(shown) <= 130


def test_a_snippet_without_a_hit_is_the_beginning() -> None:
    assert "".join(s.text for s in snippet("one two " * 100, "pump", 20)) == "one two one two one …"


def test_a_short_text_is_its_own_snippet() -> None:
    assert "".join(s.text for s in snippet("heat pump", "pump")) == "heat pump"


@given(st.text(), st.text(max_size=60))
def test_segments_joined_are_the_text(text: str, q: str) -> None:
    assert "".join(segment.text for segment in highlight(text, q)) == text


@given(st.text(min_size=1, max_size=600), st.text(max_size=30), st.integers(20, 200))
def test_a_snippet_is_never_much_longer_than_asked(text: str, q: str, length: int) -> None:
    assert len("".join(s.text for s in snippet(text, q, length))) <= length + 4


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    words = rules.tokens(text)
    assert rules.tokens(" ".join(words)) == words


@given(st.text())
def test_spans_name_the_same_words_as_tokens(text: str) -> None:
    assert [word for word, _, _ in rules.spans(text)] == rules.tokens(text)


@given(st.text(max_size=100))
def test_a_document_has_every_word_of_itself(text: str) -> None:
    title, body = rules.places(text, text)
    assert title == body == rules.tokens(text)


def test_what_postgresql_cannot_place_is_left_out_but_keeps_its_place() -> None:
    title, body = rules.places("the " * 300, "end")
    assert title.count("the") == rules.MAX_OCCURRENCES
    assert title[-1] is None
    assert len(title) == 300
    assert body == ["end"]


def test_a_book_is_indexed_up_to_the_limits() -> None:
    title, body = rules.places("title", " ".join(f"word{n}" for n in range(30_000)))
    assert len(title) + len(body) == rules.MAX_TOKENS
    assert rules.places("", "x" * 500)[1] == ["x" * rules.MAX_TOKEN]


@pytest.mark.parametrize(
    "hostile", ['"' * 400, "a " * 200, "-" * 400, "a-" * 200, "ﷺ" * 400, "\u0301" * 400, "'" * 400]
)
def test_pathological_queries_are_read_fast(hostile: str) -> None:
    began = time.perf_counter()
    rules.parse(hostile)
    highlight("some words of a text " * 200, hostile)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("q", "holds"),
    [
        ("heat", True),
        ("HEA", True),
        ("heat waste", True),
        ('"waste heat"', True),
        ('"heat waste"', False),
        ('"waste hea"', False),
        ("eat", False),
        ("heat cold", False),
        ("!!!", False),
    ],
)
def test_a_text_outside_of_the_index_is_found_alike(q: str, holds: bool) -> None:
    assert rules.found(q, " ".join(rules.tokens("Waste heat: time to act"))) is holds
