"""The migrations are one line, and lead exactly to the models."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory

from feedsvc import migrations
from feedsvc.db import Database


def test_there_is_one_head() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert len(script.get_heads()) == 1


def test_the_migrated_schema_is_that_of_the_models(db: Database) -> None:
    assert migrations.is_current(db)
    assert migrations.drift(db) == []


def test_migrating_twice_changes_nothing(db: Database) -> None:
    migrations.upgrade(db)
    assert migrations.is_current(db)
