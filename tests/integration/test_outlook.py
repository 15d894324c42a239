"""What the form says of reminders is what the planner does."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

from sqlalchemy.orm import Session

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
    away.paused_until = NOW + 7 * DAY
    muted = follow(session, settings, email="f@example.org", entry_id=call_id)
    session.add(CallMute(subscriber_id=muted.id, call_id=call_id, since=NOW))


LATE, IN_TIME, OPENING = deadline("2026-03-06"), deadline("2026-03-13"), opening("2026-03-05")


def foretold(session: Session, call_id: int) -> dict[dt.date, Counter[tuple[int, bool]]]:
    """How many readers of each date are told by each lead time, and whether at once."""
    told = {}
    for date in (LATE, IN_TIME, OPENING):
        found = readers.of(session, call_edit(clusters=("cleantech",)), call_id, NOW)
        of = rules.deadline_of(date)
        rounds = readers.rounds(found, of, found.groups(opens=of.opens), NOW)
        told[date.date] = Counter({(one.days, one.at_once): one.readers for one in rounds})
    return told


def test_what_is_foretold_is_what_the_planner_does(db: Database, settings: Settings) -> None:
    with db.begin() as session:
        make_cluster(session, "cleantech")
        make_cluster(session, "wood")
        call = make_call(session, clusters=("cleantech",), key_dates=(LATE, IN_TIME, OPENING))
        days, number = {row.id: row.local_date for row in call.key_dates}, call.id
        crowd(session, settings, number)
    planned: dict[dt.date, Counter[int]] = defaultdict(Counter)
    for one in rehearsal.preview(db, settings, NOW + 11 * DAY, now=NOW):
        if not one.reason:
            planned[days[one.key_date_id]][one.days] += 1
    with db.read() as session:
        told = foretold(session, number)
    for day in (IN_TIME.date, OPENING.date):
        assert planned[day] == {days: number for (days, _), number in told[day].items()}
        assert planned[day]
    # Of the two hours that they missed, readers are told the nearer one only.
    assert told[LATE.date].total() == planned[LATE.date].total()
    assert {at_once: n for (_, at_once), n in told[LATE.date].items()}[True] == 3


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
