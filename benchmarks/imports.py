"""Import of the 4,364 real calls into an empty installation: entries a second, and memory.

The import runs in a process of its own, so that the peak is its own. `BENCH_CALLS` names another
file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

from benchmarks import content
from benchmarks.result import Missing, Result, Untrue

FILE = Path(os.environ.get("BENCH_CALLS", "../shared/data/calls.jsonl"))
ROWS_ONCE = 50
LIMIT = 900  # seconds
TARGET_MEGABYTES = 200

# Prints: rows taken, rows refused, seconds, peak memory in kilobytes, calls then in the database.
PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from sqlalchemy import func, select
from feedsvc import clock, settings
from feedsvc.calls.models import Call
from feedsvc.db import Database
from feedsvc.imports.calls import import_calls
found = settings.load(sys.argv[1])
db = Database(found.effective_database_url)
start = time.perf_counter()
report = import_calls(db, Path(sys.argv[2]), settings=found, now=clock.now())
took = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with db.read() as session:
    there = session.scalar(select(func.count()).select_from(Call))
print(json.dumps([len(report.refused), took, peak, there]))
"""


def calls(*, once: bool) -> list[Result]:
    if not FILE.exists():
        raise Missing(f"needs {FILE}, or BENCH_CALLS=another file of calls")
    with content.installed() as settings:
        file, rows = _file(settings.instance_path, once=once)
        refused, took, peak, there = _run(settings.instance_path, file)
    if there + refused != rows:
        raise Untrue(f"{there} calls and {refused} refused of {rows} rows")
    return [
        Result(name="import", figure=there / took, unit=f"calls a second ({there:,} calls)"),
        Result(
            name="import, peak memory", figure=peak / 1024, unit="MB",
            anchor="a limit", anchor_figure=TARGET_MEGABYTES,
            ratio=TARGET_MEGABYTES / (peak / 1024), target=1.0,
        ),
    ]  # fmt: skip


def _file(folder: Path, *, once: bool) -> tuple[Path, int]:
    """The file to import and its number of rows."""
    with FILE.open(encoding="utf-8") as lines:
        if not once:
            return FILE, sum(1 for _ in lines)
        few = folder / "calls.jsonl"
        few.write_text("".join(islice(lines, ROWS_ONCE)), encoding="utf-8")
        return few, ROWS_ONCE


def _run(instance: Path, file: Path) -> tuple[int, float, int, int]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(instance), str(file)],
        capture_output=True, text=True, check=True, timeout=LIMIT,
    )  # fmt: skip
    refused, took, peak, there = json.loads(done.stdout.splitlines()[-1])
    return refused, took, peak, there
