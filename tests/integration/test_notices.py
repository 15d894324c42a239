"""What readers are told of changes, cancellations and next editions: once, in time, and the truth."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from feedsvc.calls import changes as calls
from feedsvc.calls.models import Call
from feedsvc.content.filters import Filter
from feedsvc.content.models import Translation
from feedsvc.db import Database
from feedsvc.mail.message import Reading
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import Outcome
from feedsvc.reminders.models import DigestEntry, Item, Notice, NoticeItem
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes as subscriptions
from feedsvc.subscriptions import queries, silence
from feedsvc.subscriptions.models import Subscriber
from tests.builders import ANA, call_edit, deadline, make_call, make_cluster
from tests.support.readers import READER, Service, follow, utc

HEAT = "Reuse of process heat"  # closes on 30 April 2026 at 17:00 in Luxembourg
NOON = utc("2026-04-01 10:00")  # 12:00 in Luxembourg
NIGHT = utc("2026-04-01 20:00")  # 22:00
MORNING = utc("2026-04-02 05:00")  # 07:00
TAKEN = Outcome("accepted", "250 ok")
A, B, C = "2026-04-30", "2026-05-12", "2026-05-20"


def _kind(letter: Reading) -> str:
    return dict(letter.headers)["Feedback-ID"]


def after(minutes: float, start: datetime = NOON) -> datetime:
    return start + timedelta(minutes=minutes)


class Desk(Service):
    """The service, and an editor at work."""

    def told(self, at: datetime) -> list[str]:
        """The subjects of what leaves in one turn."""
        before = len(self.mails)
        self.turn(at)
        return [str(dict(letter.headers)["Subject"]) for letter in self.mails[before:]]

    @property
    def mails(self) -> list[Reading]:
        """What has left, but confirmations."""
        return [one for one in self.letters if not _kind(one).startswith("confirmation")]

    @property
    def readers(self) -> list[str]:
        return sorted(str(dict(letter.headers)["To"]) for letter in self.mails)

    def edit(self, call_id: int, at: datetime, day: str = A, **more: Any) -> None:
        with self.db.begin() as session:
            edit = call_edit(HEAT, key_dates=(deadline(day),), **more)
            calls.edit_call(session, call_id, edit, actor=ANA, now=at)

    def do(self, act: Any, call_id: int, now: datetime, *more: Any) -> None:
        with self.db.begin() as session:
            act(session, call_id, *more, actor=ANA, now=now)

    def publish(self, call_id: int, now: datetime) -> None:
        with self.db.begin() as session:
            calls.publish_call(session, call_id, at=now, actor=ANA, now=now)

    def follows(self, email: str = READER, **more: Any) -> None:
        with self.db.begin() as session:
            follow(session, self.settings, email=email, **more)

    def becomes(self, state: str) -> None:
        """Every mail about a change."""
        with self.db.begin() as session:
            changed = OutboxMail.kind == "changed"
            session.execute(update(OutboxMail).where(changed).values(state=state))

    def fates(self) -> list[tuple[str, str]]:
        """State and reason of every item of a notice."""
        with self.db.read() as session:
            rows = session.execute(
                select(NoticeItem.state, NoticeItem.reason).order_by(NoticeItem.id)
            )
            return [(state, reason) for state, reason in rows]

    def notices(self) -> list[tuple[str, str]]:
        with self.db.read() as session:
            rows = session.execute(select(Notice.kind, Notice.reason).order_by(Notice.id))
            return [(kind, reason) for kind, reason in rows]


@pytest.fixture
def desk(db: Database, settings: Settings) -> Desk:
    return Desk(db, settings)


@pytest.fixture
def heat(desk: Desk) -> int:
    """A call that one reader follows."""
    with desk.db.begin() as session:
        call_id = make_call(session, HEAT).id
        follow(session, desk.settings, entry_id=call_id)
        return call_id


# Debounce


def test_five_edits_in_two_minutes_are_one_mail_with_the_last_value(desk, heat) -> None:
    for n, day in enumerate((B, C, A, B, C)):
        reasons = {"en": "More time\r\nBcc: all@example.org"} if day == C else {}
        desk.edit(heat, after(n / 2), day, reasons=reasons)
    assert desk.told(after(11.9)) == []
    assert desk.told(after(12)) == [
        f"Deadline extended to 20 May 2026, 17:00 Luxembourg time (was 30 April): {HEAT}"
    ]
    assert desk.told(after(30)) == []
    [letter] = desk.mails
    assert "The reason given: More time Bcc: all@example.org" in letter.text
    assert "Bcc" not in dict(letter.headers)
    assert b"SEQUENCE:5" in letter.attachments[0].content


def test_who_edits_on_and_on_is_told_of_after_an_hour(desk, heat) -> None:
    for n in range(8):
        desk.edit(heat, after(9 * n), B, reference=str(n), award_max=Decimal(100 + n))
    assert desk.told(after(59)) == []
    [subject] = desk.told(after(63))
    assert subject.startswith("Deadline extended to 12 May 2026")


def test_what_is_taken_back_at_once_is_told_to_nobody(desk, heat) -> None:
    desk.edit(heat, NOON, B)
    desk.edit(heat, after(3), A)
    assert desk.told(after(30)) == []
    assert desk.notices() == [("changed", "undone")]


def test_what_was_told_and_moves_back_is_told_again(desk, heat) -> None:
    desk.edit(heat, NOON, B)
    assert len(desk.told(after(10))) == 1
    desk.edit(heat, after(60), A)
    assert desk.told(after(70)) == [
        f"Deadline brought forward to 30 April 2026, 17:00 Luxembourg time (was 12 May): {HEAT}"
    ]


def test_a_date_that_is_confirmed_where_it_was_is_told(desk, heat) -> None:
    with desk.db.begin() as session:
        unsure = call_edit(HEAT, key_dates=(deadline(A, certainty="estimated"),))
        calls.edit_call(session, heat, unsure, actor=ANA, now=NOON)
    [unsettled] = desk.told(after(10))
    desk.edit(heat, after(60), A)
    [confirmed] = desk.told(after(70))
    assert unsettled.startswith("Deadline no longer certain: expected 30 April 2026")
    assert confirmed == f"Deadline confirmed: 30 April 2026, 17:00 Luxembourg time: {HEAT}"
    assert "Was:" not in desk.mails[-1].text


def test_a_date_that_is_taken_away_is_told_to_all_who_were_told_of_it(desk, heat) -> None:
    first = utc("2026-04-23 07:00")
    desk.follows("filter@example.org", offsets=(7,))
    assert len(desk.told(first)) == 2
    with desk.db.begin() as session:
        edit = call_edit(HEAT, key_dates=(), deadline_model="to_be_announced")
        calls.edit_call(session, heat, edit, actor=ANA, now=after(60, first))
    subjects = desk.told(after(70, first))
    assert subjects == [f"The deadline of 30 April 2026 no longer applies: {HEAT}"] * 2
    assert desk.told(utc("2026-04-29 07:00")) == []
    with desk.db.read() as session:
        rows = session.scalars(select(Item).where(Item.days == 7)).all()
        assert [row.state for row in rows] == ["mailed", "mailed"], "the ledger keeps them"
        assert session.get_one(Call, heat).key_dates == []


def test_minor_edits_are_told_to_nobody(desk, heat) -> None:
    desk.edit(heat, NOON, B, material=False)
    assert desk.told(after(30)) == []
    assert desk.notices() == []


# The truth, while mails wait


def test_at_night_a_change_waits_and_the_morning_tells_the_net_change(desk, heat) -> None:
    desk.edit(heat, NIGHT, B)
    assert desk.told(after(15, NIGHT)) == []
    desk.edit(heat, after(60, NIGHT), C)
    assert desk.told(after(75, NIGHT)) == []
    assert desk.told(MORNING) == [
        f"Deadline extended to 20 May 2026, 17:00 Luxembourg time (was 30 April): {HEAT}"
    ]
    assert desk.fates() == [("void", "superseded"), ("mailed", "")]


def test_a_change_undone_in_the_night_is_told_to_nobody(desk, heat) -> None:
    desk.edit(heat, NIGHT, B)
    desk.turn(after(15, NIGHT))
    desk.edit(heat, after(60, NIGHT), A)
    assert desk.told(after(75, NIGHT)) == []
    assert desk.told(MORNING) == []


def test_a_near_deadline_does_not_wait_for_the_morning(desk, heat) -> None:
    desk.edit(heat, NIGHT, "2026-04-02")
    assert len(desk.told(after(15, NIGHT))) == 1


def test_a_date_that_moves_between_plan_and_sending_is_told_as_it_is_then(desk, heat) -> None:
    desk.edit(heat, NOON, B)
    desk.plan(after(10))
    desk.edit(heat, after(10.2), C)
    desk.send(after(10.3))
    assert desk.mails == []
    assert desk.fates() == [("planned", "")]
    assert desk.told(after(21)) == [
        f"Deadline extended to 20 May 2026, 17:00 Luxembourg time (was 30 April): {HEAT}"
    ]
    desk.edit(heat, after(100), C, award_max=Decimal(5), material=False)  # minor, and nothing waits
    assert desk.told(after(120)) == []


def test_what_nobody_can_be_wrong_about_any_more_is_not_told(desk, heat) -> None:
    desk.edit(heat, NOON, "2026-04-03")
    assert desk.told(utc("2026-05-01 10:00")) == []
    desk.edit(heat, utc("2026-05-02 10:00"), "2026-04-03", award_max=Decimal(7))
    assert desk.told(utc("2026-05-02 11:00")) == []
    assert desk.notices() == [("changed", "late")]


def test_two_planners_at_once_write_one_mail(desk, heat) -> None:
    desk.edit(heat, NOON, B)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(desk.plan, [after(10)] * 4))
    desk.send(after(11))
    assert desk.readers == [READER]


# Whom


def test_those_are_told_who_follow_the_call_or_were_told_of_it(desk, heat) -> None:
    with desk.db.begin() as session:
        make_cluster(session, "CleanTech")
        for name in ("reminded", "digested", "muted", "paused", "gone", "never", "new"):
            follow(session, desk.settings, email=f"{name}@example.org")
        rows = {
            name: queries.by_address(session, f"{name}@example.org")
            for name in ("reminded", "digested", "muted", "paused", "gone", "new")
        }
        for number, (name, reader) in enumerate(rows.items()):
            if name == "new":
                continue
            mail = OutboxMail(
                recipient_key=reader.uid, kind="digest", slot_key=str(number), address="x",
                subject="", content="", message_id="", state="accepted", created_at=NOON,
                dated_at=NOON, send_after=NOON,
            )  # fmt: skip
            session.add(mail)
            session.flush()
            if name == "digested":
                reader.subscriptions[0].digest = "daily"
                session.add(DigestEntry(mail_id=mail.id, entry_id=heat, why="new"))
            else:
                session.add(_item(session, heat, reader, mail))
        silence.mute(session, rows["muted"], heat, settings=desk.settings, now=NOON)
        rows["paused"].paused_until = after(600)
        subscriptions.unsubscribe(session, rows["gone"], settings=desk.settings, now=NOON)
    desk.edit(heat, NOON, B)
    with desk.db.begin() as session:  # later than the change: they saw it as it is
        follow(session, desk.settings, email="late@example.org", entry_id=heat, now=after(5))
    desk.turn(after(10))
    assert desk.readers == [
        "digested@example.org", READER, "reminded@example.org",
    ]  # fmt: skip
    assert ("void", "paused") in desk.fates()
    assert len(desk.fates()) == 4


def _item(session: Any, call_id: int, reader: Subscriber, mail: OutboxMail) -> Item:
    """A reminder of the call's deadline that has reached its reader."""
    call = session.get(calls.Call, call_id)
    [date] = call.key_dates
    return Item(
        occasion_id=0, subscriber_id=reader.id,
        subscription_id=reader.subscriptions[0].id, key_date_id=date.id, deadline_at=date.utc_at,
        days=30, state="mailed", mail_id=mail.id, planned_at=NOON,
    )  # fmt: skip


def test_who_stops_or_mutes_before_it_leaves_is_not_told(desk, heat) -> None:
    desk.follows("other@example.org", entry_id=heat)
    desk.edit(heat, NOON, B)
    desk.plan(after(10))
    with desk.db.begin() as session:
        reader = queries.by_address(session, READER)
        other = queries.by_address(session, "other@example.org")
        subscriptions.unsubscribe(session, reader, settings=desk.settings, now=after(10))
        silence.mute(session, other, heat, settings=desk.settings, now=after(10))
    desk.send(after(11))
    assert desk.mails == []
    assert sorted(desk.fates()) == [("void", "muted"), ("void", "unsubscribed")]


def test_a_mail_that_was_refused_has_told_nothing(desk, heat) -> None:
    desk.transport.answer = lambda _address: Outcome("refused", "550 no")
    desk.edit(heat, NOON, B)
    assert desk.told(after(10)) == []
    desk.transport.answer = lambda _address: Outcome("accepted", "250 ok")
    desk.edit(heat, after(60), C)
    [subject] = desk.told(after(70))
    assert subject.endswith("(was 30 April): Reuse of process heat")


def test_a_mail_that_cannot_be_written_stops_no_other(desk, heat) -> None:
    with desk.db.begin() as session:
        bad = make_call(session, "Without a title").id
        follow(session, desk.settings, email="bad@example.org", entry_id=bad)
    desk.edit(bad, NOON, B)
    desk.edit(heat, NOON, B)
    with desk.db.begin() as session:
        session.execute(delete(Translation).where(Translation.entry_id == bad))
    assert len(desk.told(after(10))) == 1
    assert sorted(desk.fates()) == [("mailed", ""), ("void", "failed")]


def test_several_calls_that_change_at_once_are_one_mail(desk, heat) -> None:
    with desk.db.begin() as session:
        other = make_call(session, HEAT).id
        follow(session, desk.settings, entry_id=other)
    desk.edit(other, NOON, B)
    desk.edit(heat, NOON, C)
    [subject] = desk.told(after(10))
    assert subject.startswith("Deadline extended to 12 May 2026")
    assert subject.endswith("+ 1 more")


# A notice counts as a reminder


def test_a_deadline_moved_closer_is_told_once_and_no_reminder_follows(desk, heat) -> None:
    with desk.db.begin() as session:
        follow(session, desk.settings, email="all@example.org", offsets=(14, 7, 1))
    desk.edit(heat, NOON, "2026-04-06")
    assert desk.told(after(5)) == [], "nobody is reminded of what may change again"
    subjects = desk.told(after(10)) + desk.told(after(11)) + desk.told(after(60))
    assert sorted(subject.partition(" to ")[0].partition(":")[0] for subject in subjects) == [
        "Closes in 5 days",  # who was never told of the call is reminded as ever
        "Deadline brought forward",
    ]
    assert "From 1 April, that leaves 5 days." in desk.mails[0].text + desk.mails[1].text
    assert len(desk.told(utc("2026-04-05 07:00"))) == 2, "the last day is told as ever"


def test_who_was_refused_the_notice_is_reminded_and_who_got_it_is_not(desk, heat) -> None:
    for name in ("ana", "ben"):
        desk.follows(f"{name}@example.org", entry_id=heat, offsets=(14, 7, 1))
    desk.transport.answer = lambda address: (
        Outcome("refused", "554 5.6.0 not like this") if address.startswith("ben") else TAKEN
    )
    desk.edit(heat, NOON, "2026-04-06")
    assert len(desk.told(after(10))) == 2, "the reader of the fixture, and Ana"
    desk.transport.answer = lambda _address: TAKEN
    [subject] = desk.told(after(11))
    assert subject.startswith("Closes in 5 days")
    assert desk.readers.count("ben@example.org") == 1
    with desk.db.read() as session:
        ben = queries.by_address(session, "ben@example.org")
        rows = session.scalars(select(Item).where(Item.subscriber_id == ben.id)).all()
        assert {(row.days, row.state, row.reason) for row in rows} == {
            (7, "mailed", ""), (14, "void", "coalesced"),
        }  # fmt: skip
    assert desk.told(after(12)) == []


def test_a_change_undone_before_it_was_told_hides_no_reminder(desk, heat) -> None:
    due = utc("2026-04-23 06:00")  # 08:00 in Luxembourg
    desk.edit(heat, after(-20, due), B)
    desk.plan(after(-9, due))  # the mail server is away
    desk.edit(heat, after(20, due), A)
    assert [one[:16] for one in desk.told(after(30, due))] == ["Closes in 7 days"]


def test_a_change_undone_while_its_mail_was_in_hand_hides_no_reminder(desk, heat) -> None:
    due = utc("2026-04-23 06:00")
    desk.edit(heat, after(-20, due), B)
    desk.plan(after(-9, due))
    desk.becomes("leased")
    desk.edit(heat, after(20, due), A)
    desk.plan(after(30, due))
    desk.becomes("queued")
    assert [one[:16] for one in desk.told(after(32, due))] == ["Closes in 7 days"]


def test_a_change_undone_after_the_date_was_told_hides_no_later_reminder(desk, heat) -> None:
    due = utc("2026-04-23 06:00")
    desk.edit(heat, NOON, B)
    desk.turn(after(10))
    desk.edit(heat, after(-30, due), A)
    assert len(desk.told(after(-20, due))) == 1, "it closes on 30 April again"
    desk.edit(heat, after(-2, due), C)
    desk.plan(after(9, due))  # the mail server is away
    desk.edit(heat, after(20, due), A)
    assert [one[:16] for one in desk.told(after(31, due))] == ["Closes in 7 days"]


def test_a_change_undone_after_the_date_was_told_repeats_no_reminder(desk, heat) -> None:
    due = utc("2026-04-23 06:00")
    desk.edit(heat, NOON, B)
    desk.turn(after(10))
    desk.edit(heat, after(-5, due), A)
    assert len(desk.told(after(5, due))) == 1, "it stands for the reminder of 7 days before"
    desk.edit(heat, after(30, due), C)
    desk.plan(after(41, due))  # the mail server is away
    desk.edit(heat, after(60, due), A)
    assert desk.told(after(71, due)) == []


def test_a_notice_that_never_left_is_no_reminder_when_the_call_comes_back(desk, heat) -> None:
    desk.follows("ana@example.org", entry_id=heat, offsets=(14, 7, 1))
    desk.edit(heat, NIGHT, "2026-04-06")
    assert desk.told(after(15, NIGHT)) == [], "it waits for the morning"
    desk.do(calls.withdraw_call, heat, after(30, NIGHT))
    assert desk.told(MORNING) == [f"Withdrawn: {HEAT}"] * 2
    desk.publish(heat, after(240, MORNING))
    [subject] = {one for one in desk.told(after(241, MORNING)) if "after all" not in one}
    assert subject.startswith("Closes in 4 days")
    assert desk.readers.count("ana@example.org") == 2


def test_who_was_told_by_a_later_notice_is_not_reminded_as_well(desk, heat) -> None:
    desk.transport.answer = lambda _address: Outcome("refused", "554 5.6.0 not like this")
    desk.edit(heat, NOON, "2026-04-06")
    desk.turn(after(10))
    desk.transport.answer = lambda _address: TAKEN
    desk.edit(heat, after(10), "2026-04-06", award_max=Decimal(1_000_000))
    subjects = desk.told(after(21)) + desk.told(after(22))
    assert [subject.partition(" to ")[0] for subject in subjects] == ["Deadline brought forward"]


# Off, and on again


def test_a_cancelled_call_is_told_once_and_its_dates_are_struck(desk, heat) -> None:
    desk.follows("never@example.org", filter=Filter())
    desk.do(calls.cancel_call, heat, NOON, {"en": "No budget."})
    assert desk.told(after(9)) == []
    assert desk.told(after(10)) == [f"Cancelled: {HEAT}"]
    assert desk.readers == [READER]
    [letter] = desk.mails
    assert "No budget." in letter.text
    assert b"STATUS:CANCELLED" in letter.attachments[0].content
    assert b"SEQUENCE:1" in letter.attachments[0].content
    desk.do(calls.withdraw_call, heat, after(60))
    assert desk.told(after(80)) == []


def test_a_call_that_leaves_by_itself_is_told_when_it_has_left(desk, heat) -> None:
    with desk.db.begin() as session:
        calls.keep_call_until(session, heat, until=after(30), actor=ANA, now=NOON)
    assert desk.told(after(39)) == []
    assert desk.told(after(40)) == [f"Withdrawn: {HEAT}"]
    assert b"STATUS:CANCELLED" in desk.mails[0].attachments[0].content


def test_a_call_that_is_cancelled_before_it_leaves_is_told_as_cancelled(desk, heat) -> None:
    with desk.db.begin() as session:
        calls.keep_call_until(session, heat, until=after(9000), actor=ANA, now=NOON)
    desk.do(calls.cancel_call, heat, NOON, {"en": "No budget."})
    assert desk.told(after(10)) == [f"Cancelled: {HEAT}"]
    assert b"SEQUENCE:1" in desk.mails[0].attachments[0].content


def test_who_unpublishes_and_republishes_at_once_tells_nobody(desk, heat) -> None:
    desk.do(calls.withdraw_call, heat, NOON)
    desk.turn(after(5))
    desk.publish(heat, after(9))
    assert desk.told(after(60)) == []
    assert desk.notices() == []


def test_a_date_that_changed_while_the_call_was_away_is_told(desk, heat) -> None:
    desk.do(calls.withdraw_call, heat, NOON)
    desk.edit(heat, after(2), B)
    desk.publish(heat, after(4))
    assert desk.told(after(14)) == [
        f"Deadline extended to 12 May 2026, 17:00 Luxembourg time (was 30 April): {HEAT}"
    ]


def test_a_call_that_comes_back_is_told_to_those_who_thought_it_gone(desk, heat) -> None:
    desk.follows("sleeper@example.org", entry_id=heat)
    with desk.db.begin() as session:
        queries.by_address(session, "sleeper@example.org").paused_until = after(100)
    desk.do(calls.withdraw_call, heat, NOON)
    assert desk.told(after(10)) == [f"Withdrawn: {HEAT}"]
    assert b"STATUS:CANCELLED" in desk.mails[0].attachments[0].content
    desk.publish(heat, after(120))
    assert desk.told(after(125)) == []
    assert desk.told(after(130)) == [f"The call goes ahead after all: {HEAT}"]
    assert set(desk.readers) == {READER}
    assert b"SEQUENCE:2" in desk.mails[1].attachments[0].content
    desk.do(calls.withdraw_call, heat, after(200))
    assert desk.told(after(210)) == [f"Withdrawn: {HEAT}"] * 2, "now the sleeper is awake too"


def test_a_cancellation_that_no_longer_holds_does_not_leave(desk, heat) -> None:
    desk.do(calls.withdraw_call, heat, NIGHT)
    desk.turn(after(10, NIGHT))
    desk.publish(heat, after(60, NIGHT))
    assert desk.told(MORNING) == []
    assert desk.fates() == [("void", "stands again"), ("void", "undone")]


def test_taking_an_old_call_off_the_site_is_no_news(desk, heat) -> None:
    desk.do(calls.withdraw_call, heat, utc("2026-06-01 10:00"))
    assert desk.told(utc("2026-06-01 11:00")) == []


# Next editions


def test_who_waits_for_the_next_edition_is_told_when_it_is_out(desk) -> None:
    with desk.db.begin() as session:
        old = make_call(session, "Heat 2026", series="Heat", edition="2026").id
        follow(session, desk.settings, entry_id=old, offsets=(), next_edition=True)
        follow(session, desk.settings, email="only@example.org", entry_id=old)
    with desk.db.begin() as session:
        for series, edition, at in (("Heat", "2027", NOON), ("Timber", "2027", NOON),
                                    ("Heat", "2026", NOON)):  # fmt: skip
            make_call(
                session, f"{series} {edition}", series=series, edition=edition, publish_at=at,
                key_dates=(deadline("2027-04-30"),), now=NOON,
            )  # fmt: skip
    assert desk.told(after(9)) == []
    assert desk.told(after(10)) == [
        "New edition, deadline 30 April 2027, 17:00 Luxembourg time: Heat 2027"
    ]
    assert desk.readers == [READER]
    assert "It follows: Heat 2026" in desk.mails[0].text
    with desk.db.begin() as session:
        make_call(
            session, "Heat 2028", series="Heat", edition="2028", publish_at=after(300),
            key_dates=(deadline("2028-04-30"),), now=after(300),
        )  # fmt: skip
    assert len(desk.told(after(320))) == 1, "the watch stays"
