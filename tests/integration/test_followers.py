"""Who follows a call, as one turn of a job remembers it."""

from __future__ import annotations

from sqlalchemy import event, select

from feedsvc.content import generation
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.reminders.followers import Audiences
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import StoredFilter, Subscription
from tests.builders import make_call
from tests.support.readers import follow, utc

NOW = utc("2026-04-10 09:00")


def test_an_audience_is_read_once_until_something_is_written(db: Database, settings: Settings):
    audiences, asked = Audiences(), []
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with db.begin() as session:
        heat, wood = (make_call(session, title).id for title in ("Heat", "Wood"))
        follow(session, settings, offsets=(7,))
        generation.advance(session, NOW)

    def read(*calls: int) -> int:
        """How many statements it takes."""
        with db.begin() as session:
            asked.clear()
            known = audiences.of(session, calls)
            statements = len(asked)
            [everything] = session.scalars(select(Subscription.filter_id))
        assert all(known[number].filters == (everything,) for number in calls)
        return statements

    first, again = read(heat), read(heat)
    assert again < first
    assert read(heat, wood) > again
    assert read(heat, wood) == again
    with db.begin() as session:
        generation.advance(session, NOW)
    assert read(heat, wood) > again
    with db.begin() as session:
        follow(session, settings, offsets=(7,), filter=Filter(q="heat"))
        newest = session.scalars(select(StoredFilter.id).order_by(StoredFilter.id.desc())).first()
    with db.begin() as session:
        assert newest in (audiences.of(session, [heat])[heat].filters or ())
