"""The migrations are one line, and lead exactly to the models."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, func, insert, select, text

from feedsvc import migrations
from feedsvc.db import Database
from feedsvc.search import index
from feedsvc.search.places import Places


def test_there_is_one_head() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert len(script.get_heads()) == 1


def test_the_migrated_schema_is_that_of_the_models(db: Database) -> None:
    assert migrations.is_current(db)
    assert migrations.drift(db) == []


def test_migrating_twice_changes_nothing(db: Database) -> None:
    migrations.upgrade(db)
    assert migrations.is_current(db)


def test_an_upgrade_keeps_what_was_planned_and_told(tmp_path: Path) -> None:
    """SQLite copies a table that changes: what refers to it must not go with the old one."""
    db = Database(f"sqlite:///{tmp_path}/old.sqlite3")
    migrations.upgrade(db, "0006")
    rows: dict[str, dict[str, Any]] = {
        "entry": {"id": 1, "kind": "call"},
        "call": {"id": 1},
        "key_date": {"id": 1, "call_id": 1, "type": "submission"},
        "subscriber": {"id": 1},
        "occasion": {"id": 1, "key_date_id": 1, "call_id": 1, "state": "done"},
        "outbox_mail": {"id": 1, "state": "accepted", "content": "as it was sent"},
        "reminder_item": {
            "occasion_id": 1, "subscriber_id": 1, "key_date_id": 1, "mail_id": 1,
            "state": "mailed",
        },
    }  # fmt: skip
    for name, values in rows.items():
        fill(db, name, values)
    with db.begin() as session:
        words = "INSERT INTO entry_search (rowid, title, body) VALUES (1, 'waste', 'heat _ waste')"
        session.execute(text(words))
    migrations.upgrade(db)
    with db.read() as session:
        places = Places().with_ids([1])
        assert index.holding(session, "heat was", places, in_title=False) == 1 << 1
        assert index.holding(session, "heat", places, in_title=True) == 0
        for name in rows:
            assert session.scalar(select(func.count()).select_from(table(db, name))) == 1, name
        item, mail = table(db, "reminder_item"), table(db, "outbox_mail")
        assert session.scalar(select(item.c.mail_id)) == 1
        assert session.scalar(select(mail.c.content)) == "as it was sent"
    db.close()


def table(db: Database, name: str) -> Table:
    """As it is in the database, not in the models."""
    return Table(name, MetaData(), autoload_with=db.engine, resolve_fks=False)


def fill(db: Database, name: str, values: dict[str, Any]) -> None:
    """A row with these values, and with something in every other column that must have one."""
    at = table(db, name)
    needed = (c for c in at.c if not c.nullable and c.server_default is None)
    made = {column.name: SOMETHING[column.type.python_type] for column in needed}
    with db.begin() as session:
        session.execute(insert(at).values(made | values))


SOMETHING: dict[type, Any] = {
    int: 1, str: "1", bool: False, dt.datetime: dt.datetime(2026, 3, 2, tzinfo=dt.UTC), dt.date: dt.date(2026, 4, 30),
}  # fmt: skip
