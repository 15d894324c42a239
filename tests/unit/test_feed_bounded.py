"""What is kept takes a bounded room, and is forgotten one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

import pytest

from feedsvc.feeds.body import Body
from feedsvc.feeds.bounded import Bounded


def texts(limit: int) -> Bounded[str, list[str]]:
    return Bounded(limit, lambda _, words: sum(map(len, words)))


def test_what_was_not_asked_for_the_longest_goes_first_and_nothing_else():
    kept = texts(30)
    for key in "abc":
        kept.put(key, [key * 10])
    assert kept.get("a") == ["a" * 10]
    kept.put("d", ["d" * 10])
    assert kept.among("abcd") == [["a" * 10], None, ["c" * 10], ["d" * 10]]


def test_room_is_made_bit_by_bit():
    kept = texts(1_000)
    for number in range(500):
        kept.put(str(number), ["x" * 10])
        assert len(kept) == min(number + 1, 100)


def test_what_grows_after_it_was_put_is_weighed_again():
    kept = texts(30)
    grows = ["a" * 10]
    kept.put("b", ["b" * 10])
    kept.put("a", grows)
    grows.append("a" * 15)
    kept.weigh_again("a")
    assert kept.weight == 25
    assert kept.get("b") is None


def test_what_grows_when_it_is_no_longer_kept_takes_no_room():
    kept = texts(10)
    kept.put("a", ["a" * 8])
    kept.put("b", ["b" * 8])
    kept.weigh_again("a")
    assert (kept.weight, len(kept)) == (8, 1)


def test_one_value_is_kept_however_large():
    kept = texts(10)
    kept.put("a", ["a" * 100])
    assert kept.get("a") == ["a" * 100]


def test_settling_sees_what_is_kept_and_leaves_it_if_it_cannot_choose():
    kept = texts(100)
    kept.put("a", ["old"])
    assert kept.settle("a", lambda old: [*(old or []), "new"]) == ["old", "new"]

    def cannot(_old: list[str] | None) -> list[str]:
        raise ValueError("no choice")

    with pytest.raises(ValueError, match="no choice"):
        kept.settle("a", cannot)
    assert kept.get("a") == ["old", "new"]
    assert kept.weight == 6


def test_the_bound_holds_with_many_threads():
    kept = texts(500)

    def work(number: int) -> int:
        for step in range(300):
            key = str((number * 7 + step) % 90)
            if kept.get(key) is None:
                kept.put(key, ["x" * (step % 40 + 1)])
            kept.weigh_again(key)
        return kept.weight

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(work, range(8))) <= 500
    assert kept.weight == sum(
        len(words[0]) for words in kept.among(list(map(str, range(90)))) if words
    )


def test_bodies_that_are_compressed_later_stay_within_the_bound():
    limit = 200_000
    kept: Bounded[int, Body] = Bounded(limit, lambda _, body: body.weight)
    bodies = [Body(Random(number).randbytes(1_000 + 500 * number)) for number in range(40)]
    for number, body in enumerate(bodies):
        body.grown = partial(kept.weigh_again, number)
        kept.put(number, body)
        for coding in ("gzip", "br", "zstd"):
            bodies[number // 2].coded(coding)  # some of those are no longer kept
            there = [found for found in kept.among(range(40)) if found is not None]
            assert kept.weight == sum(found.weight for found in there) <= limit
    assert 1 < len(kept) < 40
