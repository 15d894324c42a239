"""Transactions and column types mean the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from feedsvc.content import generation
from feedsvc.content.models import Generation
from feedsvc.db import Database


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


def test_a_naive_time_is_refused(db: Database) -> None:
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the point of the test
    with pytest.raises(Exception, match="aware"), db.begin() as session:
        session.scalars(select(Generation).where(Generation.changed_at > naive)).all()
