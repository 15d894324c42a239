"""The outbox: one mail for each reader, kind and slot; taken back, found, forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.mail import outbox, queries
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.mail.queries import Wanted
from feedsvc.settings import Settings

SLOT = Slot(recipient_key="reader", kind="reminder", slot_key="2026-03-02")


def put(
    session: Session, settings: Settings, now: datetime, slot: Slot = SLOT, **more: str
) -> int | None:
    mail = Message(
        message_id=outbox.message_id(settings, slot), date=now, sender=settings.mail_from,
        to=more.get("to", "reader@example.org"), subject=more.get("subject", "Closes in 7 days"),
        text="text", html="<p>text</p>", language="en", kind=slot.kind, host=settings.host,
    )  # fmt: skip
    return outbox.enqueue(session, slot, mail, send_after=now, expires_at=None, now=now)


def test_deciding_twice_sends_once(db: Database, settings: Settings, now: datetime) -> None:
    with db.begin() as session:
        assert put(session, settings, now) is not None
    with db.begin() as session:
        assert put(session, settings, now + timedelta(hours=1)) is None
    with db.read() as session:
        assert queries.counts(session) == {"queued": 1}


def test_the_message_id_names_the_slot_and_tells_nobody_who_reads(
    settings: Settings,
) -> None:
    first = outbox.message_id(settings, SLOT)
    assert first == outbox.message_id(settings, SLOT)
    assert first.endswith("@agency.example>")
    assert "reader" not in first


def test_a_waiting_mail_can_be_taken_back_and_says_why(
    db: Database, settings: Settings, now: datetime
) -> None:
    with db.begin() as session:
        mail_id = put(session, settings, now)
        assert mail_id is not None
        assert outbox.take_back(session, [mail_id], reason="moved", now=now) == [mail_id]
        assert outbox.take_back(session, [mail_id], reason="again", now=now) == []
    with db.read() as session:
        mail = queries.get(session, mail_id)
        assert mail is not None
        assert (mail.state, mail.reason, mail.settled_at) == ("void", "moved", now)


def test_a_forgotten_reader_leaves_no_address_behind(
    db: Database, settings: Settings, now: datetime
) -> None:
    with db.begin() as session:
        put(session, settings, now)
        outbox.forget(session, "reader", reason="erased", now=now)
    with db.read() as session:
        [mail] = queries.recent(session)
        assert (mail.state, mail.address, mail.subject) == ("void", "", "")


@pytest.mark.parametrize("search", ["ANNA@", "heat", "%", "_"])
def test_editors_find_mails_by_parts_of_address_and_subject(
    db: Database, settings: Settings, now: datetime, search: str
) -> None:
    with db.begin() as session:
        for name, subject in (("anna", "Heat"), ("ben", "Wood")):
            slot = Slot(recipient_key=name, kind="reminder", slot_key="s")
            put(session, settings, now, slot, to=f"{name}@example.org", subject=subject)
    with db.read() as session:
        found = [mail.subject for mail in queries.recent(session, Wanted(search=search))]
    assert found == ([] if search in "%_" else ["Heat"])


def test_the_list_goes_on_where_it_ended(db: Database, settings: Settings, now: datetime) -> None:
    with db.begin() as session:
        for number in range(5):
            put(session, settings, now, Slot(recipient_key="r", kind="k", slot_key=str(number)))
    with db.read() as session:
        first = queries.recent(session, limit=3)
        rest = queries.recent(session, limit=3, before=first[-1].id)
        assert [len(first), len(rest)] == [3, 2]
        assert queries.recent(session, Wanted(state="void")) == []
