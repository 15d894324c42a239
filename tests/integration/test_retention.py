"""What is forgotten, when, and what stays true of the ledger; and what nothing may change."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from feedsvc.db import Database
from feedsvc.mail import leases
from feedsvc.mail import queries as mails
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import retention
from feedsvc.reminders.models import Item, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes, clients, queries
from feedsvc.subscriptions.models import AskingClient, ConsentEvent
from tests.builders import make_call
from tests.support.readers import READER, Service, follow, utc
from tests.support.statements import recorded

DAY = timedelta(days=1)


def forget(db: Database, settings: Settings, now: datetime) -> retention.Forgotten:
    return retention.forget_due(db, settings, now, stopping=lambda: False)


def texts(db: Database) -> list[str]:
    with db.read() as session:
        return sorted({mail.address for mail in mails.recent(session)})


@pytest.fixture
def told(db: Database, settings: Settings) -> datetime:
    """Two readers were told a week before a deadline; when that was."""
    with db.begin() as session:
        make_call(session)
        follow(session, settings, offsets=(7,))
        follow(session, settings, email="other@example.org", offsets=(7,))
    service = Service(db, settings)
    service.turn("2026-04-22 18:00")
    service.turn("2026-04-23 07:30")
    assert len(service.letters) == 2
    return utc("2026-04-23 07:30")


def test_text_goes_first_and_the_row_after_its_deadline_leaves_a_number(
    db: Database, settings: Settings, told: datetime
) -> None:
    assert forget(db, settings, told + 89 * DAY).texts == 0
    assert texts(db) == ["other@example.org", READER]
    assert forget(db, settings, told + 90 * DAY).texts == 4  # and the confirmations
    assert texts(db) == [""]
    deadline = utc("2026-04-30 15:00")
    before = forget(db, settings, deadline + 399 * DAY)
    assert (before.told, before.mails) == (0, 2), "the confirmations, which tell of no deadline"
    gone = forget(db, settings, deadline + 400 * DAY)
    assert (gone.told, gone.mails) == (2, 2)
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 0
        assert session.scalar(select(func.count()).select_from(Occasion)) == 0
        call_id = session.scalars(select(retention.ToldTally.call_id)).one()
        assert retention.counted(session, call_id) == {("reminder", "accepted"): 2}
        assert len(queries.by_address(session, READER).subscriptions) == 1  # type: ignore[union-attr]
    assert forget(db, settings, deadline + 400 * DAY).told == 0


def test_a_reader_who_is_forgotten_while_a_process_holds_their_mail_gets_nothing(
    db: Database, settings: Settings
) -> None:
    with db.begin() as session:
        make_call(session)
        follow(session, settings, offsets=(7,))
    service = Service(db, settings)
    service.plan(utc("2026-04-23 06:00"))
    at = utc("2026-04-23 07:30")
    with db.begin() as session:
        held = session.scalars(
            update(OutboxMail)
            .where(OutboxMail.kind == "reminder")
            .values(state="sending", lease_token="elsewhere", lease_until=at)
            .returning(OutboxMail.id)
        ).all()
        reader = queries.by_address(session, READER)
        assert reader is not None
        changes.erase(session, reader, settings=settings, now=at)
    assert len(held) == 1
    assert texts(db) == [""]
    with db.begin() as session:
        leases.reap(session, at + timedelta(minutes=1))  # the process died; another goes on
    service.send(at + timedelta(minutes=1))
    assert service.letters == []
    assert set(service.reasons().values()) == {"void: the reader has gone"}


def test_the_proof_of_consent_is_kept_for_years_after_its_reader(
    db: Database, settings: Settings, now: datetime
) -> None:
    with db.begin() as session:
        follow(session, settings)
        gone = follow(session, settings, email="gone@example.org")
        changes.erase(session, gone, settings=settings, now=now)
    assert forget(db, settings, now + 1095 * DAY).consents == 0
    assert forget(db, settings, now + 1096 * DAY).consents == 1
    with db.read() as session:
        acts = session.scalars(select(ConsentEvent.act)).all()
        assert sorted(acts) == ["confirmed", "requested"]  # of the reader who is still here


def test_the_database_refuses_to_edit_the_proof_of_consent(
    db: Database, settings: Settings
) -> None:
    with db.begin() as session:
        follow(session, settings)
    with pytest.raises(DatabaseError, match="never edited"), db.begin() as session:
        session.execute(update(ConsentEvent).values(act="erased"))


def test_the_clients_of_past_days_are_forgotten(
    db: Database, settings: Settings, now: datetime
) -> None:
    with db.begin() as session:
        clients.count(session, "192.0.2.1", settings=settings, now=now)
    forget(db, settings, now)
    with db.read() as session:
        row = session.scalars(select(AskingClient)).one()
        assert "192.0.2.1" not in (row.client, str(row.day))
    forget(db, settings, now + DAY)
    with db.read() as session:
        assert session.scalars(select(AskingClient)).all() == []


def test_the_same_is_asked_of_the_database_for_every_address(
    db: Database, settings: Settings, now: datetime
) -> None:
    """Known, unknown, asked before, or refusing all mail: the time must not tell."""
    numbers = []
    with db.begin() as session:
        follow(session, settings, email="known@example.org")
        object_ = follow(session, settings, email="refuses@example.org")
        changes.refuse_all(session, object_, settings=settings, now=now)
    for name in ("known", "refuses", "unknown", "unknown"):
        wish = changes.Wish(
            email=f"{name}@example.org", offsets=(7,), language="en", page="/",
            filter=changes.Filter(),
        )  # fmt: skip
        with recorded(db) as statements, db.begin() as session:
            changes.request_subscription(session, wish, settings=settings, now=now)
        numbers.append(len(statements))
    assert max(numbers) - min(numbers) <= 5, numbers


def test_nothing_but_a_purge_deletes_what_readers_agreed_to(
    db: Database, settings: Settings, now: datetime
) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
        before = len(session.scalars(select(ConsentEvent)).all())
        changes.unsubscribe(session, reader, settings=settings, now=now)
        changes.refuse_all(session, reader, settings=settings, now=now)
    forget(db, settings, now + 30 * DAY)
    with db.read() as session:
        assert len(session.scalars(select(ConsentEvent)).all()) == before + 3
