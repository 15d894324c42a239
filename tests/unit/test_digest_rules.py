"""When digests are due on a reader's clock, and what is in them: without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.reminders.digests import rules, slots
from feedsvc.reminders.digests.rules import Happened, Known, Part

LUXEMBOURG, KATHMANDU = "Europe/Luxembourg", "Asia/Kathmandu"
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOON = utc("2026-03-02 12:00")  # a Monday


@pytest.mark.parametrize(
    ("digest", "zone", "now", "slot"),
    [
        ("daily", LUXEMBOURG, "2026-03-02 07:00", "2026-03-02 07:00"),
        ("daily", LUXEMBOURG, "2026-03-02 06:59", "2026-03-01 07:00"),
        ("daily", KATHMANDU, "2026-03-02 02:15", "2026-03-02 02:15"),
        ("daily", LUXEMBOURG, "2026-03-29 06:00", "2026-03-29 06:00"),  # the clocks went forward
        ("weekly", LUXEMBOURG, "2026-03-08 23:00", "2026-03-02 07:00"),
        ("weekly", LUXEMBOURG, "2026-03-09 07:00", "2026-03-09 07:00"),
        ("instant", LUXEMBOURG, "2026-03-02 12:09", "2026-03-02 12:00"),
        ("instant", LUXEMBOURG, "2026-03-02 22:30", "2026-03-02 18:50"),
        ("instant", LUXEMBOURG, "2026-03-03 05:59", "2026-03-02 18:50"),
        ("instant", LUXEMBOURG, "2026-03-03 06:00", "2026-03-03 06:00"),
    ],
)
def test_the_last_time_at_which_a_digest_was_due(
    digest: str, zone: str, now: str, slot: str
) -> None:
    assert slots.latest(digest, zone, 8, utc(now)) == utc(slot)


def test_each_hour_of_each_zone_is_due_in_one_round() -> None:
    places = [(zone, hour) for zone in (KATHMANDU, LUXEMBOURG) for hour in range(24)]
    day = [utc("2026-03-03 00:00") + n * slots.ROUND for n in range(288)]
    came = [
        clock
        for at in day
        for due in slots.due(places, after=at - slots.ROUND, until=at)
        for clock in due.clocks
        if due.digest == "daily"
    ]
    assert sorted(came) == sorted(places)


def test_what_stood_still_is_due_once() -> None:
    week = slots.due(
        [(LUXEMBOURG, 8), (LUXEMBOURG, 19)], after=NOON, until=NOON + timedelta(days=7)
    )
    assert [due.digest for due in week] == ["instant", "daily", "weekly"]
    assert all(len(set(due.clocks)) == len(due.clocks) for due in week)


def test_a_late_digest_does_not_leave_at_night() -> None:
    slot = utc("2026-03-02 07:00")

    def mailed_at(now: str) -> datetime:
        return slots.mailed_at("daily", slot, "reader", LUXEMBOURG, utc(now))

    assert slot <= mailed_at("2026-03-02 07:00") < slot + HOUR
    assert mailed_at("2026-03-02 15:00") == utc("2026-03-02 15:00")
    assert mailed_at("2026-03-02 22:00") == utc("2026-03-03 06:00")
    assert mailed_at("2026-03-03 02:00") == utc("2026-03-03 06:00")


def test_the_hour_that_a_reader_chose_is_never_night() -> None:
    slot = utc("2026-03-02 21:00")
    assert slot <= slots.mailed_at("daily", slot, "reader", LUXEMBOURG, slot) < slot + HOUR


def part(*found: Happened, since: datetime = NOON, until: datetime = NOON + 24 * HOUR) -> Part:
    return Part(found, since=since, begun_at=NOON, until=until)


def new(number: int, at: datetime, *events: tuple[int, datetime], over: bool = False) -> Happened:
    return Happened(number, at, events, over)


def changed(number: int, *events: tuple[int, datetime]) -> Happened:
    return Happened(number, None, events)


def test_what_is_new_is_not_also_changed_and_each_entry_comes_once() -> None:
    heat, wood = new(1, NOON + HOUR, (7, NOON + 2 * HOUR)), changed(2, (8, NOON + HOUR))
    content = rules.content([part(heat, wood), part(wood)], Known())
    assert content.new == {1}
    assert content.changed == {2: (8,)}


def test_a_digest_ends_at_its_time_and_begins_where_it_was_confirmed() -> None:
    late, early = new(1, NOON + 25 * HOUR), new(2, NOON - timedelta(minutes=1))
    assert not rules.content([part(late, early)], Known())


def test_a_digest_looks_back_a_little_for_what_became_visible_late() -> None:
    since = NOON + 10 * HOUR
    late = new(1, since - timedelta(minutes=5))
    assert rules.content([part(late, since=since)], Known()).new == {1}
    assert not rules.content([part(late, since=since)], Known(told={1: 0}))


def test_known_events_are_left_out_and_later_ones_told() -> None:
    call = changed(1, (7, NOON + HOUR), (8, NOON + 2 * HOUR), (9, NOON + 3 * HOUR))
    known = Known(told={1: 7}, noticed={1: [(8, 8)]})
    assert rules.content([part(call)], known).changed == {1: (9,)}
    assert not rules.content([part(call)], Known(muted=frozenset({1})))


def test_a_call_that_is_over_is_not_announced_but_its_end_is_told_to_who_knew_it() -> None:
    call = new(1, NOON + HOUR, (7, NOON + 2 * HOUR), over=True)
    assert not rules.content([part(call)], Known())
    assert rules.content([part(call)], Known(told={1: 0})).changed == {1: (7,)}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((3, 1, 2), [3, 1, 2]),
        ((100, 0, 0), [50, 0, 0]),
        ((100, 100, 100), [17, 16, 17]),
        ((100, 3, 100), [24, 3, 23]),
        ((0, 0, 0), [0, 0, 0]),
    ],
)
def test_no_list_crowds_out_another(counts: tuple[int, ...], shown: list[int]) -> None:
    found = rules.shares(counts)
    assert sorted(found) == sorted(shown)
    assert sum(found) == min(sum(counts), rules.MOST_SHOWN)
