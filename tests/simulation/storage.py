"""The database of a seed: the real schema, empty again in two milliseconds, and seen through a seam.

Every transaction of a scheduler has named points: before it begins, before it commits, after it has
committed. There the process may be killed, put aside, or told that the database is locked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pysqlite3 import dbapi2 as sqlite_driver
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedsvc.db import Database
from tests.support import schema


class Storage:
    """One database file for seed after seed."""

    def __init__(self, folder: Path) -> None:
        empty = folder / "empty.sqlite3"
        schema.create(f"sqlite:///{empty}")
        self._empty = sqlite_driver.connect(empty)
        self.db = Database(f"sqlite:///{folder / 'simulation.sqlite3'}")
        event.listen(self.db.engine, "connect", _trust_the_machine)

    def clear(self) -> None:
        """Make it empty, with today's schema: SQLite's backup copies the pages."""
        connection = self.db.engine.raw_connection()
        self._empty.backup(connection.driver_connection)
        connection.close()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What the harness itself wants to know, a hundred times in each seed."""
        connection = self.db.engine.raw_connection()
        try:
            return connection.driver_connection.execute(query).fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        self._empty.close()
        self.db.close()


def _trust_the_machine(connection: Any, _record: object) -> None:
    """What dies here is a process, never the machine: nothing has to reach a disk.

    One piece of work runs at a time, and none is put aside in a transaction: one connection does it
    all, and need not ask for locks.
    """
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = MEMORY", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")


class Holder(Protocol):
    """Who uses a seam: it decides at each point whether it lives on."""

    def point(self, name: str) -> None: ...

    def before_commit(self, name: str) -> None: ...

    def committed(self) -> None: ...

    def time(self) -> datetime: ...


class Seam:
    """The `Database` of one life of a scheduler. Points are named after the code that writes."""

    is_sqlite = True

    def __init__(self, db: Database, holder: Holder) -> None:
        self._db = db
        self._holder = holder

    @contextmanager
    def begin(self) -> Iterator[Session]:
        where = _caller(sys._getframe(2))
        self._holder.point(f"{where}: before it begins")
        with self._db.begin() as session:
            yield session
            self._holder.before_commit(f"{where}: before it commits")
        self._holder.committed()
        self._holder.point(f"{where}: after it has committed")

    @contextmanager
    def read(self) -> Iterator[Session]:
        self._holder.point(f"{_caller(sys._getframe(2))}: before it reads")
        with self._db.read() as session:
            yield session

    def now(self) -> datetime:
        """The database's own time, which is that of the world."""
        return self._holder.time()

    def stopwatch(self) -> float:
        """No transaction takes any time, or a history would depend on how busy the machine is."""
        return 0.0


def _caller(frame: Any) -> str:
    module = frame.f_globals["__name__"].removeprefix("feedsvc.")
    return f"{module}.{frame.f_code.co_qualname}"
