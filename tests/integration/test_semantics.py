"""What readers may rely on, each sentence of the promise as a test. Pure ones: test_reminder_rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from feedsvc.calls import changes as calls
from feedsvc.calls.models import Call
from feedsvc.db import Database
from feedsvc.reminders import followers, items, occasions, plan, rehearsal
from feedsvc.reminders.models import DueDate, Item, Occasion
from feedsvc.subscriptions import changes as subscriptions
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import (
    CallMute,
    FilterKey,
    StoredFilter,
    Subscriber,
    Subscription,
)
from tests.builders import ANA, BEGINNING, call_edit, deadline, make_call, opening
from tests.support.readers import READER, Service, follow, utc

HEAT = "Reuse of process heat"  # closes on 30 April 2026 at 17:00 in Luxembourg
MORNING = "2026-04-23 07:00"  # 09:00 in Luxembourg, seven days before


@pytest.fixture
def service(db: Database, settings) -> Service:
    return Service(db, settings)


def reader(db: Database, settings, *, hour: int = 8, **more) -> int:
    with db.begin() as session:
        row = follow(session, settings, **more)
        row.hour = hour
        return row.id


def call(db: Database, title: str = HEAT, **more) -> int:
    with db.begin() as session:
        return make_call(session, title, **more).id


def move(db: Database, call_id: int, day: str, now: str) -> None:
    with db.begin() as session:
        edit = call_edit(HEAT, key_dates=(deadline(day),))
        calls.edit_call(session, call_id, edit, actor=ANA, now=utc(now))


def reasons(db: Database) -> list[tuple[int, str, str]]:
    with db.read() as session:
        rows = session.execute(select(Item.days, Item.state, Item.reason).order_by(Item.id))
        return [tuple(row) for row in rows]


def test_each_reader_is_told_in_their_own_hour(service, db, settings) -> None:
    call(db)
    reader(db, settings, email="early@example.org", hour=6)
    reader(db, settings, email="late@example.org", hour=18)
    service.turn("2026-04-22 18:00")
    service.turn("2026-04-23 05:00")
    assert service.transport.addresses == ["early@example.org"]
    service.turn("2026-04-23 15:59")
    assert len(service.transport.addresses) == 1
    service.turn("2026-04-23 17:00")
    assert service.transport.addresses[1:] == ["late@example.org"]


def test_who_moves_into_an_hour_that_has_passed_is_still_told_once(service, db, settings) -> None:
    call(db)
    reader(db, settings, email="early@example.org", hour=8)
    reader(db, settings, email="late@example.org", hour=18)
    service.turn("2026-04-22 18:00")
    service.turn("2026-04-23 07:00")
    for email, hour in (("late@example.org", 8), ("early@example.org", 18)):
        with db.begin() as session:
            row = queries.by_address(session, email)
            at = utc("2026-04-23 07:30")
            subscriptions.change(session, row, hour=hour, settings=settings, now=at)
    service.turn("2026-04-23 07:31")
    service.turn("2026-04-23 17:00")
    assert service.transport.addresses == ["early@example.org", "late@example.org"]
    with db.read() as session:
        assert set(session.scalars(select(Subscriber.moved_at))) == {None}


def test_who_moves_to_where_nobody_lived_while_nothing_runs_is_told(service, db, settings) -> None:
    call(db)
    reader(db, settings, hour=18, offsets=(7,))
    service.turn("2026-04-23 10:00")  # and then no planner, in neither of the two hours
    with db.begin() as session:
        [row] = session.scalars(select(Subscriber))
        at = utc("2026-04-24 12:00")
        subscriptions.change(session, row, hour=8, settings=settings, now=at)
    [subject] = service.turn("2026-04-25 13:00")
    assert subject.startswith("Closes in 5 days")


def test_what_is_moved_at_night_is_told_in_the_morning(service, db, settings) -> None:
    heat = call(db)
    reader(db, settings, offsets=(14, 7))
    service.turn("2026-04-10 18:00")
    move(db, heat, "2026-04-15", "2026-04-10 20:00")  # 22:00 in Luxembourg
    assert service.turn("2026-04-10 20:15") == []
    assert service.turn("2026-04-11 04:30") == []
    [subject] = service.turn("2026-04-11 05:00")
    assert subject.startswith("Closes in 4 days")


def crowd(db: Database, number: int) -> None:
    """So many more filters that find what the one filter finds."""
    with db.begin() as session:
        [one] = session.scalars(select(StoredFilter))
        keys = [key.key for key in one.keys]
        session.add_all(
            StoredFilter(digest=f"{each}", query="", keys=[FilterKey(key=key) for key in keys])
            for each in range(number)
        )


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize(
    ("ways", "crowded"), [([(7, 3, 1)], False), ([(7, 1), (3,)], False), ([(7, 1), (3,)], True)]
)
def test_what_is_made_up_for_is_left_out_if_a_nearer_one_comes_the_same_day(
    service, db, settings, ways: list[tuple[int, ...]], failed: bool, crowded: bool
) -> None:
    """Also if the reader asked for the nearer one by another subscription, or planning failed once;
    and if more filters find the call than are named one by one.
    """
    heat = call(db)
    for offsets, entry_id in zip(ways, (heat, None), strict=False):
        reader(db, settings, offsets=offsets, entry_id=entry_id)
    if crowded:
        crowd(db, followers.MOST_NAMED)
    service.plan(utc("2026-04-23 05:50"))  # before the hour of 7 days
    if failed:
        with db.begin() as session:
            [number] = session.scalars(select(Occasion.id).where(Occasion.days == 7))
            occasions.set_aside(session, number, utc("2026-04-27 05:10"))
    for at in ("2026-04-27 03:00", "2026-04-27 05:30", "2026-04-27 07:00"):
        service.turn(at)  # at night, at seven o'clock, and after the reader's hour
    assert len(service.letters) == 1
    assert "in 3 days" in dict(service.letters[0].headers)["Subject"]
    assert reasons(db) == [(7, "void", "coalesced"), (3, "mailed", "")]


def test_at_night_too_if_waiting_would_leave_less_than_twelve_hours(service, db, settings) -> None:
    heat = call(db)
    reader(db, settings, offsets=(7, 1))
    service.turn("2026-04-10 18:00")
    move(db, heat, "2026-04-11", "2026-04-10 20:00")
    [subject] = service.turn("2026-04-10 20:15")
    assert subject.startswith("Closes tomorrow")


def test_a_pause_keeps_nothing_for_later(service, db, settings) -> None:
    call(db)
    number = reader(db, settings, offsets=(7, 1))
    with db.begin() as session:
        session.get_one(Subscriber, number).paused_until = utc("2026-04-25 00:00")
    service.turn("2026-04-22 18:00")
    assert service.turn(MORNING) == []
    assert service.turn("2026-04-25 09:00") == []
    assert len(service.turn("2026-04-29 07:00")) == 1
    assert reasons(db)[0] == (7, "void", items.PAUSED)


@pytest.mark.parametrize("muted_at", ["plan", "gate"])
def test_a_muted_call_is_told_no_more_and_the_others_are(
    service, db, settings, muted_at: str
) -> None:
    heat = call(db)
    call(db, "Timber hybrids")
    number = reader(db, settings)
    mute = CallMute(subscriber_id=number, call_id=heat, since=BEGINNING)
    service.turn("2026-04-22 18:00")
    if muted_at == "gate":
        service.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        session.add(mute)
    service.turn("2026-04-23 06:59:59")
    [subject] = service.turn("2026-04-23 07:01") or [""]
    sent = [dict(letter.headers)["Subject"] for letter in service.letters]
    assert len(sent) == 1
    assert "Timber" in sent[0]
    assert HEAT not in service.letters[0].text
    assert (7, "void", items.MUTED) in reasons(db)
    assert subject in ("", sent[0])


def test_an_opening_is_told_the_day_before_to_all_who_follow_whatever_their_days(
    service, db, settings
) -> None:
    call(db, key_dates=(opening("2026-04-10", "09:00"), deadline("2026-06-30")))
    reader(db, settings, offsets=(30,))
    reader(db, settings, email="digest@example.org")
    with db.begin() as session:
        session.execute(update(Subscription).values(digest="weekly"))
        for row in session.scalars(select(Subscription)):
            if row.subscriber.email != READER:
                row.offsets = []
    service.turn("2026-04-08 18:00")
    subjects = service.turn("2026-04-09 07:00")
    opens = "Opens tomorrow: Reuse of process heat (10 April 2026, 09:00 Luxembourg time)"
    assert subjects == [opens, opens]
    assert "Deadline: Tuesday 30 June 2026" in service.letters[0].text
    assert service.turn("2026-04-09 09:00") == service.turn("2026-04-10 09:00") == []


def test_a_rolling_call_and_a_second_stage_and_each_cut_off(service, db, settings) -> None:
    call(db, "Rolling", deadline_model="rolling", key_dates=())
    call(db, "Cut-offs", deadline_model="multiple_cut_off",
         key_dates=(deadline("2026-04-30", kind="cut_off"),
                    deadline("2026-05-28", kind="cut_off")))  # fmt: skip
    call(db, "Stages", deadline_model="two_stage",
         key_dates=(deadline("2026-03-20", kind="stage_1"),
                    deadline("2026-05-28", "18:00", kind="stage_2")))  # fmt: skip
    reader(db, settings, offsets=(7,))
    service.turn("2026-04-22 18:00")
    [first] = service.turn(MORNING)
    assert "Cut-offs (30 April" in first
    service.turn("2026-05-20 18:00")
    [second] = service.turn("2026-05-21 07:00")
    assert second.endswith("+ 1 more")
    assert "For applicants whose first stage was accepted." in service.letters[-1].text


def test_a_notice_counts_as_the_reminders_that_have_passed(service, db, settings) -> None:
    heat = call(db)
    number = reader(db, settings, offsets=(14, 7, 1))
    service.turn("2026-04-10 07:00")
    move(db, heat, "2026-04-15", "2026-04-10 09:00")
    at = utc("2026-04-10 09:10")
    plan.keep_true(db, settings, at)
    with db.begin() as session:
        [date_id] = session.scalars(select(Call).where(Call.id == heat)).one().key_dates
        told = select(Subscriber.id).where(Subscriber.id == number)
        items.count_as_told(session, date_id.id, told, at)
    assert service.turn(at) == []
    assert {(days, reason) for days, _, reason in reasons(db)} == {(14, "told"), (7, "told")}
    assert len(service.turn("2026-04-14 07:00")) == 1


def test_a_date_that_the_gate_found_moved_comes_back_whole(service, db, settings) -> None:
    heat = call(db)
    reader(db, settings)
    service.turn("2026-04-22 18:00")
    service.plan(utc("2026-04-23 06:00"))
    move(db, heat, "2026-05-30", "2026-04-23 07:00")
    service.send(utc(MORNING))
    move(db, heat, "2026-04-30", "2026-04-23 07:01")
    assert service.turn("2026-04-23 07:05") == []
    assert len(service.turn("2026-04-23 07:11")) == 1
    assert service.turn("2026-04-23 07:30") == []


def test_a_date_moved_while_the_call_was_off_the_site_is_told_when_it_is_back(
    service, db, settings
) -> None:
    heat = call(db)
    with db.begin() as session:
        calls.withdraw_call(session, heat, actor=ANA, now=utc("2026-04-24 09:00"))
    move(db, heat, "2026-04-28", "2026-04-24 10:00")
    reader(db, settings, now=utc("2026-04-24 18:00"))
    with db.begin() as session:
        back = utc("2026-04-25 09:00")
        calls.publish_call(session, heat, at=back, actor=ANA, now=back)
    assert service.turn("2026-04-25 09:05") == []
    assert len(service.turn("2026-04-25 09:11")) == 1


def test_a_suspended_call_takes_its_reminders_back(service, db, settings) -> None:
    heat = call(db)
    reader(db, settings)
    service.turn("2026-04-22 18:00")
    service.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        session.get_one(Call, heat).suspended_at = utc("2026-04-23 06:00")
    assert service.turn(MORNING) == []
    assert reasons(db) == [(7, "void", occasions.UNPUBLISHED)]


def test_a_zone_that_this_machine_does_not_know_stops_nobody(service, db, settings) -> None:
    call(db)
    gone = reader(db, settings, email="mars@example.org")
    with db.begin() as session:  # it was a zone when the reader chose it
        session.execute(
            update(Subscriber).where(Subscriber.id == gone).values(zone="Mars/Olympus_Mons")
        )
    reader(db, settings)
    service.turn("2026-04-22 18:00")
    service.turn("2026-04-23 09:00")
    assert sorted(service.transport.addresses) == ["mars@example.org", READER]


def test_the_rehearsal_says_who_would_get_what_and_keeps_nothing(db, settings) -> None:
    call(db)
    reader(db, settings, offsets=(14, 7))
    found = rehearsal.preview(db, settings, utc("2026-04-24 00:00"), now=utc("2026-04-10 07:00"))
    assert [(one.address, one.days, one.leaves_at.date().day) for one in found] == [
        (READER, 14, 16),
        (READER, 7, 23),
    ]
    with db.read() as session:
        assert not session.scalars(select(DueDate)).all()


def test_occasions_are_made_late_and_only_for_lead_times_that_somebody_chose(db, settings) -> None:
    call(db)
    reader(db, settings, offsets=(7,))
    at = utc("2026-04-22 18:00")
    made = [plan.keep_true(db, settings, at + timedelta(minutes=n)) for n in (0, 600, 705, 720)]
    assert made == [0, 0, 1, 0]
