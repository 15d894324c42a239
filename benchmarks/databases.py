"""The two databases on which something is measured: each gives the address of an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.result import Missing
from tests.support import postgres


@contextmanager
def sqlite() -> Iterator[str]:
    """None: the settings' own is a file in their folder."""
    yield ""


@contextmanager
def postgresql() -> Iterator[str]:
    """Raises: Missing."""
    try:
        with postgres.running() as server:
            yield server.create("bench")
    except postgres.PostgresUnavailable as reason:
        raise Missing(f"needs PostgreSQL: {reason}") from reason


BOTH = (("SQLite", sqlite), ("PostgreSQL", postgresql))
