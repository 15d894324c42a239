"""Databases for tests: migrated once for each run, empty at the begin of each test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import psycopg

from tests.support import postgres, schema

TEMPLATE = "feedsvc_template"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
COUNTERS = """
    SELECT string_agg(format('setval(%L, 1, false)', schemaname || '.' || sequencename), ', ')
    FROM pg_sequences
"""
# A test may have left a connection with an open transaction: it must not block the next one.
OTHERS_OUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


class Backend(Protocol):
    def fresh(self) -> Iterator[str]:
        """The URL of an empty database with today's schema; cleared when the iterator ends."""


class SqliteBackend:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / f"{TEMPLATE}.sqlite3"
        self._numbers = itertools.count(1)
        schema.create(f"sqlite:///{self._template}")

    def fresh(self) -> Iterator[str]:
        path = self._folder / f"test_{next(self._numbers)}.sqlite3"
        shutil.copyfile(self._template, path)
        yield f"sqlite:///{path}"
        for leftover in self._folder.glob(path.name + "*"):
            leftover.unlink()


class PostgresBackend:
    """One migrated database in a server of our own, emptied after each test.

    Emptying takes a millisecond where a copy of a template takes half a second.
    """

    def __init__(self, server: postgres.Server, stack: ExitStack) -> None:
        self._url = server.create(TEMPLATE)
        schema.create(self._url)
        self._connection = stack.enter_context(psycopg.connect(self._url, autocommit=True))
        self._empty = self._emptying()

    def fresh(self) -> Iterator[str]:
        yield self._url
        self._connection.execute(OTHERS_OUT)
        self._connection.execute(self._empty)

    def _emptying(self) -> str:
        """Rows away, counters back; `replica` leaves the order of foreign keys out of account."""
        kept = {"alembic_version", "generation"}
        tables = [row[0] for row in self._connection.execute(TABLES) if row[0] not in kept]
        deletes = "; ".join(f'DELETE FROM "{table}"' for table in tables)
        (counters,) = self._connection.execute(COUNTERS).fetchone() or ("",)
        return (
            f"SET session_replication_role = replica; {deletes}; SELECT {counters};"
            " INSERT INTO generation (id, value, changed_at) VALUES (1, 0, '2000-01-01 00:00:00+00')"
            " ON CONFLICT (id) DO UPDATE SET value = 0, changed_at = EXCLUDED.changed_at"
        )


class Backends:
    """Each kind of database, started when a test first asks for it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._started: dict[str, Backend] = {}

    def __getitem__(self, name: str) -> Backend:
        """Raises: PostgresUnavailable."""
        if name not in self._started:
            self._started[name] = self._start(name)
        return self._started[name]

    def _start(self, name: str) -> Backend:
        if name == "sqlite":
            return SqliteBackend(self._folder)
        return PostgresBackend(self._stack.enter_context(postgres.running()), self._stack)


@contextmanager
def backends(folder: Path) -> Iterator[Backends]:
    with ExitStack() as stack:
        yield Backends(folder, stack)
