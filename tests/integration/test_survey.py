"""What SQLite knows of the sizes of its tables, by which it plans."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete, text

from feedsvc import worker
from feedsvc.calls.survey import survey
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.imports.calls import import_calls
from feedsvc.settings import Settings
from tests.builders import put_entries
from tests.support.call_rows import row

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def known(db: Database) -> int:
    """How many entries SQLite thinks there are."""
    with db.read() as session:
        stat = session.scalars(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'entry'")).all()
    return max(int(one.split()[0]) for one in stat)


def put(db: Database, number: int) -> None:
    with db.begin() as session:
        put_entries(session, [{"uid": str(uuid4())} for _ in range(number)])


@on_sqlite
def test_it_is_surveyed_when_a_tenth_has_changed(db: Database):
    assert not survey(db, worth=10)
    put(db, 9)
    assert not survey(db, worth=10)
    put(db, 11)
    assert survey(db, worth=10)
    assert known(db) == 20
    put(db, 2)
    assert not survey(db, worth=10)
    put(db, 1)
    assert survey(db, worth=10)
    assert known(db) == 23
    with db.begin() as session:
        session.execute(delete(Entry).where(Entry.id > 20))
    assert survey(db, worth=10)
    assert known(db) == 20


@on_sqlite
def test_tables_that_fill_and_empty_are_left_out(db: Database):
    put(db, 10)
    assert survey(db, worth=10)
    with db.read() as session:
        tables = set(session.scalars(text("SELECT tbl FROM sqlite_stat1")))
    assert "entry" in tables
    assert not tables & {"outbox_mail", "reminder_item", "occasion", "generation"}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_postgresql_does_so_by_itself(db: Database):
    put(db, 10)
    assert not survey(db, worth=10)


@on_sqlite
def test_the_scheduler_sees_to_it(db: Database, settings: Settings, now: datetime):
    put(db, 1_000)
    worker.housekeep(db, settings, now)
    assert known(db) == 1_000


@on_sqlite
@pytest.mark.parametrize("dry_run", [True, False])
def test_an_import_does(db: Database, settings: Settings, now: datetime, tmp_path, dry_run: bool):
    put(db, 1_000)
    assert survey(db)
    put(db, 200)
    file: Path = tmp_path / "calls.jsonl"
    file.write_text(json.dumps(row()), encoding="utf-8")
    import_calls(db, file, settings=settings, now=now, dry_run=dry_run)
    assert known(db) == (1_000 if dry_run else 1_201)
