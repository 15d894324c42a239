"""`make simulate`: many fresh seeds, one seed with its story, or the search for planted faults."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation import many
from tests.simulation.faults import FAULTS
from tests.simulation.run import Result

CHUNK = 5
WIDTH = 40  # of the progress bar
MOST_SHOWN = 20  # failing seeds
FIND_WITHIN = 1_000


def main(arguments: Sequence[str] | None = None) -> int:
    wish = _parser().parse_args(arguments)
    if wish.seed is not None:
        return _tell(many.one(wish.seed))
    if wish.faults:
        return _search()
    base = random.SystemRandom().randrange(10**9) if wish.base is None else wish.base
    print(f"seeds {base} to {base + wish.seeds - 1} (the same again: make simulate FROM={base})")
    return _simulate(range(base, base + wish.seeds))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20_000, help="how many histories")
    parser.add_argument("--from", type=int, dest="base", help="the first seed; else by chance")
    parser.add_argument("--seed", type=int, help="play this one and tell its story")
    parser.add_argument("--faults", action="store_true", help="plant faults and look for each")
    return parser


def _tell(result: Result) -> int:
    print(*result.story, "", sep="\n")
    print(*result.complaints or ["every promise was kept"], sep="\n")
    return 1 if result.complaints else 0


def _simulate(seeds: range) -> int:
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    done, mails, failed = 0, 0, []
    points: Counter[str] = Counter()
    deaths: Counter[str] = Counter()
    began = time.monotonic()
    for results in _everywhere(many.play, chunks):
        done += len(results)
        for result in results:
            mails += result.mails
            points.update(result.points)
            deaths.update(result.deaths)
            if result.complaints:
                failed.append(result)
        _bar(done, len(seeds), len(failed), time.monotonic() - began)
    print(file=sys.stderr)
    for result in failed[:MOST_SHOWN]:
        print(f"seed {result.seed}: {result.complaints[0]}")
        print(f"  its story: make simulate SEED={result.seed}")
    print(
        f"{mails} mails handed over; {sum(deaths.values())} deaths"
        f" at {len(deaths)} of {len(points)} named points"
    )
    print(f"{len(seeds) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def _search() -> int:
    """Each fault is looked for in fresh seeds; how many it took."""
    base = random.SystemRandom().randrange(10**9)
    print(f"seeds from {base} on")
    missed = 0
    search = partial(many.search, base=base, most=FIND_WITHIN)
    for fault, found in zip(FAULTS, _everywhere(search, range(len(FAULTS))), strict=True):
        if found is None:
            missed += 1
            print(f"NOT FOUND within {FIND_WITHIN} seeds: {fault.name}")
        else:
            print(f"{found.seed - base + 1:>5} seeds  {fault.name}: {found.complaints[0]}")
    print(f"{len(FAULTS) - missed} found, {missed} not found")
    return 1 if missed else 0


def _everywhere(work: object, pieces: Iterable[object]) -> Iterator[object]:
    """Do pieces of work on all cores; the answers in the order of the pieces."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(work, pieces)


def _bar(done: int, total: int, failed: int, seconds: float) -> None:
    if sys.stderr.isatty() or done == total or done % (total // 20 or 1) < CHUNK:
        filled = "#" * (done * WIDTH // total)
        text = f"[{filled:<{WIDTH}}] {done}/{total}, {failed} failed, {done / seconds:.1f} a second"
        print(text, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
