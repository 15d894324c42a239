"""Transactions and column types mean the same on both databases."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects import sqlite

from feedsvc import postgres
from feedsvc.content import generation
from feedsvc.content.models import Generation
from feedsvc.db import Database, UTCDateTime


def test_a_failing_block_leaves_nothing_behind(db: Database, now: datetime) -> None:
    def fail_half_way() -> None:
        with db.begin() as session:
            generation.advance(session, now)
            raise KeyError("half way")

    with pytest.raises(KeyError):
        fail_half_way()
    with db.read() as session:
        assert generation.current(session).value == 0


def test_two_changes_in_one_second_are_told_apart(db: Database, now: datetime) -> None:
    with db.begin() as session:
        generation.advance(session, now)
    with db.begin() as session:
        generation.advance(session, now)
    with db.read() as session:
        assert generation.current(session).changed_at == now + timedelta(seconds=1)


@pytest.mark.parametrize(
    "text", ["2026-03-02T09:00:00", "2026-03-02T09:00:00.000012", "0999-01-01"]
)
def test_a_time_on_sqlite_is_written_as_sqlalchemy_writes_it(text: str) -> None:
    at, dialect = datetime.fromisoformat(text), sqlite.dialect()
    usual, ours = sqlite.DATETIME().bind_processor(dialect), UTCDateTime().bind_processor(dialect)
    assert usual is not None
    assert ours is not None
    written = ours(at.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=5))))
    assert written == usual(at)
    read = UTCDateTime().result_processor(dialect, None)
    assert read is not None
    assert read(written) == at.replace(tzinfo=UTC)


def test_a_naive_time_is_refused(db: Database) -> None:
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the point of the test
    with pytest.raises(Exception, match="aware"), db.begin() as session:
        session.scalars(select(Generation).where(Generation.changed_at > naive)).all()


@pytest.mark.parametrize("idle", [0.0, postgres.ASK_AFTER + 1], ids=["just used", "idle for long"])
def test_who_reads_does_not_notice_that_the_server_has_ended_the_connections(
    db: Database, database_url: str, idle: float
) -> None:
    if db.is_sqlite:  # it has no server
        return
    mine = select(func.pg_backend_pid())
    with db.read() as one, db.glance() as other:
        ended = [session.scalar(mine) for session in (one, other)]
    with closing(Database(database_url)) as elsewhere, elsewhere.glance() as session:
        session.execute(select(*(func.pg_terminate_backend(number, 5000) for number in ended)))
    pool: Any = db.engine.pool
    for record in list(pool._pool.queue):
        record.info[postgres.SINCE] -= idle
    for look in (db.read, db.glance, db.begin):
        with look() as session:
            assert generation.current(session).value == 0


def test_a_glance_sees_what_was_committed_last(db: Database, now: datetime) -> None:
    with db.glance() as session:
        before = generation.current(session).value
        if not db.is_sqlite:
            with db.begin() as other:
                generation.advance(other, now)
            assert generation.current(session).value == before + 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_each_connection_to_postgresql_answers_with_one_process(db: Database) -> None:
    for look in (db.read, db.glance, db.begin, db.read):
        with look() as session:
            assert session.scalar(text("SHOW max_parallel_workers_per_gather")) == "0"
