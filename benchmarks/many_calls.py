"""Many calls made of the real ones: their texts, money and links, with dates of their own.

The real file is imported once as the importer does it; the database copies the rows. One call in
ten is open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from benchmarks import databases
from benchmarks.result import Missing
from feedsvc.calls import snapshots
from feedsvc.calls.models import Call, CallApplicant, CallPlace, KeyDate, call_funder
from feedsvc.content import entries, generation
from feedsvc.content.models import Entry, Translation, entry_cluster
from feedsvc.db import Database
from feedsvc.imports.calls import import_calls
from feedsvc.search import index, rules, stretches
from feedsvc.settings import Settings

FILE = Path(os.environ.get("BENCH_CALLS", "../shared/data/calls.jsonl"))
ROOM = 8_192  # between the ids of a call and of its copy: no table has more rows of the real calls
OPEN = 10  # one in so many
TABLES: tuple[tuple[Any, str], ...] = (  # with the column that says which call a row belongs to
    (Entry.__table__, "id"), (Call.__table__, "id"), (Translation.__table__, "entry_id"),
    (KeyDate.__table__, "call_id"), (entry_cluster, "entry_id"), (call_funder, "call_id"),
    (CallApplicant.__table__, "call_id"), (CallPlace.__table__, "call_id"),
)  # fmt: skip
COPIES = """(
    WITH RECURSIVE step(n) AS (
        SELECT CAST(:first AS bigint) UNION ALL SELECT n + 1 FROM step WHERE n < :last
    ) SELECT n FROM step
) AS copies"""
# The day and minute at which a call closes, from a number that no two of them share.
NUMBER = "({id} * 7919 + {copy} * 104729)"
DAYS = f"CASE WHEN {NUMBER} % {OPEN} = 0 THEN 1 + {NUMBER} % 180 ELSE -1 - {NUMBER} % 1500 END"
MINUTES = f"{NUMBER} % 1440"
PUT_TEXT = text("INSERT INTO entry_search (rowid, title, body) VALUES (:id, :title, :body)")
PUT_SET = text("INSERT INTO entry_search_set (word, stretch, ids) VALUES (:word, :stretch, :ids)")
AFTER = {
    "sqlite": (
        "strftime('%Y-%m-%d %H\\:%M\\:%S.000000', :now,"
        " ({days}) || ' days', ({minutes}) || ' minutes')"
    ),
    "postgresql": (
        "CAST(:now AS timestamptz)"
        " + make_interval(days => CAST({days} AS int), mins => CAST({minutes} AS int))"
    ),
}


class Calls:
    """The real calls in an empty database, and as many copies as are asked for."""

    def __init__(self, db: Database, settings: Settings, number: int, now: datetime) -> None:
        if not FILE.exists():
            raise Missing(f"needs {FILE}, or BENCH_CALLS=another file of calls")
        self._db, self._now, self._copies = db, now, 1
        first = settings.instance_path / "first.jsonl"
        with FILE.open(encoding="utf-8") as lines:
            some = [line for line, _ in zip(lines, range(number), strict=False)]
        first.write_text("".join(some), encoding="utf-8")
        import_calls(db, first, settings=settings, now=now)
        with db.begin() as session:
            self._size = self.count(session)
            self._texts = _texts(session)
            self._sets = _sets(session)
            self._date(session)

    def count(self, session: Session) -> int:
        return session.scalar(select(func.count()).select_from(Call)) or 0

    def grow(self, number: int) -> int:
        """Copy all of them until there are that many, or a few more; how many there are."""
        copies = -(-number // self._size)
        with self._db.begin() as session:
            if copies > self._copies:
                for table, key in TABLES:
                    self._copy(session, table, key, copies)
                self._index(session, copies)
                self._copies = copies
            generation.advance(session, self._now)
        databases.settle(self._db)
        with self._db.begin() as session:
            return self.count(session)

    def _date(self, session: Session) -> None:
        """Give the imported calls dates as the copies have them."""
        for table, key in TABLES:
            for name, value in self._dates(session, table, key, copy="0"):
                where = " AND is_deadline" if name == "utc_at" else f" AND {name} IS NOT NULL"
                self._run(session, f"UPDATE {table.name} SET {name} = {value} WHERE true{where}")
        session.execute(text("UPDATE call SET opens_at = NULL"))

    def _dates(
        self, session: Session, table: Table, key: str, *, copy: str
    ) -> Iterator[tuple[str, str]]:
        after = AFTER[session.get_bind().dialect.name]
        days, minutes = DAYS.format(id=key, copy=copy), MINUTES.format(id=key, copy=copy)
        for name in ("closes_at", "utc_at"):
            if name in table.c:
                yield name, after.format(days=days, minutes=minutes)
        if "publish_at" in table.c:
            yield "publish_at", after.format(days="-5", minutes=f"-({key} + {copy} * 5000)")

    def _copy(self, session: Session, table: Table, key: str, copies: int) -> None:
        said = dict(self._dates(session, table, key, copy="n"))
        if "utc_at" in said:
            said["utc_at"] = f"CASE WHEN is_deadline THEN {said['utc_at']} ELSE utc_at END"
        if "closes_at" in said:
            said["closes_at"] = f"CASE WHEN closes_at IS NOT NULL THEN {said['closes_at']} END"
        said |= {"id": f"id + n * {ROOM * 8}", key: f"{key} + n * {ROOM}"}
        for name in {"uid", "source_id", "slug"} & set(table.c.keys()):
            said[name] = f"substr({name}, 1, 20) || '-' || n || '-' || {table.c.keys()[0]}"
        names = table.c.keys()
        values = ", ".join(said.get(name, name) for name in names)
        self._run(
            session,
            f"INSERT INTO {table.name} ({', '.join(names)})"
            f" SELECT {values} FROM {table.name}, {COPIES} WHERE {key} < {ROOM}",
            first=self._copies,
            last=copies - 1,
        )

    def _index(self, session: Session, copies: int) -> None:
        self._copy_index(session, "entry_search_held", "words", copies)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("DROP INDEX ix_entry_search_document"))
            self._copy_index(session, "entry_search", "document", copies)
            _, made = index.create_ddl("postgresql")
            session.execute(text(made))  # at once, which takes minutes less than row by row
        else:
            for copy in range(self._copies, copies):
                rows = [{**row, "id": row["id"] + copy * ROOM} for row in self._texts]
                session.execute(PUT_TEXT, rows)
        session.execute(text("DELETE FROM entry_search_set"))
        for word, bits in self._sets.items():
            session.execute(PUT_SET, list(_pieces(word, bits, copies)))

    def _copy_index(self, session: Session, table: str, column: str, copies: int) -> None:
        self._run(
            session,
            f"INSERT INTO {table} (entry_id, {column})"
            f" SELECT entry_id + n * {ROOM}, {column} FROM {table}, {COPIES}"
            f" WHERE entry_id < {ROOM}",
            first=self._copies,
            last=copies - 1,
        )

    def _run(self, session: Session, statement: str, **values: object) -> None:
        if ":now" in statement:
            values["now"] = self._now.strftime("%Y-%m-%d %H:%M:%S+00:00")
        session.execute(text(statement), values)


def _texts(session: Session) -> list[dict[str, Any]]:
    """What the index of SQLite holds of each call: it cannot be asked for it."""
    found = []
    for call in session.scalars(select(Call)):
        indexed = rules.places(*entries.searched(call, snapshots.names(call)))
        title, body = (" ".join(map(str, part)) for part in indexed)
        found.append({"id": call.id, "title": title, "body": body})
    session.expunge_all()
    return found


def _sets(session: Session) -> dict[str, int]:
    """Each word with the calls that hold it: their ids are all in one stretch."""
    rows = session.execute(text("SELECT word, stretch, ids FROM entry_search_set")).all()
    return {
        row.word: stretches.of(stretches.places_of(bytes(row.ids)), stretches.LENGTH)
        for row in rows
    }


def _pieces(word: str, bits: int, copies: int) -> Iterator[dict[str, Any]]:
    each = stretches.LENGTH // ROOM
    whole = sum(bits << copy * ROOM for copy in range(each))
    packed = stretches.packed(whole)
    for stretch in range(-(-copies // each)):
        left = copies - stretch * each
        if left < each:
            packed = stretches.packed(whole & (1 << left * ROOM) - 1)
        yield {"word": word, "stretch": stretch, "ids": packed}
