"""The schema: Alembic migrations, run by a command and never on import."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from feedsvc.db import Base, Database

VERSIONS = Path(__file__).parent / "versions"


def upgrade(db: Database) -> None:
    """Bring the database to the newest schema; nothing happens if it is there."""
    with db.begin() as session:
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")


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
