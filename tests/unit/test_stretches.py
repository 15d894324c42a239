"""Sets of ids in pieces: they are what they were when they come back, however few or many."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.search import stretches
from feedsvc.search.stretches import BITS, FEW, LENGTH, PLACES

IDS = st.sets(st.integers(0, 3 * LENGTH), max_size=60)


@given(IDS, IDS)
def test_sets_of_ids_meet_as_sets_do(one: set[int], other: set[int]) -> None:
    both = stretches.meet(stretches.split(one), stretches.split(other))
    assert stretches.ids(both) == sorted(one & other)


@given(st.sets(st.integers(0, LENGTH - 1), min_size=1, max_size=60), st.integers(0, 9))
def test_what_is_kept_is_united_again(places: set[int], stretch: int) -> None:
    pieces = [(stretch, stretches.packed(1 << place)) for place in places]
    pieces.append((stretch, stretches.packed(stretches.of(places, LENGTH))))
    assert stretches.united(pieces) == {stretch: stretches.of(places, LENGTH)}


def test_a_piece_follows_every_change_and_is_never_longer_than_its_bits() -> None:
    chance, kept, there = random.Random(5), b"", set[int]()
    for _ in range(400):
        place = chance.choice((chance.randrange(60), chance.randrange(LENGTH)))
        come = chance.random() < 0.6
        (there.add if come else there.discard)(place)
        kept = stretches.changed(kept, place, there=come)
        assert stretches.united([(0, kept)] if kept else []).get(0, 0) == sum(
            1 << one for one in there
        )
        size = max(there, default=-8) // 8 + 1
        assert kept[:1] == (b"" if not there else BITS if len(there) * FEW >= size else PLACES)
        assert len(kept) <= 1 + size
    assert len(stretches.packed(stretches.of(range(LENGTH), LENGTH))) == LENGTH // 8 + 1


def test_the_last_place_that_goes_leaves_nothing() -> None:
    kept = stretches.changed(b"", 7, there=True)
    assert stretches.changed(kept, 8, there=False) == kept
    assert stretches.changed(kept, 7, there=False) == b""
