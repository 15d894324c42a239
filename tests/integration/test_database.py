"""Transactions and column types mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

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
