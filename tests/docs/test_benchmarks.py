"""docs/benchmarks.md holds every benchmark and its target."""

from __future__ import annotations

from benchmarks import apps, imports, latency, polls, rebuild, visible
from benchmarks.__main__ import BENCHMARKS
from tests.docs import pages

ROWS = {pages.codes(row[0])[0]: row for row in pages.table("docs/benchmarks.md", "Name")}


def test_every_benchmark_is_documented() -> None:
    assert list(ROWS) == list(BENCHMARKS)


TARGETS = {
    "feed-304": polls.TARGET_304,
    "feed-gzip": polls.TARGET_GZIP,
    "feed-naive": polls.TARGET_NAIVE,
    "feed-cached": polls.TARGET_CACHED,
    "feed-slow": latency.TARGET,
    "feed-seen": visible.TARGET,
    "rebuild": rebuild.TARGET,
}


def test_the_targets_are_those_of_the_code() -> None:
    assert {name: float(ROWS[name][3]) for name in TARGETS} == TARGETS
    assert ROWS["import"][2] == f"{imports.TARGET_MEGABYTES} MB"
    assert f"{rebuild.ENTRIES:,} entries" in ROWS["rebuild"][1]
    assert f"{latency.CONNECTIONS} connections" in ROWS["feed-slow"][1]
    assert f"{apps.SLOW_SECONDS:g} seconds" in ROWS["feed-slow"][1]
    assert f"{visible.WORKERS} processes" in ROWS["feed-seen"][1]
    assert ROWS["feed-seen"][2] == f"{visible.LIMIT:g} ms"
