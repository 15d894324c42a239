"""Digests as readers see them: what is in them, when they come, that they come once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from feedsvc.calls import changes as calls
from feedsvc.calls.models import CallEvent
from feedsvc.content import publication
from feedsvc.content.filters import Filter
from feedsvc.content.profiles import Profile
from feedsvc.db import Database
from feedsvc.mail.message import Reading
from feedsvc.reminders.digests import turn
from feedsvc.reminders.models import Notice, NoticeItem
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes as subscriptions
from feedsvc.subscriptions import queries, silence
from tests.builders import ANA, call_edit, deadline, make_call, make_cluster, make_news
from tests.support.readers import READER, Service, follow, utc

HEAT = "Reuse of process heat"  # closes on 30 April 2026 at 17:00 in Luxembourg
MONDAY = "2026-03-02"  # readers begin at 09:00 UTC, 10:00 in Luxembourg
TUESDAY_HOUR = "2026-03-03 07:00"  # 08:00 in Luxembourg
TUESDAY = "2026-03-03 08:00"  # when all mails of that hour have left
WEDNESDAY = "2026-03-04 08:00"
NEXT_MONDAY = "2026-03-09 08:00"
NOON = "2026-03-02 12:00"


@pytest.fixture
def service(db: Database, settings: Settings) -> Service:
    return Service(db, settings)


def reads(
    db: Database, settings: Settings, *kinds: str, filter: Filter | None = None, **more: object
) -> None:
    """A reader with a digest of each of these kinds: of that filter, or of everything."""
    more.setdefault("offsets", ())
    with db.begin() as session:
        for kind in kinds:
            reader = follow(session, settings, filter=filter or Filter(), digest=kind, **more)  # type: ignore[arg-type]
            assert reader.subscriptions


def publish(db: Database, *titles: str, at: str = NOON, **more: object) -> list[int]:
    with db.begin() as session:
        made = [
            make_call(session, title, now=utc(at), publish_at=utc(at), **more) for title in titles
        ]
        return [call.id for call in made]


def digests(service: Service) -> list[Reading]:
    """All that left."""
    return [
        letter
        for letter in service.letters
        if dict(letter.headers)["Feedback-ID"].startswith("digest")
    ]


def told(service: Service, at: str) -> list[Reading]:
    """The digests of one hour: it is planned when it begins, and they leave before it ends."""
    before = len(digests(service))
    turn.write(service.db, service.settings, utc(at) - timedelta(hours=1))
    turn.write(service.db, service.settings, utc(at))
    service.send(utc(at))
    return digests(service)[before:]


# What is in them, and when they come


def test_a_digest_of_what_fits_says_why_and_tells_of_nothing_else(service, db, settings) -> None:
    reads(db, settings, "daily", filter=Filter(profile=Profile(kinds=("start_up",))))
    publish(db, HEAT, applicants=("company",))
    publish(db, "For schools", applicants=("school",))
    [digest] = told(service, TUESDAY)
    assert "Who can apply: yes. Open to: Companies." in " ".join(digest.text.split())
    assert "Who can apply: yes." in digest.html
    assert "For schools" not in digest.text


def test_a_daily_digest_tells_what_is_new_at_the_readers_hour_and_only_then(
    service, db, settings
) -> None:
    reads(db, settings, "daily")
    publish(db, HEAT)
    assert told(service, NOON) == told(service, "2026-03-03 06:59") == []
    [letter] = told(service, TUESDAY)
    headers = dict(letter.headers)
    assert headers["Subject"] == (
        f"New call: {HEAT} (Closes: 30 April 2026, 17:00 Luxembourg time)"
    )
    assert " 03 Mar 2026 07:" in headers["Date"]
    assert headers["Precedence"] == "bulk"
    assert "You follow: All news and calls for projects (every day)" in letter.text
    assert told(service, WEDNESDAY) == []


def test_new_and_changed_calls_and_news_each_have_their_place(service, db, settings) -> None:
    [old] = publish(db, "An old call", at="2026-02-20 09:00")
    reads(db, settings, "daily")
    publish(db, "Later", key_dates=(deadline("2026-06-01"),))
    publish(db, "Sooner", key_dates=(deadline("2026-05-01"),))
    with db.begin() as session:
        make_news(session, "First news", now=utc(NOON), publish_at=utc(NOON))
        make_news(session, "Last news", now=utc(NOON), publish_at=utc("2026-03-02 13:00"))
        edit = call_edit("An old call", key_dates=(deadline("2026-05-06"),))
        calls.edit_call(session, old, edit, actor=ANA, now=utc(NOON))
    [letter] = told(service, TUESDAY)
    places = [
        letter.text.index(words)
        for words in (
            "2 new calls, 1 changed call and 2 news items", "NEW CALLS", "Sooner", "Later",
            "CHANGED CALLS", "An old call", "extended from 30 April 2026 to 6 May 2026",
            "NEWS", "Last news", "First news",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert dict(letter.headers)["Subject"].endswith("+ 4 more")


def test_a_weekly_digest_comes_on_monday_and_swallows_no_reminder(service, db, settings) -> None:
    reads(db, settings, "weekly", offsets=(3, 1))
    publish(db, HEAT, key_dates=(deadline("2026-03-12"),))
    assert told(service, TUESDAY) == []
    service.turn("2026-03-09 07:00")  # three days before: the reminder comes as well
    assert len(told(service, NEXT_MONDAY)) == 1
    subjects = [dict(letter.headers)["Subject"] for letter in service.letters]
    assert any(subject.startswith("Closes in 3 days") for subject in subjects)
    assert service.turn("2026-03-11 08:00")[0].startswith("Closes tomorrow")


def test_what_is_published_together_is_told_at_once_and_not_at_night(service, db, settings) -> None:
    reads(db, settings, "instant")
    publish(db, HEAT, at="2026-03-02 12:01")
    publish(db, "Another", at="2026-03-02 12:08")
    assert told(service, "2026-03-02 12:09") == []
    [letter] = told(service, "2026-03-02 12:10")
    assert HEAT in letter.text
    assert "Another" in letter.text
    publish(db, "Late in the evening", at="2026-03-02 19:30")  # 20:30 in Luxembourg
    assert told(service, "2026-03-02 23:00") == told(service, "2026-03-03 05:55") == []
    assert "Late in the evening" in told(service, "2026-03-03 06:05")[0].text


def test_only_what_the_filter_finds_and_nothing_from_before_it_began(service, db, settings) -> None:
    with db.begin() as session:
        make_cluster(session, "CleanTech")
    publish(db, "Before", at="2026-03-02 08:59", clusters=("cleantech",))
    reads(db, settings, "daily", filter=Filter(cluster=("cleantech",), kind="call"))
    publish(db, "Found", clusters=("cleantech",))
    publish(db, "Of others")
    with db.begin() as session:
        make_news(session, "News", now=utc(NOON), publish_at=utc(NOON), clusters=("cleantech",))
    [letter] = told(service, TUESDAY)
    assert "Found" in letter.text
    assert not any(title in letter.text for title in ("Before", "Of others", "News"))


def test_a_reader_with_several_digests_gets_one_mail_and_each_entry_once(
    service, db, settings
) -> None:
    reads(db, settings, "daily")
    reads(db, settings, "weekly", filter=Filter(q="heat"))
    reads(db, settings, "daily", filter=Filter(q="process"))
    publish(db, HEAT, at="2026-03-09 06:00")
    [letter] = told(service, NEXT_MONDAY)
    assert letter.text.count(HEAT) == 1
    assert letter.text.count("You follow:") == 3


def test_what_one_digest_told_no_other_tells_again(service, db, settings) -> None:
    reads(db, settings, "daily")
    reads(db, settings, "weekly", filter=Filter(q="heat"))
    [number] = publish(db, HEAT)
    assert len(told(service, TUESDAY)) == 1
    assert told(service, NEXT_MONDAY) == []
    with db.begin() as session:  # published again: known, and not new
        calls.withdraw_call(session, number, actor=ANA, now=utc("2026-03-10 09:00"))
        calls.publish_call(
            session, number, at=utc("2026-03-10 10:00"), actor=ANA, now=utc("2026-03-10 10:00")
        )
    assert told(service, "2026-03-11 08:00") == []


# Exactly once


def test_a_week_of_standstill_is_one_digest(service, db, settings) -> None:
    reads(db, settings, "daily")
    for day in range(3, 9):
        publish(db, f"Call of day {day}", at=f"2026-03-0{day} 09:00")
    [letter] = told(service, "2026-03-10 13:00")
    assert all(f"Call of day {day}" in letter.text for day in range(3, 9))
    assert told(service, "2026-03-10 14:00") == []


def test_many_planners_at_once_write_each_digest_once(service, db, settings) -> None:
    for number in range(6):
        reads(db, settings, "daily", email=f"reader{number}@example.org")
    publish(db, HEAT)
    with ThreadPoolExecutor(3) as pool:
        written = list(pool.map(lambda _: turn.write(db, settings, utc(TUESDAY_HOUR)), range(3)))
    assert sum(written) == 6
    assert turn.write(db, settings, utc(TUESDAY_HOUR)) == 0


def test_what_waits_for_the_mail_server_is_told_by_the_next_digest(service, db, settings) -> None:
    reads(db, settings, "daily")
    publish(db, "First")
    turn.write(db, settings, utc(TUESDAY))  # and nothing leaves: the mail server is away
    publish(db, "Second", at="2026-03-03 12:00")
    [letter] = told(service, WEDNESDAY)
    assert "First" in letter.text
    assert "Second" in letter.text


def test_an_entry_that_becomes_visible_late_is_not_lost(service, db, settings) -> None:
    reads(db, settings, "daily")
    publish(db, "In time")
    assert len(told(service, TUESDAY)) == 1
    publish(db, "In a long import", at="2026-03-03 06:59")  # it was not there at 07:00
    [letter] = told(service, WEDNESDAY)
    assert "In a long import" in letter.text
    assert "In time" not in letter.text


# What must not be told


def test_what_is_withdrawn_or_moves_before_it_leaves_is_told_as_it_is(
    service, db, settings
) -> None:
    reads(db, settings, "daily")
    gone, moved, deleted = publish(db, "Gone", "Moved", "Deleted")
    turn.write(db, settings, utc(TUESDAY_HOUR))
    with db.begin() as session:
        calls.withdraw_call(session, gone, actor=ANA, now=utc(TUESDAY_HOUR))
        publication.delete(session, deleted, actor=ANA, now=utc(TUESDAY_HOUR))
        edit = call_edit("Moved", key_dates=(deadline("2026-05-06"),))
        calls.edit_call(session, moved, edit, actor=ANA, now=utc(TUESDAY_HOUR))
    service.send(utc(TUESDAY))
    assert digests(service) == []
    [letter] = told(service, TUESDAY)
    assert dict(letter.headers)["Subject"].startswith("New call: Moved (Closes: 6 May 2026")
    assert "Gone" not in letter.text
    assert "Deleted" not in letter.text


def test_a_digest_with_nothing_left_in_it_is_not_sent(service, db, settings) -> None:
    reads(db, settings, "daily")
    [gone] = publish(db, "Gone")
    turn.write(db, settings, utc(TUESDAY_HOUR))
    with db.begin() as session:
        calls.withdraw_call(session, gone, actor=ANA, now=utc(TUESDAY_HOUR))
    service.send(utc(TUESDAY))
    assert told(service, TUESDAY) == told(service, WEDNESDAY) == []


def test_who_ends_mutes_or_pauses_between_plan_and_sending_is_not_told(
    service, db, settings
) -> None:
    for name in ("ends", "mutes", "pauses"):
        reads(db, settings, "daily", email=f"{name}@example.org")
    [heat, _] = publish(db, HEAT, "Another")
    turn.write(db, settings, utc(TUESDAY_HOUR))
    at = utc(TUESDAY_HOUR)
    with db.begin() as session:
        ends, mutes, pauses = (
            queries.by_address(session, f"{name}@example.org")
            for name in ("ends", "mutes", "pauses")
        )
        subscriptions.unsubscribe(session, ends, settings=settings, now=at)
        silence.mute(session, mutes, heat, settings=settings, now=at)
        silence.pause(session, pauses, utc(WEDNESDAY).date(), settings=settings, now=at)
    service.send(utc(TUESDAY))
    told(service, TUESDAY)
    [letter] = digests(service)
    assert service.transport.addresses[-1] == "mutes@example.org"
    assert HEAT not in letter.text
    publish(db, "After the pause", at="2026-03-04 09:00")
    later = told(service, "2026-03-05 08:00")
    assert ["After the pause" in letter.text for letter in later] == [True, True]
    assert not any("Another" in letter.text for letter in later)


def test_a_change_that_a_notice_told_is_not_told_again(service, db, settings) -> None:
    [heat] = publish(db, HEAT, at="2026-02-20 09:00")
    reads(db, settings, "daily")
    with db.begin() as session:
        edit = call_edit(HEAT, key_dates=(deadline("2026-05-06"),))
        calls.edit_call(session, heat, edit, actor=ANA, now=utc(NOON))
        reader = queries.by_address(session, READER)
        event = session.scalars(select(CallEvent.id).where(CallEvent.type == "date_extended")).one()
        notice = Notice(
            key="n", call_id=heat, kind="changed", first_event_id=event, last_event_id=event,
            due_at=utc(NOON), expires_at=utc(NEXT_MONDAY), state="done",
        )  # fmt: skip
        session.add(notice)
        session.flush()
        session.add(
            NoticeItem(
                notice_id=notice.id, subscriber_id=reader.id, state="mailed", planned_at=utc(NOON)
            )
        )
    assert told(service, TUESDAY) == []


def test_old_news_that_are_imported_today_are_not_new_and_closed_calls_neither(
    service, db, settings
) -> None:
    reads(db, settings, "daily")
    with db.begin() as session:
        make_news(session, "Of last year", now=utc(NOON), publish_at=utc("2025-03-02 12:00"))
        make_news(session, "Of yesterday", now=utc(NOON), publish_at=utc("2026-03-01 12:00"))
        dates = (deadline("2026-03-01"),)
        make_call(
            session, "Over", now=utc(NOON), publish_at=utc("2026-01-02 12:00"), key_dates=dates
        )
    [letter] = told(service, TUESDAY)
    assert "Of yesterday" in letter.text
    assert "Of last year" not in letter.text
    assert "Over" not in letter.text


def test_one_digest_that_cannot_be_written_stops_no_other_and_is_not_lost(
    service, db, settings
) -> None:
    reads(db, settings, "daily", email="broken@example.org")
    reads(db, settings, "daily")
    publish(db, HEAT)
    with db.begin() as session:
        queries.by_address(session, "broken@example.org").language = "xx"
    assert len(told(service, TUESDAY)) == 1
    with db.begin() as session:
        queries.by_address(session, "broken@example.org").language = "en"
    assert len(told(service, WEDNESDAY)) == 1
