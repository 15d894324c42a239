"""Key dates as calendar events: what a subscribed calendar must be told, and never be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from feedsvc.calls import rules, zones
from feedsvc.calls.calendar import DateEvent, calendar_bytes

EVENT = DateEvent(
    uid="11111111-1111-4111-8111-111111111111",
    summary="Closes: Heat, waste & more; part 1",
    description="Tuesday 31 March 2026, 17:00 (Luxembourg time)\nup to €200,000",
    url="https://agency.example/calls/heat",
    day=date(2026, 3, 31),
    at=datetime(2026, 3, 31, 15, 0, tzinfo=UTC),
    zone="Europe/Luxembourg",
    is_deadline=True,
    updated_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
)


def made(*events: DateEvent) -> bytes:
    return calendar_bytes("Calls", events, language="en", url="https://agency.example/calls/")


def read(*events: DateEvent):
    return Calendar.from_ical(made(*events)).walk("VEVENT")


def test_a_timed_deadline_ends_at_the_deadline_in_its_zone():
    assert b"DTSTART;TZID=Europe/Luxembourg:20260331T163000" in made(EVENT)
    assert b"DTEND;TZID=Europe/Luxembourg:20260331T170000" in made(EVENT)


def test_a_day_without_a_time_is_a_whole_day():
    text = made(replace(EVENT, at=None))
    assert b"DTSTART;VALUE=DATE:20260331" in text
    assert b"DTEND;VALUE=DATE:20260401" in text
    assert b"VTIMEZONE" not in text


def test_an_opening_has_no_end():
    assert b"DTEND" not in made(replace(EVENT, is_deadline=False))


def test_the_half_hour_before_is_counted_across_a_clock_change():
    at = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 03:00 summer time; 02:30 does not exist
    text = made(replace(EVENT, at=at, day=date(2026, 3, 29)))
    assert b"DTSTART;TZID=Europe/Luxembourg:20260329T013000" in text
    assert b"DTEND;TZID=Europe/Luxembourg:20260329T030000" in text


def test_anywhere_on_earth_is_written_in_utc():
    at = datetime(2026, 4, 1, 11, 59, tzinfo=UTC)
    text = made(replace(EVENT, at=at, zone="AoE"))
    assert b"DTEND:20260401T115900Z" in text
    assert b"TZID" not in text


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "Africa/Cairo"])
def test_a_zone_that_two_rules_cannot_describe_is_written_in_utc(zone: str):
    assert b"TZID" not in made(replace(EVENT, zone=zone))
    assert b"DTEND:20260331T150000Z" in made(replace(EVENT, zone=zone))


def test_each_zone_is_declared_once_with_two_rules():
    text = made(EVENT, replace(EVENT, uid="b"), replace(EVENT, uid="c", zone="America/New_York"))
    assert text.count(b"BEGIN:VTIMEZONE") == 2
    assert text.count(b"RRULE:FREQ=YEARLY") == 4
    assert b"RDATE" not in text


@pytest.mark.parametrize(
    "zone", ["Europe/Luxembourg", "America/New_York", "Australia/Sydney", "Asia/Tokyo"]
)
def test_the_rules_of_a_zone_agree_with_the_zone(zone: str):
    day = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    for number in range(0, 365, 5):
        at = day + timedelta(days=number)
        local = at.astimezone(ZoneInfo(zone))
        (event,) = read(replace(EVENT, at=at, day=local.date(), zone=zone))
        assert event["DTEND"].dt.astimezone(UTC) == at


def test_zones_without_and_with_summer_time_can_be_told():
    assert [len(zones.rules(zone)) for zone in ("Asia/Kolkata", "Europe/London")] == [1, 2]


def test_a_date_before_the_rules_began_is_written_in_utc():
    at = datetime(2019, 3, 31, 15, 0, tzinfo=UTC)
    assert b"DTEND:20190331T150000Z" in made(replace(EVENT, at=at, day=date(2019, 3, 31)))


def test_lines_are_folded_at_75_octets_and_end_in_crlf():
    text = made(replace(EVENT, summary="Énergie – " * 40, description="é" * 500))
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    text.decode()  # a fold never cuts a character


def test_text_comes_back_as_it_was_written():
    (event,) = read(EVENT)
    assert str(event["SUMMARY"]) == EVENT.summary
    assert str(event["DESCRIPTION"]) == EVENT.description


def test_control_characters_never_reach_a_calendar():
    text = made(replace(EVENT, summary="He\x00at\x0b \x1f", description="a\r\nBEGIN:VEVENT\x07"))
    assert not set(range(32)) - {10, 13} & set(text)
    assert text.count(b"\r\nBEGIN:VEVENT\r\n") == 1


def test_a_cancelled_call_stays_and_says_so():
    (event,) = read(replace(EVENT, cancelled=True, sequence=3))
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 3)


def test_no_alarm_rings_unless_it_was_asked_for():
    assert b"VALARM" not in made(EVENT)


def test_an_alarm_rings_before_a_timed_deadline_itself_and_before_a_day_begins():
    week = replace(EVENT, alarms=(timedelta(days=7), timedelta(hours=36)))
    text = made(week)
    assert text.count(b"BEGIN:VALARM\r\nACTION:DISPLAY") == 2
    assert b"TRIGGER;RELATED=END:-P7D" in text
    assert b"TRIGGER;RELATED=END:-P1DT12H" in text
    assert b"TRIGGER:-P7D" in made(replace(week, at=None))
    assert b"TRIGGER:-P7D" in made(replace(week, is_deadline=False))


def test_a_date_that_was_called_off_stays_for_60_days():
    off = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert rules.in_calendars(None, off)
    assert rules.in_calendars(off, off + timedelta(days=60, microseconds=-1))
    assert not rules.in_calendars(off, off + timedelta(days=60))


def test_an_estimated_date_is_tentative():
    assert read(replace(EVENT, tentative=True))[0]["STATUS"] == "TENTATIVE"


def test_the_same_events_are_the_same_bytes():
    assert made(EVENT) == made(EVENT)
    assert b"DTSTAMP:20260302T090000Z" in made(EVENT)


def test_the_uid_names_no_host():
    assert b"UID:11111111-1111-4111-8111-111111111111@key-date.feedsvc" in made(EVENT)
