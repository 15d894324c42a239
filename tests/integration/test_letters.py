"""Mails are worded between two transactions: nobody waits for that, and nothing gets old by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from feedsvc.calls import changes as calls
from feedsvc.calls.edits import CallEdit
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import letters, plan
from feedsvc.reminders.plan import plan_due
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import Subscription
from tests.builders import ANA, call_edit, deadline, make_call
from tests.support.readers import Service, follow, utc

HEAT = "Reuse of process heat"  # closes on 30 April 2026 at 17:00 in Luxembourg
DUE = utc("2026-04-23 06:00")
LATER = "2026-04-23 07:00"


class Between:
    """A database in which something happens whenever a mail is about to be worded."""

    is_sqlite = True

    def __init__(self, db: Database, happens: Callable[[], object] = lambda: None) -> None:
        self._db = db
        self._happens = happens
        self.is_writing = False

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self._db.begin() as session:
            self.is_writing = True
            yield session
        self.is_writing = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        assert not self.is_writing
        self._happens()
        with self._db.read() as session:
            yield session

    def stopwatch(self) -> float:
        return 0.0


@pytest.fixture
def heat(db: Database) -> int:
    with db.begin() as session:
        return make_call(session, HEAT).id


def moved(day: str) -> CallEdit:
    return call_edit(HEAT, key_dates=(deadline(day, "17:00"),))


def planned(db: Database, settings: Settings, *emails: str) -> None:
    with db.begin() as session:
        for email in emails:
            follow(session, settings, email=email)
    plan.keep_true(db, settings, DUE)
    assert plan.write_due(db, DUE) == len(emails)


def test_mails_are_worded_while_nobody_waits_for_the_database(db, settings, heat) -> None:
    worded: list[bool] = []

    class Watched(Settings):
        def named(self, language: str) -> str:
            worded.append(between.is_writing)
            return super().named(language)

    between = Between(db)
    with db.begin() as session:
        follow(session, settings, email="digest@example.org", filter=Filter(), digest="daily")
        follow(session, settings, email="reader@example.org", entry_id=heat)
        session.execute(update(OutboxMail).values(state="accepted"))
    plan_due(db, settings, utc("2026-04-20 06:00"))
    with db.begin() as session:
        calls.edit_call(session, heat, moved("2026-04-28"), actor=ANA, now=utc("2026-04-20 08:00"))
    for at in ("2026-04-20 12:00", "2026-04-21 06:00"):
        plan_due(between, Watched(**vars(settings)), utc(at))  # type: ignore[arg-type]
    with db.read() as session:
        kinds = set(session.scalars(select(OutboxMail.kind).where(OutboxMail.state == "queued")))
    assert kinds == {"changed", "digest", "reminder"}
    assert set(worded) == {False}


def test_a_date_that_moves_while_its_mail_is_worded_is_not_told(db, settings, heat) -> None:
    days = cycle(["2026-05-30", "2026-04-30"])

    def moves() -> None:  # and is back before the mail is written
        with db.begin() as session:
            calls.edit_call(session, heat, moved(next(days)), actor=ANA, now=DUE)

    planned(db, settings, "one@example.org")
    letters.write(Between(db, moves), settings, DUE)  # type: ignore[arg-type]
    with db.begin() as session:
        calls.edit_call(session, heat, call_edit(HEAT), actor=ANA, now=DUE)
    service = Service(db, settings)
    service.turn(LATER)
    [letter] = service.letters
    assert "30 April 2026" in letter.text
    assert "30 May" not in letter.text


def test_who_leaves_while_a_mail_is_worded_takes_it_from_no_other(db, settings, heat) -> None:
    planned(db, settings, "one@example.org", "two@example.org")
    with db.read() as session:
        leaving = [session.scalar(select(func.min(Subscription.id)))]

    def leaves() -> None:
        with db.begin() as session:
            session.execute(delete(Subscription).where(Subscription.id.in_(leaving)))

    letters.write(Between(db, leaves), settings, DUE)  # type: ignore[arg-type]
    service = Service(db, settings)
    service.turn("2026-04-23 06:00")
    service.turn(LATER)
    assert service.transport.addresses == ["two@example.org"]
