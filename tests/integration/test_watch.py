"""A watch never says what is no longer true, and asks the database only when it must."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from feedsvc.db import Database
from tests.support import schema, writer

QUERY = "SELECT value + looked() FROM generation"
LOOKS = 5_000  # at the most a second's worth: the watch asks anyway once a second


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "watched.sqlite3"
    schema.create(f"sqlite:///{found}")
    return found


@pytest.fixture
def opened() -> Iterator[Callable[[str], tuple[Database, list[int]]]]:
    """Opens a database whose connections count the questions that come to them."""
    databases: list[Database] = []

    def open_(url: str) -> tuple[Database, list[int]]:
        looks: list[int] = []

        def looked() -> int:
            looks.append(1)
            return 0

        db = Database(url)
        databases.append(db)
        event.listen(db.engine, "connect", lambda raw, _: raw.create_function("looked", 0, looked))
        return db, looks

    yield open_
    for db in databases:
        db.close()


Open = Callable[[str], tuple[Database, list[int]]]


def publish(db: Database) -> None:
    with db.begin() as session:
        session.connection().exec_driver_sql(writer.STATEMENTS["publish"])


def test_while_nothing_is_written_the_database_is_not_asked(path: Path, opened: Open):
    db, looks = opened(f"sqlite:///{path}")
    watch = db.watch(QUERY)
    assert {watch() for _ in range(LOOKS)} == {0}
    assert 2 <= len(looks) <= 10


def test_each_write_is_seen_at_once(db: Database):
    watch = db.watch("SELECT value FROM generation")
    for number in range(100):
        assert watch() == watch() == number
        publish(db)


@pytest.mark.parametrize("deed", ["deliver", "checkpoint"])
def test_what_another_process_does_beside_is_no_change(path: Path, opened: Open, deed: str):
    db, _ = opened(f"sqlite:///{path}")
    watch = db.watch(QUERY)
    publish(db)
    assert watch() == watch() == 1
    writer.run(path, deed)
    assert watch() == 1
    writer.run(path, "publish")
    assert watch() == 2


def test_a_writer_that_dies_half_way_changes_nothing_and_hides_nothing(path: Path, opened: Open):
    """The next one to come recovers the WAL-index from the WAL."""
    db, _ = opened(f"sqlite:///{path}")
    watch = db.watch(QUERY)
    publish(db)
    assert watch() == watch() == 1
    writer.run(path, "die")
    assert watch() == 1
    writer.run(path, "publish")
    assert watch() == 2


def test_a_database_put_in_its_place_is_opened_anew(path: Path, tmp_path: Path, opened: Open):
    backup = tmp_path / "backup.sqlite3"
    shutil.copyfile(path, backup)
    db, looks = opened(f"sqlite:///{path}")
    watch = db.watch(QUERY)
    for _ in range(3):
        publish(db)
    assert watch() == watch() == 3
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink()
    shutil.copyfile(backup, path)
    looks.clear()
    while not looks:  # at the latest when the second is over
        value = watch()
    assert value == 0
    with db.read() as session:
        assert session.connection().exec_driver_sql(QUERY).scalar() == 0


@pytest.mark.parametrize("journal", ["DELETE", "MEMORY"])
def test_without_a_wal_each_call_asks(path: Path, opened: Open, journal: str):
    db, looks = opened(f"sqlite:///{path}")
    event.listen(db.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA journal_mode={journal}"))
    watch = db.watch(QUERY)
    assert [watch() for _ in range(20)] == [0] * 20
    assert len(looks) == 20


def test_a_database_in_memory_is_asked_each_time(opened: Open):
    db, looks = opened("sqlite:///:memory:")
    watch = db.watch("SELECT looked()")
    assert [watch() for _ in range(20)] == [0] * 20
    assert len(looks) == 20


def test_an_error_is_told_and_the_next_call_begins_anew(db: Database):
    watch = db.watch("SELECT value FROM later")
    for _ in range(2):
        with pytest.raises(Exception, match="later"):
            watch()
    with db.begin() as session:
        session.connection().exec_driver_sql("CREATE TABLE later (value INTEGER)")
        session.connection().exec_driver_sql("INSERT INTO later VALUES (7)")
    assert watch() == 7
    watch.close()
    with db.begin() as session:
        session.connection().exec_driver_sql("DROP TABLE later")


def test_threads_share_what_one_of_them_asked(path: Path, opened: Open):
    db, looks = opened(f"sqlite:///{path}")
    watch = db.watch(QUERY)

    def look(_: int) -> Any:
        return watch()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(look, range(2_000))) == {0}
    assert len(looks) < 50
