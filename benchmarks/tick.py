"""One turn of planning in a process of its own, as in the scheduler's: what its memory came to.

`python -m benchmarks.tick INSTANCE URL TIME` prints megabytes at their peak, and how many items.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from feedsvc.db import Database
from feedsvc.reminders import plan
from feedsvc.settings import Settings


def main(folder: str, url: str, at: str) -> None:
    db, now = Database(url), datetime.fromisoformat(at)
    plan.keep_true(db, Settings(instance_path=Path(folder)), now)
    items = plan.write_due(db, now)
    db.close()
    print(_peak(), items)


def _peak() -> float:
    """Of this program alone: what getrusage says includes the one that started it (proc(5))."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
