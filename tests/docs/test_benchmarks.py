"""docs/benchmarks.md holds every benchmark and its target."""

from __future__ import annotations

from benchmarks import imports, polls, rebuild
from benchmarks.__main__ import BENCHMARKS
from tests.docs import pages

ROWS = {pages.codes(row[0])[0]: row for row in pages.table("docs/benchmarks.md", "Name")}


def test_every_benchmark_is_documented() -> None:
    assert list(ROWS) == list(BENCHMARKS)


def test_the_targets_are_those_of_the_code() -> None:
    targets = [float(row[3]) for row in ROWS.values()]
    assert targets[:3] == [polls.TARGET_304, polls.TARGET_GZIP, rebuild.TARGET]
    assert ROWS["import"][2] == f"{imports.TARGET_MEGABYTES} MB"
    assert f"{rebuild.ENTRIES:,} entries" in ROWS["rebuild"][1]
