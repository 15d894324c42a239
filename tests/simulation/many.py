"""Seed after seed in one process, over one database file that is emptied for each."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.faults import FAULTS
from tests.simulation.run import Result, run
from tests.simulation.storage import Storage

KEPT = Path(__file__).with_name("kept.txt")


def one(seed: int) -> Result:
    return run(_storage(), seed)


def play(seeds: Iterable[int]) -> list[Result]:
    """Play these; of those that kept every promise the story is left out."""
    results = [one(seed) for seed in seeds]
    for result in results:
        if not result.complaints:
            result.story.clear()
    return results


def search(number: int, *, base: int, most: int) -> Result | None:
    """The first seed in which a planted fault is found; none of `most` is None."""
    for seed in range(base, base + most):
        with FAULTS[number].planted():
            result = one(seed)
        if result.complaints:
            return result
    return None


def kept() -> list[int]:
    """Seeds that failed once: each is a case for ever."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


def report(results: Iterable[Result]) -> str:
    """What a person needs who has to mend it."""
    return "\n\n".join(
        "\n".join([f"seed {one.seed}: make simulate SEED={one.seed}", *one.complaints, *one.story])
        for one in results
        if one.complaints
    )


@cache
def _storage() -> Storage:
    folder = TemporaryDirectory(prefix="simulation-")
    storage = Storage(Path(folder.name))
    run(storage, 0)  # what libraries do once in a process takes from the dice: not of a seed's own
    gc.freeze()  # what is loaded stays, and a seed leaves little that is worth a look in between
    gc.set_threshold(20_000, 20, 20)
    atexit.register(folder.cleanup)
    atexit.register(storage.close)
    return storage
