"""An item has no keys of the database's to its reader and its date: what keeps it true all the same."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import OperationalError

from feedsvc.calls.models import KeyDate
from feedsvc.db import Base, Database
from feedsvc.reminders import fan, occasions, plan
from feedsvc.reminders.models import Item
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import Subscriber
from tests.builders import make_call
from tests.support.readers import follow, utc

T_7 = utc("2026-04-23 07:00")


@pytest.fixture
def due(db: Database, settings: Settings) -> list[int]:
    """The occasions of a call for its one reader, which are due."""
    with db.begin() as session:
        make_call(session, "Reuse of process heat")
        follow(session, settings, offsets=(7,))
    plan.keep_true(db, settings, T_7)
    with db.read() as session:
        return [row.id for row in occasions.due(session, T_7)]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # SQLite has one writer
def test_who_writes_items_is_waited_for_with_deleting_their_reader_or_date(db, due) -> None:
    with db.begin() as writing:
        desk = fan.desk(writing, [1], T_7)
        fan.count(writing, desk)
        assert fan.out(writing, due, desk) == (1, [])
        for model in (Subscriber, KeyDate):
            with pytest.raises(OperationalError, match="lock timeout"):
                _delete_all(db, model)


def _delete_all(db: Database, model: type[Base]) -> None:
    """Without waiting for anybody."""
    with db.begin() as session:
        session.execute(text("SET LOCAL lock_timeout = 20"))
        session.execute(delete(model))


def test_an_item_outlives_its_reader_and_goes_with_its_date(db, due) -> None:
    assert plan.write_due(db, T_7) == 1
    with db.begin() as session:
        session.execute(delete(Subscriber))
    with db.begin() as session:
        assert session.execute(select(Item.subscriber_id, Item.subscription_id)).one() == (
            None,
            None,
        )
        session.execute(delete(KeyDate))
    with db.read() as session:
        assert session.scalar(select(func.count(Item.id))) == 0
