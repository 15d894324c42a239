"""Sets of ids in pieces: they are what they were when they come back, however few or many."""

from __future__ import annotations

import random
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.search import stretches
from feedsvc.search.places import Places
from feedsvc.search.stretches import BITS, FEW, LENGTH, PLACES

IDS = st.sets(st.integers(0, 4 * LENGTH), max_size=60)


def the_set(places: Iterable[int]) -> int:
    return sum(1 << place for place in places)


@given(IDS, IDS, IDS)
def test_pieces_of_sets_are_united_where_there_is_room(
    known: set[int], one: set[int], other: set[int]
) -> None:
    places = Places().with_ids(known)
    pieces = [
        (stretch, stretches.packed(bits))
        for ids in (one, other)
        for stretch, bits in stretches.split(ids).items()
    ]
    found = [places.id(place) for place in stretches.places_in(places.united(pieces))]
    assert sorted(found) == sorted(one_id for one_id in one | other if places.has_room(one_id))
    assert places.united(pieces) == places.set_of(one | other)


@given(st.sets(st.integers(0, LENGTH - 1), min_size=1, max_size=60))
def test_what_is_kept_for_few_and_for_many_is_one_set(few: set[int]) -> None:
    room = Places().with_ids([0])
    many = set(range(0, LENGTH, 9))
    pieces = [(0, stretches.packed(1 << place)) for place in few]
    pieces.append((0, stretches.packed(the_set(many))))
    assert room.united([*pieces, *pieces]) == the_set(few | many)


@given(st.sets(st.integers(0, 99), max_size=99), st.sets(st.integers(0, 99)))
def test_sets_are_made_and_taken_apart_however_full(one: set[int], other: set[int]) -> None:
    made = stretches.of(one, 100)
    assert made == the_set(one) == stretches.of(one, 100 * stretches.SPARSE**2)
    assert stretches.less(made, stretches.of(other, 100)) == the_set(one - other)
    assert stretches.places_in(made) == sorted(one)


def test_a_piece_follows_every_change_and_is_never_longer_than_its_bits() -> None:
    chance, kept, there = random.Random(5), b"", set[int]()
    for _ in range(400):
        place = chance.choice((chance.randrange(60), chance.randrange(LENGTH)))
        come = chance.random() < 0.6
        (there.add if come else there.discard)(place)
        kept = stretches.changed(kept, place, there=come)
        assert list(stretches.places_of(kept)) == sorted(there)
        size = max(there, default=-8) // 8 + 1
        assert kept[:1] == (b"" if not there else BITS if len(there) * FEW >= size else PLACES)
        assert len(kept) <= 1 + size
    assert len(stretches.packed(stretches.of(range(LENGTH), LENGTH))) == LENGTH // 8 + 1


def test_the_last_place_that_goes_leaves_nothing() -> None:
    kept = stretches.changed(b"", 7, there=True)
    assert stretches.changed(kept, 8, there=False) == kept
    assert stretches.changed(kept, 7, there=False) == b""
