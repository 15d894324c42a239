"""Reminders as readers see them: when they come, that they come once, and when they do not."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select

from feedsvc.calls import changes as calls
from feedsvc.content import clusters, publication
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.i18n import language
from feedsvc.mail.rules import Outcome
from feedsvc.reminders import ledger, pace, reasons
from feedsvc.reminders.models import Item, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes as subscriptions
from feedsvc.subscriptions.models import Subscriber, Subscription
from tests.builders import (
    ANA,
    BEGINNING,
    call_edit,
    deadline,
    make_call,
    make_cluster,
    make_organisation,
)
from tests.support.readers import READER, Service, follow, utc

HEAT = "Reuse of process heat"  # closes on 30 April 2026 at 17:00 in Luxembourg
T_14 = "2026-04-16 07:00"  # 09:00 in Luxembourg, when all mails of the hour have left
T_7 = "2026-04-23 07:00"
T_1 = "2026-04-29 07:00"
EVENING_BEFORE = "2026-04-22 18:00"


@pytest.fixture
def service(db: Database, settings: Settings) -> Service:
    return Service(db, settings)


@pytest.fixture
def heat(db: Database) -> int:
    with db.begin() as session:
        return make_call(session, HEAT).id


def move(db: Database, call_id: int, day: str, *, now: datetime | str, time: str = "17:00") -> None:
    at = utc(now) if isinstance(now, str) else now
    with db.begin() as session:
        edit = call_edit(HEAT, key_dates=(deadline(day, time),))
        calls.edit_call(session, call_id, edit, actor=ANA, now=at)


def everyone(db: Database, settings: Settings, **more: object) -> None:
    with db.begin() as session:
        follow(session, settings, **more)  # type: ignore[arg-type]


# When they come


def test_a_reader_is_told_14_7_and_1_day_before_and_never_twice(
    service, db, settings, heat
) -> None:
    everyone(db, settings, offsets=(14, 7, 1))
    told = {
        day: service.turn(day) for day in (T_14, "2026-04-16 07:01", T_7, T_1, "2026-04-30 10:00")
    }
    assert [subject.partition(":")[0] for subjects in told.values() for subject in subjects] == [
        "Closes in 14 days",
        "Closes in 7 days",
        "Closes tomorrow",
    ]
    assert told["2026-04-16 07:01"] == told["2026-04-30 10:00"] == []


def test_mails_leave_within_the_readers_hour_and_not_before(service, db, settings, heat) -> None:
    everyone(db, settings)
    assert service.turn(EVENING_BEFORE) == []
    assert service.turn("2026-04-23 05:59") == []
    assert service.turn("2026-04-23 06:00") + service.turn("2026-04-23 07:00") != []
    [letter] = service.letters
    assert " 23 Apr 2026 06:" in dict(letter.headers)["Date"]


def test_readers_of_other_zones_are_told_in_their_own_morning(service, db, settings, heat) -> None:
    everyone(db, settings, email="here@example.org")
    everyone(db, settings, email="york@example.org", zone="America/New_York")
    service.turn(EVENING_BEFORE)
    service.turn("2026-04-23 08:00")
    assert service.transport.addresses == ["here@example.org"]
    service.turn("2026-04-23 13:00")
    assert service.transport.addresses[-1] == "york@example.org"
    assert "That is 30 April 2026, 11:00, New York time." in service.letters[-1].text


def test_each_reader_chooses_the_days(service, db, settings, heat) -> None:
    everyone(db, settings, offsets=(30, 2))
    assert len(service.turn("2026-03-31 07:00")) == 1
    assert service.turn(T_7) == []
    assert len(service.turn("2026-04-28 07:00")) == 1


def test_the_deadlines_of_one_day_come_in_one_mail_the_nearest_first(service, db, settings) -> None:
    with db.begin() as session:
        make_call(session, "Later", key_dates=(deadline("2026-05-07", "12:00"),))
        make_call(session, "Sooner", key_dates=(deadline("2026-04-30", "12:00"),))
        make_call(session, "Third", key_dates=(deadline("2026-05-07", "18:00"),))
    everyone(db, settings, offsets=(14, 7))
    [subject] = service.turn(T_7)
    assert subject.startswith("Closes in 7 days: Sooner (30 April 2026, 12:00 Luxembourg time)")
    assert subject.endswith("+ 2 more")
    text = service.letters[0].text
    assert text.index("Sooner") < text.index("Later") < text.index("Third")


def test_every_mandatory_stage_is_a_deadline_and_no_other_date(service, db, settings) -> None:
    with db.begin() as session:
        make_call(
            session,
            "Two stages",
            deadline_model="two_stage",
            key_dates=(
                deadline("2026-04-30", kind="stage_1"),
                deadline("2026-04-30", "12:00", kind="letter_of_intent", mandatory=False),
                deadline("2026-04-30", kind="decision"),
                deadline("2026-06-30", kind="stage_2", certainty="estimated"),
            ),
        )
    everyone(db, settings)
    assert service.turn(T_7) == [
        "First stage closes in 7 days: Two stages (30 April 2026, 17:00 Luxembourg time)"
    ]
    assert service.turn("2026-06-23 07:00") == [], "an estimated date is no date to act on"


def test_a_draft_a_scheduled_and_a_suspended_call_are_told_to_nobody(service, db, settings) -> None:
    with db.begin() as session:
        make_call(session, "Draft", publish_at=None)
        make_call(session, "Scheduled", publish_at=utc("2026-05-01 08:00"))
        make_call(session, "Suspended").suspended_at = BEGINNING
    everyone(db, settings)
    assert service.turn(T_7) == []


# To whom they come


def test_a_filter_finds_the_calls_that_meet_all_its_conditions(service, db, settings) -> None:
    with db.begin() as session:
        make_cluster(session, "CleanTech")
        make_cluster(session, "Wood")
        make_organisation(session, "Example Fund")
        both = {
            "clusters": ("cleantech", "wood"),
            "funders": ("example-fund",),
            "geographies": ("CH", "EU"),
            "cofinancing_max": Decimal(50),
        }
        make_call(session, "Meets all", applicants=("sme",), award_max=Decimal(200_000), **both)
        make_call(
            session, "Other applicant", applicants=("research",), award_max=Decimal(200_000), **both
        )
        make_call(session, "Too small", applicants=("sme",), award_max=Decimal(50_000), **both)
        make_call(session, "No amount", applicants=("sme",), **both)
        make_call(
            session,
            "Dollars",
            applicants=("sme",),
            award_max=Decimal(200_000),
            currency="USD",
            **both,
        )
        make_call(session, "No cluster", applicants=("sme",), award_max=Decimal(200_000))
        rich = {"applicants": ("sme",), "award_max": Decimal(200_000), **both}
        make_call(session, "Elsewhere", **(rich | {"geographies": ("CH",)}))
        make_call(session, "Pays little", **(rich | {"cofinancing_max": Decimal("49.5")}))
    everyone(
        db,
        settings,
        filter=Filter(
            cluster=("cleantech",),
            funder=("example-fund",),
            applicant=("sme", "start_up"),
            award_max_from=Decimal(100_000),
            currency="EUR",
            geography=("LU",),
            cofinancing_from=50,
        ),
    )
    [subject] = service.turn(T_7)
    assert "Meets all" in subject
    assert "more" not in subject


def test_a_search_is_a_filter_too(service, db, settings) -> None:
    with db.begin() as session:
        make_call(session, "Reuse of process heat")
        make_call(session, "Timber hybrids")
    everyone(db, settings, filter=Filter(q="timber"))
    [subject] = service.turn(T_7)
    assert "Timber hybrids" in subject
    assert "more" not in subject


def test_a_renamed_cluster_keeps_its_followers(service, db, settings) -> None:
    with db.begin() as session:
        cluster = make_cluster(session, "EcoInnovation")
        make_call(session, HEAT, clusters=("ecoinnovation",))
        follow(session, settings, filter=Filter(cluster=("ecoinnovation",)))
        edit = clusters.ClusterEdit(slug="cleantech", texts={"en": clusters.NameEdit("CleanTech")})
        clusters.edit_cluster(session, cluster.id, edit, actor=ANA, now=BEGINNING)
    assert len(service.turn(T_7)) == 1


def test_who_follows_the_call_its_cluster_and_everything_gets_one_mail(
    service, db, settings
) -> None:
    with db.begin() as session:
        make_cluster(session, "CleanTech")
        call = make_call(session, HEAT, clusters=("cleantech",))
        follow(session, settings)
        follow(session, settings, filter=Filter(cluster=("cleantech",)))
        follow(session, settings, entry_id=call.id)
    assert len(service.turn(T_7)) == 1


def test_who_has_not_confirmed_is_told_nothing(service, db, settings, heat) -> None:
    with db.begin() as session:
        wish = subscriptions.Wish(
            email=READER, offsets=(7,), language="en", page="/", entry_id=heat
        )
        subscriptions.request_subscription(session, wish, settings=settings, now=BEGINNING)
    assert service.turn(T_7) == []


def test_who_comes_late_is_told_from_then_on_without_back_fill(service, db, settings, heat) -> None:
    everyone(db, settings, email="early@example.org")
    service.turn(T_7)
    everyone(db, settings, now=utc("2026-04-24 09:00"))
    assert service.turn("2026-04-24 09:01") == []
    assert len(service.turn(T_1)) == 2


# When things change


def test_a_moved_deadline_is_told_anew_and_the_old_one_no_more(service, db, settings, heat) -> None:
    everyone(db, settings, offsets=(14, 7, 1))
    service.turn(T_7)
    move(db, heat, "2026-05-14", now="2026-04-25 09:00")
    assert service.turn(T_1) == []
    [subject] = service.turn("2026-04-30 07:00")
    assert subject.startswith("Closes in 14 days")
    assert "14 May 2026" in subject


def test_a_deadline_moved_closer_is_told_at_once_and_once(service, db, settings, heat) -> None:
    everyone(db, settings, offsets=(14, 7, 1))
    service.turn("2026-04-10 07:00")
    move(db, heat, "2026-04-15", now="2026-04-10 09:00")
    assert service.turn("2026-04-10 09:01") == [], "the editor may not be done yet"
    [subject] = service.turn("2026-04-10 09:10")
    assert subject.startswith("Closes in 5 days")
    assert service.turn("2026-04-10 09:25") == []
    assert len(service.turn("2026-04-14 07:00")) == 1, "the last day is told as ever"


def test_a_mail_about_the_old_date_that_waits_is_taken_back(service, db, settings, heat) -> None:
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc("2026-04-23 06:00"))
    move(db, heat, "2026-05-30", now="2026-04-23 06:00")
    assert service.turn(T_7) == []
    with db.read() as session:
        assert ledger.tally(session) == {"void": 1}


def test_the_gate_stops_a_mail_whose_deadline_moved_after_the_plan(
    service, db, settings, heat
) -> None:
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc(T_7))
    move(db, heat, "2026-05-30", now=T_7)
    service.send(utc(T_7))
    assert service.transport.sent == []
    assert "void: a deadline in it does not stand any more" in service.reasons().values()


def test_what_still_stands_in_a_stopped_mail_is_told_by_another(
    service, db, settings, heat
) -> None:
    with db.begin() as session:
        make_call(session, "Timber hybrids")
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc(T_7))
    move(db, heat, "2026-05-30", now=T_7)
    service.send(utc(T_7))
    [subject] = service.turn("2026-04-23 07:01")
    assert "Timber" in subject
    assert "more" not in subject


@pytest.mark.parametrize("sent_before", [False, True])
def test_a_deadline_that_moves_and_moves_back_is_told_once(
    service, db, settings, heat, sent_before: bool
) -> None:
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc("2026-04-23 06:00"))
    if sent_before:
        service.send(utc(T_7))
    move(db, heat, "2026-05-30", now="2026-04-23 06:10")
    service.plan(utc("2026-04-23 06:10"))
    move(db, heat, "2026-04-30", now="2026-04-23 06:20")
    before = len(service.transport.sent)
    service.turn(T_7)
    assert len(service.transport.sent) - before == (0 if sent_before else 1)
    assert len(service.transport.sent) == 1


def test_a_withdrawn_call_is_told_to_nobody_and_comes_back_with_its_reminders(
    service, db, settings, heat
) -> None:
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        publication.unpublish(session, heat, actor=ANA, now=utc("2026-04-23 06:01"))
    assert service.turn("2026-04-23 06:59") == []
    with db.begin() as session:
        publication.publish(session, heat, at=BEGINNING, actor=ANA, now=utc("2026-04-23 07:00"))
    assert len(service.turn("2026-04-23 07:01")) == 1
    assert service.turn("2026-04-23 07:05") == []


def test_a_cancelled_call_is_told_to_nobody(service, db, settings, heat) -> None:
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        calls.cancel_call(session, heat, {}, actor=ANA, now=utc("2026-04-23 06:00"))
    assert service.turn(T_7) == []
    with db.read() as session:
        assert set(session.scalars(select(Occasion.reason).where(Occasion.state == "void"))) == {
            "cancelled"
        }


def test_a_deleted_call_leaves_no_mail_behind(service, db, settings, heat) -> None:
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        publication.delete(session, heat, actor=ANA, now=utc("2026-04-23 06:00"))
    assert service.turn(T_7) == []
    assert list(service.reasons().values()) == ["void: there is nothing in it to tell"]


def test_a_call_that_is_published_late_is_told_at_once(service, db, settings) -> None:
    everyone(db, settings)
    with db.begin() as session:
        at = utc("2026-04-26 09:00")
        make_call(session, HEAT, now=at, publish_at=at)
    [subject] = service.turn("2026-04-26 09:01")
    assert subject.startswith("Closes in 4 days")
    assert service.turn("2026-04-26 10:01") == []


def test_a_scheduler_that_stood_still_tells_only_the_nearest(service, db, settings, heat) -> None:
    everyone(db, settings, offsets=(14, 7, 1))
    service.turn("2026-04-10 07:00")
    [subject] = service.turn("2026-04-26 12:00")
    assert subject.startswith("Closes in 4 days")
    with db.read() as session:
        assert session.scalars(select(Item.reason).where(Item.state == "void")).all() == [
            "coalesced"
        ]


def test_nothing_is_told_about_the_past(service, db, settings, heat) -> None:
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    assert service.turn("2026-04-30 15:30") == []
    with db.read() as session:
        words = ledger.tally(session)
    assert set(words) <= {"void", "expired"}


def test_who_unsubscribes_between_plan_and_sending_is_told_nothing(
    service, db, settings, heat
) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        reader = session.merge(reader)
        subscriptions.unsubscribe(session, reader, settings=settings, now=utc("2026-04-23 06:30"))
    assert service.turn(T_7) == []
    assert list(service.reasons().values()) == ["void: the reader has ended this"]


def test_who_ends_one_of_two_reasons_is_still_told_for_the_other(
    service, db, settings, heat
) -> None:
    with db.begin() as session:
        follow(session, settings)
        reader = follow(session, settings, entry_id=heat)
    service.turn(EVENING_BEFORE)
    service.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        reader = session.merge(reader)
        uid = reader.subscriptions[0].uid
        subscriptions.unsubscribe(session, reader, uid, settings=settings, now=utc(T_7))
    assert len(service.turn(T_7)) == 1


def test_who_is_forgotten_between_plan_and_sending_is_told_nothing(
    service, db, settings, heat
) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
    service.turn(EVENING_BEFORE)
    service.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        subscriptions.erase(session, session.merge(reader), settings=settings, now=utc(T_7))
    assert service.turn(T_7) == []
    assert service.transport.sent == []


def test_a_mail_that_waited_over_midnight_is_written_anew(service, db, settings, heat) -> None:
    everyone(db, settings)
    service.turn(EVENING_BEFORE)
    service.transport.down = "no route"
    service.plan(utc("2026-04-23 06:00"))
    service.transport.down = ""
    service.send(utc("2026-04-24 05:00"))
    [subject] = service.turn("2026-04-24 05:01")
    assert subject.startswith("Closes in 6 days")


def test_mails_that_waited_for_days_tell_a_deadline_once(service, db, settings, heat) -> None:
    everyone(db, settings, offsets=(3, 2))
    service.turn(EVENING_BEFORE)
    for day in ("2026-04-27 06:00", "2026-04-28 06:00"):
        service.plan(utc(day))
    told = [*service.turn("2026-04-29 05:00"), *service.turn("2026-04-29 05:01")]
    assert len(told) == 1
    assert told[0].startswith(f"Closes tomorrow: {HEAT}")
    assert "more" not in told[0]


def test_a_relay_that_is_away_past_the_deadline_sends_nothing_late(
    service, db, settings, heat
) -> None:
    everyone(db, settings, offsets=(1,))
    service.turn("2026-04-20 06:00")
    service.transport.answer = lambda _address: Outcome("deferred", "450 later")
    service.turn(T_1)
    service.transport.answer = lambda _address: Outcome("accepted", "250 ok")
    assert service.turn("2026-04-30 14:30") == []
    with db.read() as session:
        [fate] = ledger.fates(session)
    assert fate.word in ("expired", "void")
    assert fate.reason


# Whoever else is at it


def test_planning_again_changes_nothing(service, db, settings, heat) -> None:
    everyone(db, settings)
    service.turn(T_7)
    planned = service.plan(utc(T_7))
    assert (planned.occasions, planned.items, planned.mails) == (0, 0, 0)


def test_four_planners_at_once_write_each_reminder_once(service, db, settings) -> None:
    with db.begin() as session:
        for number in range(6):
            make_call(session, f"Call {number}")
        for number in range(25):
            follow(session, settings, email=f"reader{number}@example.org")
    service.send(BEGINNING)
    service.transport.sent.clear()
    service.plan(utc("2026-04-20 06:00"))
    at = utc(T_7)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: service.plan(at), range(4)))
    service.turn(at)
    service.turn(at + timedelta(minutes=1))
    assert Counter(service.transport.addresses) == Counter(
        f"reader{number}@example.org" for number in range(25)
    )


def test_every_reminder_that_was_planned_ends_with_a_reason(service, db, settings, heat) -> None:
    with db.begin() as session:
        make_call(session, "Timber hybrids", key_dates=(deadline("2026-05-02"),))
        for number in range(10):
            follow(session, settings, email=f"reader{number}@example.org", offsets=(14, 7, 1))
    refusing = "reader3@example.org"
    service.transport.answer = lambda address: (
        Outcome("refused", "550 no such user")
        if address == refusing
        else Outcome("accepted", "250 ok")
    )
    for day in range(14, 31):
        service.turn(f"2026-04-{day} 07:00")
        if day == 20:
            move(db, heat, "2026-05-20", now="2026-04-20 09:00")
    with db.read() as session:
        fates = ledger.fates(session)
        total = session.scalar(select(func.count()).select_from(Item))
    assert len(fates) == total
    ended = [fate for fate in fates if fate.word in ledger.FINAL]
    assert len(ended) == total
    assert all(fate.reason for fate in ended)
    assert {fate.word for fate in ended} >= {"accepted", "failed"}


def test_one_mail_that_cannot_be_written_stops_no_other(service, db, settings, heat) -> None:
    with db.begin() as session:
        follow(session, settings, email="ana@example.org")
        broken = follow(session, settings, email="broken@example.org")
        session.merge(broken).language = "xx"
    service.turn(EVENING_BEFORE)
    service.turn(T_7)
    assert service.transport.addresses == ["ana@example.org"]
    with db.read() as session:
        assert ledger.tally(session) == {"accepted": 1, "void": 1}
        [lost] = [fate for fate in ledger.fates(session) if fate.word == "void"]
    said = reasons.words(lost.reason, language("en"))
    assert said == "the mail could not be written; the log has the error"


def test_a_thousand_deadlines_in_one_mail_are_forty_five_and_a_link(
    service, db, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.begin() as session:
        for number in range(53):
            make_call(session, f"Call {number:02}")
    everyone(db, settings)
    [subject] = service.turn(T_7)
    assert subject.endswith("+ 52 more")
    text = service.letters[0].text
    assert text.count("Open the call:") == 45
    assert "8 more calls close soon. All calls:" in text


def test_other_lead_times_of_the_operator_are_planned_too(db, settings, heat) -> None:
    own = replace(settings, reminder_offsets=(21,))
    service = Service(db, own)
    everyone(db, own, offsets=(21,))
    assert len(service.turn("2026-04-09 07:00")) == 1


def test_many_readers_are_written_in_several_transactions(service, db, settings, heat) -> None:
    many = pace.of_readers().at_once + 1
    with db.begin() as session:
        for number in range(many):
            follow(session, settings, email=f"reader{number}@example.org")
    assert len(service.turn(T_7)) == many


def test_what_was_told_outlives_its_subscription_and_names_it_no_more(
    service, db, settings, heat
) -> None:
    for number in (1, 2):
        everyone(db, settings, email=f"reader{number}@example.org")
    assert len(service.turn(T_7)) == 2
    with db.begin() as session:
        one, two = session.scalars(select(Subscriber).order_by(Subscriber.id))
        session.execute(delete(Subscription).where(Subscription.subscriber_id == one.id))
        session.execute(delete(Subscriber).where(Subscriber.id == two.id))
    with db.read() as session:
        rows = session.execute(select(Item.subscriber_id, Item.subscription_id).order_by(Item.id))
        assert [tuple(row) for row in rows] == [(one.id, None), (None, None)]
