"""The schema: Alembic migrations, run by a command and never on import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from feedsvc.db import Base, Database

VERSIONS = Path(__file__).parent / "versions"


def upgrade(db: Database, to: str = "head") -> None:
    """Bring the database to the newest schema; nothing happens if it is there."""
    with _transaction(db) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def is_current(db: Database) -> bool:
    """Whether the database has the newest schema."""
    with db.read() as session:
        held = MigrationContext.configure(session.connection()).get_current_heads()
    return set(held) == set(ScriptDirectory.from_config(_config()).get_heads())


def drift(db: Database) -> list[object]:
    """What the models have and the migrated database has not, or the other way round."""
    with db.read() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"include_name": is_ours, "compare_type": True}
        )
        return list(compare_metadata(context, Base.metadata))


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The search index is made by `search.index`, differently on each database."""
    return not (kind == "table" and name is not None and name.startswith("entry_search"))


@contextmanager
def _transaction(db: Database) -> Iterator[Connection]:
    """A transaction in which SQLite looks at references at the end only.

    A table that changes is copied there and the old one dropped, which would delete, or cut loose,
    every row that refers to it (sqlite.org/lang_altertable.html, "other kinds of table schema
    changes", steps 1 and 10).
    """
    if not db.is_sqlite:
        with db.begin() as session:
            yield session.connection()
        return
    with db.engine.connect() as connection:
        connection.execution_options(feedsvc_begin="BEGIN IMMEDIATE")
        references = connection.connection.cursor()
        references.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise RuntimeError(f"the new schema breaks a reference: {broken}")
        finally:
            references.execute("PRAGMA foreign_keys = ON")
            references.close()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def revision(db: Database, message: str) -> None:
    """Write a new migration from what the models say more than the database."""
    with db.begin() as session:
        config = _config()
        config.attributes["connection"] = session.connection()
        command.revision(config, message, autogenerate=True)


def connection_of(config: Config) -> Connection:
    connection = config.attributes["connection"]
    assert isinstance(connection, Connection)
    return connection
