"""A process that writes to a SQLite file: `python -m tests.support.writer DATABASE DEED NUMBER`.

It says a line when its first transaction is acknowledged. A number of 0 means: until it is killed.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from feedsvc.db import Database

ROOT = Path(__file__).parent.parent.parent
STATEMENTS = {
    "publish": "UPDATE generation SET value = value + 1",
    "deliver": "UPDATE generation SET changed_at = changed_at",  # a write that is no edit
    "checkpoint": "PRAGMA wal_checkpoint(TRUNCATE)",
}


# Without it one of them takes the lock again before the others can, for longer than they wait.
BREATH = 0.0005  # seconds between two statements


def start(database: Path, deed: str, number: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.writer", str(database), deed, str(number)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(database: Path, deed: str) -> None:
    """Do it once, in a process that has come to its end when this returns."""
    with start(database, deed, 1) as process:
        process.communicate()
    assert process.returncode == 0


def main(database: str, deed: str, number: str) -> None:
    turns: Iterable[int] = range(int(number)) if number != "0" else itertools.count()
    if deed == "die":
        return _die_between_the_copies(f"{database}-shm")
    db = Database(f"sqlite:///{database}")
    connection = db.engine.raw_connection()  # each statement is a transaction
    for turn in turns:
        connection.cursor().execute(STATEMENTS[deed])
        time.sleep(BREATH)
        if turn == 0:
            print("begun", flush=True)
    return None


def _die_between_the_copies(index: str) -> None:
    """Leave a WAL-index as a writer does that is killed: its second copy new, the first one old."""
    file = os.open(index, os.O_RDWR)
    os.pwrite(file, b"\xff\xff\xff\xff", 48 + 8)  # iChange of the second copy


if __name__ == "__main__":
    main(*sys.argv[1:])
