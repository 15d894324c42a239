"""Count what a block asks of the database, to hold hot paths to a budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from feedsvc.db import Database


@contextmanager
def recorded(db: Database) -> Iterator[list[str]]:
    """The SQL statements of the block, in order, without BEGIN and COMMIT."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
