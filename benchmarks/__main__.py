"""Run the benchmarks: `python -m benchmarks [--once] [NAME ...]`; --once is the smoke test."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import (
    delivery,
    desk_list,
    imports,
    latency,
    ledger,
    memory,
    overtaking,
    pages,
    planning,
    polls,
    rebuild,
    search,
    visible,
)
from benchmarks.result import Missing, Result, table
from feedsvc import garbage

OUTPUT = Path("build/bench.json")
BENCHMARKS = {
    "feed-304": polls.unchanged,
    "feed-gzip": polls.compressed,
    "feed-naive": polls.naive,
    "feed-cached": polls.cached,
    "feed-slow": latency.while_slow,
    "feed-seen": visible.everywhere,
    "rebuild": rebuild.rebuild,
    "memory": memory.memory,
    "import": imports.calls,
    "search": search.search,
    "pages": pages.pages,
    "mail-delivery": delivery.delivery,
    "mail-urgent": overtaking.urgent,
    "planning": planning.planning,
    "ledger": ledger.pages,
    "desk-list": desk_list.lists,
}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    asked.add_argument("--once", action="store_true", help="as small as can be: does it work?")
    asked.add_argument("--output", type=Path, default=OUTPUT, help="default: %(default)s")
    options = asked.parse_args(arguments)
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        asked.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    results = [
        result for name in options.names or BENCHMARKS for result in _run(name, once=options.once)
    ]
    print(table(results))
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps([result.as_dict() for result in results], indent=2) + "\n")
    print(f"Written to {options.output}.")
    return 0 if all(result.met is not False for result in results) else 1


def _run(name: str, *, once: bool) -> list[Result]:
    print(f"{name} …", file=sys.stderr, flush=True)
    garbage.spare_what_is_there()  # as the product's processes do
    try:
        results = BENCHMARKS[name](once=once)
    except Missing as reason:
        return [Result(name=name, figure=None, unit=str(reason))]
    # One small round says that the benchmark works, and nothing about speed.
    return [replace(result, target=None) for result in results] if once else results


if __name__ == "__main__":
    sys.exit(main())
