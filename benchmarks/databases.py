"""The two databases on which something is measured: each gives the address of an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from benchmarks.result import Missing
from feedsvc.calls.survey import survey
from feedsvc.db import Database
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


def settle(db: Database) -> None:
    """What PostgreSQL does by itself within a minute when so much was written, and the product on SQLite.

    Until then they know no table's size, and PostgreSQL looks at every row that an index holds.
    """
    if db.is_sqlite:
        survey(db)
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
        link.execute(text("VACUUM ANALYZE"))


BOTH = (("SQLite", sqlite), ("PostgreSQL", postgresql))
