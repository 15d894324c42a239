"""What the form says of reminders is what the planner does."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy.orm import Session

from feedsvc.calls.edits import KeyDateEdit
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.reminders import rehearsal
from feedsvc.reminders.outlook import impact, readers, rules
from feedsvc.reminders.plan import plan_due
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import CallMute
from tests.builders import BEGINNING as NOW
from tests.builders import call_edit, deadline, make_call, make_cluster, opening
from tests.support.readers import follow

DAY = dt.timedelta(days=1)


def crowd(session: Session, settings: Settings, call_id: int) -> None:
    """Readers of the call, of everything, of its cluster, of another one; away, and muted."""
    follow(session, settings, email="a@example.org", entry_id=call_id, offsets=(14, 7, 1))
    follow(session, settings, email="a@example.org", filter=Filter(), offsets=(7, 3))
    follow(session, settings, email="b@example.org", zone="America/New_York", hour=20)
    in_cluster, elsewhere = Filter(cluster=("cleantech",)), Filter(cluster=("wood",))
    follow(session, settings, email="c@example.org", filter=in_cluster, offsets=(1,), hour=6)
    follow(session, settings, email="d@example.org", filter=elsewhere)
    follow(session, settings, email="words@example.org", filter=Filter(q="process"))
    away = follow(session, settings, email="e@example.org", entry_id=call_id, offsets=(7, 1))
    away.paused_until = NOW + 55 * DAY
    muted = follow(session, settings, email="f@example.org", entry_id=call_id)
    session.add(CallMute(subscriber_id=muted.id, call_id=call_id, since=NOW))


def foretold(
    session: Session, call_id: int, date: KeyDateEdit, now: dt.datetime
) -> Counter[tuple[int, bool]]:
    edit = call_edit(clusters=("cleantech",), key_dates=(date,))
    found, of = readers.of(session, edit, call_id, now), rules.deadline_of(date)
    rounds = readers.rounds(found, of, found.groups(opens=of.opens), now)
    return Counter({(one.days, one.at_once): one.readers for one in rounds})


@pytest.mark.parametrize(
    ("date", "late"),
    [
        (deadline("2026-04-30"), 0),
        (deadline("2026-03-06"), 3),  # the hours of fourteen and seven days before have passed
        (opening("2026-04-10"), 0),
    ],
)
def test_what_is_foretold_is_what_the_planner_would_do(
    db: Database, settings: Settings, date: KeyDateEdit, late: int
) -> None:
    with db.begin() as session:
        make_cluster(session, "cleantech")
        make_cluster(session, "wood")
        dates = (date, deadline("2026-09-30"))
        call = make_call(session, clusters=("cleantech",), key_dates=dates)
        uid = next(row.uid for row in call.key_dates if row.local_date == date.date)
        number = call.id
        crowd(session, settings, number)
        key_date = next(row.id for row in call.key_dates if row.uid == uid)
    planned = [
        one
        for one in rehearsal.preview(db, settings, NOW + 61 * DAY, now=NOW)
        if one.key_date_id == key_date and not one.reason
    ]
    with db.read() as session:
        told = foretold(session, number, date, NOW)
    assert told.total() == len(planned)
    assert sum(readers for (_, at_once), readers in told.items() if at_once) == late
    if not late:
        assert Counter(one.days for one in planned) == {days: n for (days, _), n in told.items()}


def test_call_that_is_not_saved_has_the_readers_whose_filters_find_it(
    db: Database, settings: Settings
) -> None:
    with db.begin() as session:
        make_cluster(session, "cleantech")
        for number, cluster in enumerate((("cleantech",), ("wood",), ())):
            if cluster == ("wood",):
                make_cluster(session, "wood")
            follow(session, settings, email=f"{number}@example.org", filter=Filter(cluster=cluster))
    with db.read() as session:
        edit = call_edit(clusters=("cleantech",))
        assert readers.of(session, edit, None, NOW).number() == 2


def test_impact_of_a_move_counts_what_will_follow(db: Database, settings: Settings) -> None:
    with db.begin() as session:
        call = make_call(session, key_dates=(deadline("2026-03-12"),))
        number = call.id
        follow(session, settings, email="a@example.org", entry_id=call.id, offsets=(7, 1))
        follow(session, settings, email="b@example.org", offsets=(7, 1))
    later = NOW + dt.timedelta(days=3)
    plan_due(db, settings, later)
    with db.read() as session:
        call = session.get_one(type(call), number)
        found = impact.of(session, call, call.key_dates[0], later)
    assert (found.followers, found.waiting, found.told, found.noticed) == (2, 2, 0, 2)
    assert (found.lists, found.own_calendars) == (2, 0)
