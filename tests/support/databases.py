"""Databases for tests: migrated once for each run, then copied for each test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from tests.support import postgres, schema

TEMPLATE = "feedsvc_template"


class Backend(Protocol):
    def fresh(self) -> Iterator[str]:
        """The URL of an empty database with today's schema, gone when the iterator ends."""


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
    """Databases made from one migrated template in a server of our own."""

    def __init__(self, server: postgres.Server) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        schema.create(server.create(TEMPLATE))

    def fresh(self) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        yield self._server.create(name, TEMPLATE)
        self._server.drop(name)


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
        return PostgresBackend(self._stack.enter_context(postgres.running()))


@contextmanager
def backends(folder: Path) -> Iterator[Backends]:
    with ExitStack() as stack:
        yield Backends(folder, stack)
