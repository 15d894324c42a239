"""A series answers, after any changes, as one made anew does: its windows follow."""

from __future__ import annotations

import random

from feedsvc.calls.series import MOST_ASKED, Pair, Series

SIZE = 64


def the_set(places: set[int]) -> int:
    return sum(1 << place for place in places)


def within(pairs: list[Pair], after: int, until: int) -> int:
    return the_set({place for value, place in pairs if after < value <= until})


def ask(series: Series, pairs: list[Pair], chance: random.Random) -> None:
    low, high = sorted(chance.sample(range(-2, 40), 2))
    assert series.between(low, high) == within(pairs, low, high)
    assert series.until(high) == within(pairs, -9, high)
    assert series.any() == the_set({place for _, place in pairs})


def test_windows_follow_the_changes_and_the_time() -> None:
    chance = random.Random(5)
    pairs = [(chance.randrange(30), place) for place in range(20) for _ in range(place % 3)]
    series = Series.made(pairs, SIZE)
    for number in range(200):
        for _ in range(4):
            ask(series, pairs, chance)
        gone = set(chance.sample(range(SIZE), 2))
        more = [(chance.randrange(30), place) for place in gone for _ in range(number % 3)]
        pairs = [pair for pair in pairs if pair[1] not in gone] + more
        series = series.changed(gone, more, SIZE)
        assert sorted(series.pairs()) == sorted(pairs)
        for place in range(SIZE):
            assert list(series.of(place)) == sorted(v for v, one in pairs if one == place)


def test_many_changes_at_once_are_as_good() -> None:
    pairs = [(value, value % SIZE) for value in range(2_000)]
    series = Series.made(pairs, SIZE)
    assert series.between(10, 12) == within(pairs, 10, 12)
    changed = series.changed(range(20, SIZE), [(5, 40)], SIZE)
    kept = [pair for pair in pairs if pair[1] < 20] + [(5, 40)]
    assert sorted(changed.pairs()) == sorted(kept)
    assert changed.between(4, 6) == within(kept, 4, 6)


def test_what_changes_nothing_keeps_the_series_and_all_that_was_asked() -> None:
    series = Series.made([(3, 1), (5, 2), (7, 2)], SIZE)
    assert series.changed([2, 9], [(7, 2), (5, 2)], SIZE * 2) is series


def test_few_windows_are_kept() -> None:
    pairs = [(value, value % SIZE) for value in range(500)]
    series = Series.made(pairs, SIZE)
    for start in range(0, 300, 3):
        assert series.between(start, start + 150) == within(pairs, start, start + 150)
    assert len(series._asked) == MOST_ASKED
