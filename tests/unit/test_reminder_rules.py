"""When readers are told: calendar days, zones, clock changes, late news."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.calls import dates
from feedsvc.reminders import rules
from feedsvc.reminders.rules import Deadline

LUXEMBOURG = "Europe/Luxembourg"


def deadline(day: str, clock: str | None = "17:00", zone: str = LUXEMBOURG) -> Deadline:
    on, at = date.fromisoformat(day), time.fromisoformat(clock) if clock else None
    instant = dates.instant(on, at, zone, kind="submission", precision="day")
    return Deadline(on, at, zone, instant)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(what: Deadline, days: int, reader_zone: str = LUXEMBOURG) -> datetime:
    return rules.due_at(what, days, zone=reader_zone, hour=8)


def leaves_at(at: datetime, known: datetime, reader: str, now: datetime) -> datetime:
    return rules.leaves_at(
        at, known, reader, now, zone=LUXEMBOURG, deadline_at=at + timedelta(days=7)
    )


def test_seven_days_before_is_the_same_weekday_at_the_readers_hour() -> None:
    assert due(deadline("2026-04-30"), 7) == utc("2026-04-23 06:00")  # 08:00 summer time


def test_a_clock_change_between_mail_and_deadline_moves_nothing() -> None:
    # Summer time begins on 29 March 2026: 08:00 is 07:00 UTC before and 06:00 after.
    april = deadline("2026-04-02")
    assert [due(april, days) for days in (7, 1)] == [
        utc("2026-03-26 07:00"),
        utc("2026-04-01 06:00"),
    ]
    # ... and ends on 25 October.
    november = deadline("2026-11-01")
    assert due(november, 14) == utc("2026-10-18 06:00")
    assert due(november, 7) == utc("2026-10-25 07:00")


def test_an_hour_that_does_not_exist_counts_as_the_next_one() -> None:
    spring = deadline("2026-04-05", "02:30")
    assert rules.told_at(spring, 7) == utc("2026-03-29 01:30")  # 03:30 summer time


def test_an_hour_that_comes_twice_counts_as_its_first() -> None:
    autumn = deadline("2026-11-01", "02:30")
    assert rules.told_at(autumn, 7) == utc("2026-10-25 00:30")


def test_a_day_without_a_time_is_counted_from_that_day_not_the_next() -> None:
    assert due(deadline("2026-04-30", None), 1) == utc("2026-04-29 06:00")


def test_anywhere_on_earth_is_told_early_enough() -> None:
    aoe = deadline("2026-04-30", None, "AoE")  # ends at noon UTC on 1 May
    assert due(aoe, 1) == utc("2026-04-30 06:00")
    assert aoe.at - due(aoe, 1) >= rules.NOTICE


def test_the_reader_is_told_in_the_morning_of_their_own_zone() -> None:
    brussels = deadline("2026-04-30", zone="Europe/Brussels")
    assert due(brussels, 7, "America/New_York") == utc("2026-04-23 12:00")
    assert due(brussels, 7, "Asia/Kolkata") == utc("2026-04-23 02:30")
    assert due(brussels, 7, "Australia/Lord_Howe") == utc("2026-04-23 21:30")


def test_a_deadline_of_far_away_is_told_on_the_day_that_it_is_there() -> None:
    # The day before, at that time, it is still the day before that one in New York.
    early = deadline("2026-04-30", "05:00")
    assert due(early, 1, "America/New_York") == utc("2026-04-28 12:00")


def test_twelve_hours_stay_at_least_also_where_mails_leave_in_the_evening() -> None:
    early = deadline("2026-04-30", "07:30")
    evening = rules.due_at(early, 1, zone=LUXEMBOURG, hour=20)
    assert evening == utc("2026-04-28 18:00"), "on the 29th only ten hours would stay"


def test_readers_of_one_hour_are_spread_over_it_and_each_keeps_their_minute() -> None:
    at = utc("2026-04-23 06:00")
    before = at - timedelta(days=1)
    leaves = {leaves_at(at, before, f"reader{n}", at) for n in range(50)}
    assert len(leaves) > 40
    assert all(at <= moment < at + rules.SPREAD for moment in leaves)
    assert leaves_at(at, before, "ana", at) == leaves_at(at, before, "ana", at)


def test_what_is_known_too_late_leaves_at_once() -> None:
    at = utc("2026-04-23 06:00")
    assert leaves_at(at, at, "ana", at) == at
    later = at + timedelta(days=2)
    assert leaves_at(at, at - timedelta(days=9), "ana", later) == later


def test_days_are_counted_where_the_deadline_applies() -> None:
    tokyo = deadline("2026-04-30", "08:00", "Asia/Tokyo")
    assert rules.days_left(tokyo, utc("2026-04-28 16:00")) == 1  # already the 29th in Tokyo
    assert rules.days_left(deadline("2026-04-30"), utc("2026-04-23 06:00")) == 7
    assert rules.days_left(deadline("2026-04-30"), utc("2026-04-30 06:00")) == 0


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-04-01 09:00", "2026-04-16 06:00"),
        ("2026-04-23 06:00", "2026-04-29 06:00"),  # the hour has begun: it is the next one
        ("2026-04-29 07:00", None),
    ],
)
def test_the_next_reminder_is_told_to_those_who_subscribe(now: str, expected: str | None) -> None:
    found = rules.next_reminder(
        [deadline("2026-04-30")], (14, 7, 1), zone=LUXEMBOURG, hour=8, now=utc(now)
    )
    assert found == (utc(expected) if expected else None)


@given(
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)) | st.none(),
    st.sampled_from(["Europe/Luxembourg", "AoE", "Asia/Tokyo", "America/New_York", "Asia/Kolkata"]),
    st.sampled_from(["Europe/Luxembourg", "America/Los_Angeles", "Pacific/Kiritimati"]),
    st.integers(1, 30),
    st.integers(0, 23),
)
def test_nobody_is_told_too_late_or_out_of_their_hour(
    day: date, clock: time | None, zone: str, reader_zone: str, days: int, hour: int
) -> None:
    what = deadline(day.isoformat(), clock.isoformat() if clock else None, zone)
    at = rules.due_at(what, days, zone=reader_zone, hour=hour)
    assert what.at - at >= rules.NOTICE + rules.SPREAD
    assert what.at - at <= timedelta(days=days + 2, hours=2)
    # (an hour that spring leaves out is told in the one after it)
    local = at.astimezone(dates.zone(reader_zone))
    assert local.hour in (hour, hour + 1)
    assert local.minute == 0


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-04-23 05:00", "2026-04-23 05:00"),  # 07:00 in Luxembourg
        ("2026-04-23 17:59", "2026-04-23 17:59"),
        ("2026-04-23 18:00", "2026-04-24 05:00"),
        ("2026-04-24 04:59", "2026-04-24 05:00"),
        ("2026-03-28 22:00", "2026-03-29 05:00"),  # the night in which summer time begins
    ],
)
def test_nobody_is_woken_between_eight_in_the_evening_and_seven(at: str, expected: str) -> None:
    assert rules.quiet(utc(at), LUXEMBOURG) == utc(expected)


def test_the_night_is_kept_unless_less_than_twelve_hours_would_be_left() -> None:
    at, morning = utc("2026-04-23 19:00"), utc("2026-04-24 05:00")
    far, near = morning + rules.NOTICE, morning + rules.NOTICE - timedelta(seconds=1)
    assert rules.at_once(at, zone=LUXEMBOURG, deadline_at=far) == morning
    assert rules.at_once(at, zone=LUXEMBOURG, deadline_at=near) == at
    assert rules.at_once(at, zone=LUXEMBOURG) == morning


@pytest.mark.parametrize(
    ("after", "nearer", "again"),
    [
        ("2026-04-27 05:00", (3, 1), True),  # at seven; in three days at eight
        ("2026-04-27 05:00", (1,), False),
        ("2026-04-27 06:00", (3, 1), True),  # the night ends as that hour begins
        ("2026-04-27 06:01", (3, 1), False),  # that hour has begun
        ("2026-04-26 12:00", (3, 1), False),  # it is another day's
        ("2026-04-26 22:30", (3, 1), True),  # half past midnight where the reader lives
    ],
)
def test_a_nearer_reminder_of_the_same_day_says_it(
    after: str, nearer: tuple[int, ...], again: bool
) -> None:
    one = deadline("2026-04-30")
    assert rules.comes_again(one, nearer, zone=LUXEMBOURG, hour=8, after=utc(after)) == again


def test_a_mail_that_is_written_after_its_hour_keeps_the_night() -> None:
    at = utc("2026-04-23 06:00")
    assert leaves_at(at, at - timedelta(days=1), "ana", utc("2026-04-23 19:00")) == utc(
        "2026-04-24 05:00"
    )


def test_an_opening_is_told_the_day_before_whatever_the_hour() -> None:
    opens = replace(deadline("2026-04-30", None), at=utc("2026-04-29 22:00"), opens=True)
    assert due(opens, 1) == utc("2026-04-29 06:00")
    assert rules.due_at(opens, 1, zone=LUXEMBOURG, hour=20) == utc("2026-04-29 18:00")
    assert rules.lead_times(opens, (14, 7)) == (1,)
    assert rules.next_reminder(
        [opens], (), zone=LUXEMBOURG, hour=8, now=utc("2026-04-01 09:00")
    ) == utc("2026-04-29 06:00")


def test_a_zone_that_is_unknown_counts_as_utc() -> None:
    assert rules.due_at(deadline("2026-04-30"), 7, zone="Mars/Base", hour=8) == utc(
        "2026-04-23 08:00"
    )


def test_the_slots_of_an_hour_are_one_a_day_over_a_clock_change() -> None:
    found = list(
        rules.slots(utc("2026-03-27 07:00"), utc("2026-03-30 06:00"), zone=LUXEMBOURG, hour=8)
    )
    assert found == [utc(f"2026-03-{day}:00") for day in ("28 07", "29 06", "30 06")]
