"""Reminders are never lost, never doubled, never wrong: fresh histories, and those that failed once.

`make simulate` plays more of them, `make simulate SEED=...` one with its story.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.simulation import many
from tests.support import guards

# So many histories in each run of the tests, in portions that workers share. They are fresh ones,
# but for CI, which plays the same each time: what it says of a change must be the change's doing.
FIRST = 1 if guards.IN_CI else random.SystemRandom().randrange(10**9)
WISHED = int(os.environ.get("SIMULATED", "40" if guards.IN_CI else "500"))
PORTIONS = 20
PORTION = -(-WISHED // PORTIONS)


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_every_promise_is_kept_in_fresh_histories(portion: int) -> None:
    base = FIRST + portion * PORTION
    broken = many.report(many.play(range(base, base + PORTION)))
    assert not broken, broken


@pytest.mark.parametrize("seed", many.kept())
def test_what_failed_once_is_right(seed: int) -> None:
    broken = many.report(many.play([seed]))
    assert not broken, broken


def test_a_seed_replays_to_the_letter() -> None:
    assert many.one(1).story == many.one(1).story
