"""The ledger: every planned reminder ends in one state, for a reason that can be told."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

import pytest
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call
from feedsvc.db import Database
from feedsvc.errors import Conflict
from feedsvc.i18n import language
from feedsvc.mail import again, queries, rules
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.queries import Wanted
from feedsvc.mail.rules import Outcome
from feedsvc.reminders import (
    counting,
    enquiry,
    export,
    ledger,
    numbers,
    plan,
    printed,
    reasons,
    rehearsal,
    replay,
    rounds,
    walk,
)
from feedsvc.reminders.rounds import Round
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes
from feedsvc.subscriptions import queries as readers
from tests.builders import BEGINNING, make_call
from tests.support.readers import Service, follow, utc

EN = language("en")
T_7 = "2026-04-23 07:00"
REFUSED = Outcome("refused", "550 5.1.1 no such user")
LATER = Outcome("deferred", "450 4.2.0 greylisted")
NAMES = ("ana", "ben", "eve", "kim", "leo")


def answer(address: str) -> Outcome:
    """Ben's address is not there, Kim's server asks to come back."""
    local = address.partition("@")[0]
    return {"ben": REFUSED, "kim": LATER}.get(local, Outcome("accepted", "250 2.0.0 taken"))


@pytest.fixture
def service(db: Database, settings: Settings) -> Service:
    """A round with every fate: Ana gets it, Ben's fails, Kim's waits, Eve ends it, Leo is forgotten."""
    found = Service(db, settings)
    with db.begin() as session:
        make_call(session)
        for name in NAMES:
            follow(session, settings, email=f"{name}@example.org", offsets=(7,))
    found.send(BEGINNING)
    found.plan(utc("2026-04-23 06:00"))
    with db.begin() as session:
        changes.unsubscribe(session, reader(session, "eve"), settings=settings, now=utc(T_7))
        changes.erase(session, reader(session, "leo"), settings=settings, now=utc(T_7))
    found.transport.answer = answer
    found.send(utc(T_7))
    return found


def reader(session: Session, name: str):  # type: ignore[no-untyped-def]
    found = readers.by_address(session, f"{name}@example.org")
    assert found is not None
    return found


def all_rounds(session: Session, times: int = 1) -> list[Round]:
    """Those of the call, as if so many times as many readers had been in them."""
    found = rounds.of(session, 1, numbers.of(session, session.get_one(Call, 1)))
    return [
        replace(one, tally=replace(one.tally, planned=one.tally.planned * times)) for one in found
    ]


def mail(session: Session, name: str) -> OutboxMail:
    [found] = queries.recent(session, Wanted(search=f"{name}@", kind="reminder"))
    return found


def test_what_was_planned_is_the_sum_of_its_states(service: Service) -> None:
    with service.db.read() as session:
        assert ledger.tally(session) == {"accepted": 1, "failed": 1, "queued": 1, "void": 2}
        call = session.get_one(Call, 1)
        counted = numbers.of(session, call)
        [round_] = rounds.of(session, 1, counted)
        fared = round_.tally
        lost = sum(why.number for why in fared.whys)
        assert (fared.planned, fared.accepted, fared.waiting, lost) == (5, 1, 1, 3)
        assert {(why.word, reasons.words(why.reason, EN)) for why in fared.whys} == {
            ("failed", REFUSED.reply),
            ("void", "the reader has ended this"),
            ("void", "the reader asked to be forgotten"),
        }
        assert (counted.told, counted.following, counted.counted_at) == (1, 3, None)
        # In which minutes all were told, and how long the slowest took after its planned second.
        assert (round_.due_at, fared.first, fared.last) == (
            utc("2026-04-23 06:00"), utc(T_7), utc(T_7),
        )  # fmt: skip
        assert timedelta() <= (fared.slowest or timedelta(days=1)) <= timedelta(hours=1)


@pytest.mark.parametrize("times", [1, 1_000], ids=["met on the way", "looked for"])
def test_every_row_is_on_one_page_of_its_state_and_in_the_table(
    service: Service, times: int
) -> None:
    """However many readers there are beside them: where few have a state, they are looked for."""
    with service.db.read() as session:
        of_call = all_rounds(session, times)
        groups = {
            group: [row.id for row in walk.page(session, of_call, group=group).rows]
            for group in walk.GROUPS
        }
        everything = [row.id for row in walk.page(session, of_call).rows]
        assert len(everything) == 5
        assert sorted(chain.from_iterable(groups.values())) == sorted(everything)
        assert {group: len(ids) for group, ids in groups.items() if ids} == {
            "accepted": 1, "failed": 1, "waiting": 1, "void": 2,
        }  # fmt: skip
        first = walk.page(session, of_call, limit=3)
        rest = walk.page(session, of_call, limit=3, after=first.more)
        assert [row.id for row in (*first.rows, *rest.rows)] == everything
        assert rest.more is None
        assert [row.id for row in walk.every(session, of_call, batch=2)] == everything
        text = b"".join(
            export.lines(
                session, of_call, "uid of the call", addresses=False, language=EN,
                settings=service.settings,
            )
        ).decode()  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(text)))
    assert Counter(row["state"] for row in rows) == {
        "accepted": 1, "failed": 1, "queued": 1, "void": 2,
    }  # fmt: skip
    assert "example.org" not in text
    assert len({row["reader"] for row in rows}) == 5  # four pseudonyms, and one who was forgotten
    [taken] = [row for row in rows if row["state"] == "accepted"]
    assert taken["accepted_at"] == "2026-04-23T07:00:00+00:00"
    assert (taken["server_reply"], taken["reason"]) == ("250 2.0.0 taken", "")
    assert taken["about"] == "Closes: 30 April 2026, 17:00 (Luxembourg time)"


def test_the_story_of_a_mail_can_be_read_aloud(service: Service) -> None:
    waiting = story(service, "kim")
    for words in (
        "kim@example.org  waiting",
        "Planned for “Reuse of process heat”: Closes: 30 April 2026",
        "The reader follows: All calls for projects.",
        "A try failed for now: 450 4.2.0 greylisted",
        "The next try is on 23 April 2026, 09:0",
        "It is not sent after 30 April 2026, 16:00",
    ):
        assert words in waiting
    blanked = story(service, "")
    assert "address and text are not kept any more" in blanked
    assert "leo" not in blanked


def test_an_address_is_told_why_it_got_what_it_got(service: Service) -> None:
    now = utc("2026-04-25 09:00")
    with service.db.begin() as session:
        follow(session, service.settings, email="zoe@example.org", offsets=(7, 1), now=now)
        call = session.get_one(Call, 1)
        for name, said in (
            ("ana", "7 days before: accepted, 23 April 2026, 09:00 (Luxembourg time)"),
            ("eve", "Nothing: it was ended."),
            ("eve", "7 days before: not needed any more, the reader has ended this"),
            ("leo", "It follows nothing here"),
            ("zoe", "7 days before: was due on 23 April 2026, 08:00 (Luxembourg time), and is"),
            ("zoe", "1 day before: comes on 29 April 2026, 08:00"),
        ):  # fmt: skip
            chapters = enquiry.of(
                session, f"{name}@example.org", call=call, settings=service.settings,
                language=EN, now=now,
            )  # fmt: skip
            text = "\n".join(line for one in chapters for line in (one.title, *one.lines))
            assert said in text, name


def test_a_person_may_try_again_what_can_still_be_of_use(service: Service) -> None:
    at, late = utc("2026-04-23 07:01"), utc("2026-05-01 00:00")
    with service.db.begin() as session:
        mails = {name: mail(session, name) for name in ("ana", "ben", "eve", "kim")}
        assert [name for name, row in mails.items() if again.may_retry(row, at)] == ["ben"]
        assert [name for name, row in mails.items() if again.may_hasten(row, at)] == ["kim"]
        assert not any(again.may_retry(row, late) for row in mails.values())
        assert not any(again.may_hasten(row, late) for row in mails.values())
        again.retry(session, mails["ben"].id, now=at)
        again.hasten(session, mails["kim"].id, now=at)
        with pytest.raises(Conflict):
            again.retry(session, mails["ana"].id, now=at)
    service.transport.answer = lambda _address: Outcome("accepted", "250 at last")
    service.send(at)
    with service.db.read() as session:
        assert ledger.tally(session) == {"accepted": 3, "void": 2}
        sent = mail(session, "ben")
        assert (sent.reason, sent.message_id) == ("250 at last", mails["ben"].message_id)


def test_what_was_never_answered_is_sent_once_more_when_an_operator_says_so(
    service: Service,
) -> None:
    at = utc("2026-04-23 07:01")
    service.transport.answer = lambda _address: Outcome("uncertain", "")
    with service.db.begin() as session:
        again.hasten(session, mail(session, "kim").id, now=at)
    for now in (at, at + timedelta(hours=1)):
        service.send(now)
    now = at + timedelta(hours=2)
    assert replay.found(service.db, utc("2026-05-01 00:00"), limit=9) == [], "of no use any more"
    [one] = replay.found(service.db, now, limit=9)
    assert one.address == "k…@example.org"
    assert replay.send(service.db, now, limit=9) == 1
    assert replay.send(service.db, now, limit=9) == 0
    service.send(now)
    with service.db.read() as session:
        sent = mail(session, "kim")
        assert (sent.state, sent.reason) == ("failed", rules.UNANSWERED), "one try, not two"
    subject = "Subject: Closes in 7 days"
    copies = [
        content for to, content in service.transport.sent
        if to == "kim@example.org" and subject.encode() in content
    ]  # fmt: skip
    assert len(copies) == 3, "twice, and once more"
    assert len(set(copies)) == 1, "the same bytes"
    assert "An operator had it sent once more" in story(service, "kim")


def test_who_is_forgotten_before_a_mail_is_written_leaves_a_void_row(
    db: Database, settings: Settings
) -> None:
    service = Service(db, settings)
    with db.begin() as session:
        make_call(session)
        follow(session, settings, offsets=(7, 1))
    now = utc("2026-04-22 18:00")
    expected = rehearsal.preview(db, settings, utc("2026-04-30 00:00"), now=now)
    with db.read() as session:
        table = list(printed.table(session, expected, settings))
        lines = list(printed.lines(session, expected, settings))
        assert ledger.tally(session) == {}, "a preview plans nothing"
    assert [line[:13] for line in table[:-1]] == ["2026-04-23 08", "2026-04-29 08"]
    assert "Closes: 30 April 2026, 17:00 (Luxembourg time), 7 days before" in table[0]
    assert table[-1] == "2 reminders, 0 not sent; nothing was planned."
    assert '"address": "reader@example.org"' in lines[0]
    plan.write_due(db, plan_occasions(service, utc("2026-04-23 06:00")))
    with db.begin() as session:
        assert ledger.tally(session) == {"planned": 1}
        changes.erase(session, reader(session, "reader"), settings=settings, now=utc(T_7))
    with db.read() as session:
        assert ledger.tally(session) == {"void": 1}
        [row] = walk.every(session, all_rounds(session))
        assert reasons.words(row.reason, EN) == "the reader asked to be forgotten"


def test_a_large_call_is_counted_ahead_and_again_when_its_numbers_are_old(
    service: Service,
) -> None:
    now = utc(T_7)
    assert service_counts(service, now, large=5) == 0, "five rows are not more than five"
    with service.db.read() as session:
        exact = numbers.of(session, session.get_one(Call, 1))
    assert service_counts(service, now, large=4) == 1
    assert service_counts(service, now, large=4) == 0, "nothing is a minute old"
    with service.db.begin() as session:
        found = numbers.of(session, session.get_one(Call, 1))
        assert found == replace(exact, counted_at=now)
        mail(session, "kim").state = "accepted"
    for later, times, accepted in (
        (timedelta(seconds=59), 0, 1),
        (timedelta(minutes=7), 1, 2),  # an hour after the round was due
        (timedelta(minutes=12), 0, 2),
    ):
        assert service_counts(service, now + later, large=4) == times
        with service.db.read() as session:
            [one] = all_rounds(session)
        assert one.tally.accepted == accepted
    assert service_counts(service, now + timedelta(days=9), large=5) == 0
    with service.db.read() as session:
        assert numbers.of(session, session.get_one(Call, 1)).counted_at is None


def service_counts(service: Service, at: datetime, *, large: int) -> int:
    return counting.count_due(service.db, at, stopping=lambda: False, large=large)


def plan_occasions(service: Service, at: datetime) -> datetime:
    """The first half of the planner's turn: what is due is known, and written to nobody yet."""
    plan.keep_true(service.db, service.settings, at)
    return at


def story(service: Service, name: str) -> str:
    with service.db.read() as session:
        found = mail(session, name) if name else forgotten(session)
        return "\n".join(
            printed.mail(session, found.id, settings=service.settings, language=EN, now=utc(T_7))
        )


def forgotten(session: Session) -> OutboxMail:
    [found] = [row for row in queries.recent(session, Wanted(kind="reminder")) if not row.address]
    return found
