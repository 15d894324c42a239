"""What SQLite knows of the sizes of its tables, by which it plans."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import delete, text

from feedsvc import worker
from feedsvc.calls import survey
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.builders import put_entries


@pytest.fixture
def ten_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "WORTH", 10)


def known(db: Database) -> int | None:
    """How many entries SQLite thinks there are."""
    with db.read() as session:
        if not session.scalar(survey._EVER):
            return None
        return session.scalar(survey._KNOWN)


def put(db: Database, number: int) -> None:
    with db.begin() as session:
        put_entries(session, [{"uid": str(uuid4())} for _ in range(number)])


@pytest.mark.usefixtures("ten_are_worth_it")
def test_it_is_surveyed_when_a_tenth_has_changed(db: Database):
    assert not survey.survey(db)
    put(db, 9)
    assert not survey.survey(db)
    put(db, 11)
    if not db.is_sqlite:
        assert not survey.survey(db)
        return
    assert survey.survey(db)
    assert known(db) == 20
    put(db, 2)
    assert not survey.survey(db)
    put(db, 1)
    assert survey.survey(db)
    assert known(db) == 23
    with db.begin() as session:
        session.execute(delete(Entry).where(Entry.id > 20))
    assert survey.survey(db)
    assert known(db) == 20


@pytest.mark.usefixtures("ten_are_worth_it")
def test_tables_that_fill_and_empty_are_left_out(db: Database):
    put(db, 10)
    if survey.survey(db):
        with db.read() as session:
            tables = set(session.scalars(text("SELECT DISTINCT tbl FROM sqlite_stat1")))
        assert tables <= {*survey.TABLES}
        assert not tables & {"outbox_mail", "reminder_item", "occasion"}


@pytest.mark.usefixtures("ten_are_worth_it")
def test_the_scheduler_sees_to_it(db: Database, settings: Settings, now: datetime):
    put(db, 10)
    worker.housekeep(db, settings, now)
    if db.is_sqlite:
        assert known(db) == 10
