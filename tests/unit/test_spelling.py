"""Which word was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.search import spelling

KNOWN = ("energie", "energy", "health", "heating", "hydrogen", "wasserstoff", "wood")
words = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("helath", "health"),
        ("hydorgen", "hydrogen"),
        ("ydrogen", "hydrogen"),
        ("hidrogenn", "hydrogen"),
        ("waserstof", "wasserstoff"),
        ("enrgy", "energy"),
        ("wod", "wood"),
        ("healing", "heating"),
        ("hoed", None),  # two slips in a short word are another word
        ("xylophone", None),
        ("", None),
    ],
)
def test_the_word_that_is_few_slips_away_was_meant(typed: str, meant: str | None) -> None:
    assert spelling.nearest(typed, KNOWN) == meant


@given(words, words)
def test_slips_are_the_same_both_ways_and_none_is_the_same_word(one: str, other: str) -> None:
    assert spelling.slips(one, other) == spelling.slips(other, one)
    assert (spelling.slips(one, other) == 0) == (one == other)
    assert spelling.slips(one, other) <= max(len(one), len(other))


def test_words_that_begin_or_end_alike_share_parts() -> None:
    assert {"^he", "eat", "at$"} <= set(spelling.parts("heat"))
    assert not spelling.is_word("h2020")
    assert not spelling.is_word("eu")
