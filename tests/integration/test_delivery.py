"""Delivery: claimed once, handed over once, its fate written down; whoever else is at it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.mail import leases, queries
from feedsvc.mail.delivery import Delivered, deliver_due
from feedsvc.mail.leases import Leaving
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import Outcome
from feedsvc.mail.transports import RelayDown
from feedsvc.settings import Settings
from tests.support import outbox
from tests.support.mail import MemoryTransport
from tests.support.outbox import free, rows

HOUR = timedelta(hours=1)


@pytest.fixture
def queue(db: Database, settings: Settings, now: datetime):  # type: ignore[no-untyped-def]
    """Put mails to those names into the outbox."""

    def put(*names: str, expires_at: datetime | None = None) -> None:
        outbox.put(db, settings, names, now, expires_at=expires_at)

    return put


def test_due_mails_are_sent_and_say_what_the_server_said(db, now, queue) -> None:
    queue("ana", "ben")
    transport = MemoryTransport()
    assert deliver_due(db, transport, now, gate=free) == Delivered(claimed=2, settled=2)
    assert transport.addresses == ["ana@example.org", "ben@example.org"]
    mail = rows(db)["ana"]
    assert (mail.state, mail.reason, mail.attempts) == ("accepted", "250 2.0.0 taken", 1)
    assert mail.lease_token is None


def test_nothing_is_sent_before_its_time(db, now, queue) -> None:
    queue("ana")
    transport = MemoryTransport()
    deliver_due(db, transport, now - timedelta(seconds=1), gate=free)
    assert transport.sent == []


def test_a_second_round_sends_nothing_again(db, now, queue) -> None:
    queue("ana")
    transport = MemoryTransport()
    deliver_due(db, transport, now, gate=free)
    assert deliver_due(db, transport, now + HOUR, gate=free) == Delivered()
    assert len(transport.sent) == 1


def test_a_greylisted_mail_goes_out_some_minutes_later_with_the_same_bytes(db, now, queue) -> None:
    queue("ana")
    answers = [Outcome("uncertain", "silence"), Outcome("accepted", "250 taken")]
    transport = MemoryTransport(answer=lambda _address: answers.pop(0))
    deliver_due(db, transport, now, gate=free)
    assert rows(db)["ana"].state == "queued"
    deliver_due(db, transport, now + timedelta(minutes=1), gate=free)
    assert len(transport.sent) == 1
    deliver_due(db, transport, now + timedelta(minutes=7), gate=free)
    first, second = transport.sent
    assert first == second
    assert rows(db)["ana"].state == "accepted"


def test_a_mail_whose_time_has_passed_expires_unsent(db, now, queue) -> None:
    queue("ana", expires_at=now + HOUR)
    transport = MemoryTransport()
    deliver_due(db, transport, now + HOUR, gate=free)
    assert transport.sent == []
    assert rows(db)["ana"].state == "expired"


def test_a_mail_that_waits_past_its_time_expires_also_while_the_relay_is_away(
    db, now, queue
) -> None:
    queue("ana", expires_at=now + HOUR)
    with db.begin() as session:
        assert leases.reap(session, now) == 0
        assert leases.reap(session, now + HOUR) == 1
    assert rows(db)["ana"].state == "expired"


def test_the_gate_stops_a_mail_and_its_reason_is_kept(db, now, queue) -> None:
    queue("ana", "ben")
    transport = MemoryTransport()
    deliver_due(
        db, transport, now,
        gate=lambda _s, mails, _n: {
            mail.id: "unsubscribed" for mail in mails if mail.recipient_key == "ana"
        },
    )  # fmt: skip
    assert transport.addresses == ["ben@example.org"]
    assert (rows(db)["ana"].state, rows(db)["ana"].reason) == ("void", "unsubscribed")


def test_one_mail_that_cannot_be_judged_stops_no_other(db, now, queue) -> None:
    queue("ana", "ben")

    def gate(_session: Session, mails: Sequence[Leaving], _now: datetime) -> dict[int, str]:
        if any(mail.recipient_key == "ana" for mail in mails):
            raise RuntimeError("no such call")
        return {}

    transport = MemoryTransport()
    deliver_due(db, transport, now, gate=gate)
    assert transport.addresses == ["ben@example.org"]
    assert (rows(db)["ana"].state, rows(db)["ana"].attempts) == ("queued", 1)


def test_a_relay_that_is_away_uses_up_nobodys_attempts(db, now, queue) -> None:
    queue("ana")
    with pytest.raises(RelayDown):
        deliver_due(db, MemoryTransport(down="refused"), now, gate=free)
    mail = rows(db)["ana"]
    assert (mail.state, mail.attempts, mail.lease_token) == ("queued", 0, None)


def test_a_relay_that_goes_away_in_between_frees_the_rest(db, now, queue) -> None:
    queue("ana", "ben", "cleo")
    transport = MemoryTransport()

    def answer(_address: str) -> Outcome:
        transport.down = "gone"
        return Outcome("accepted", "250 taken")

    transport.answer = answer
    with pytest.raises(RelayDown):
        deliver_due(db, transport, now, gate=free)
    assert [mail.state for mail in rows(db).values()] == ["accepted", "queued", "queued"]
    assert rows(db)["ben"].attempts == 0


def test_asked_to_stop_it_ends_after_the_mail_in_hand(db, now, queue) -> None:
    queue("ana", "ben", "cleo")
    transport = MemoryTransport()
    deliver_due(db, transport, now, gate=free, stopping=lambda: len(transport.sent) == 1)
    assert [mail.state for mail in rows(db).values()] == ["accepted", "queued", "queued"]


def test_a_mail_in_the_hands_of_a_dead_process_is_sent_again_and_marked_uncertain(
    db, now, queue
) -> None:
    queue("ana")
    with db.begin() as session:
        leases.claim(session, "dead", now, most=10)
    transport = MemoryTransport()
    deliver_due(db, transport, now, gate=free)
    assert not transport.sent, "while its lease lives"
    later = now + leases.LEASE
    with db.begin() as session:
        leases.reap(session, later)
    mail = rows(db)["ana"]
    assert (mail.state, mail.uncertain, mail.attempts) == ("queued", True, 1)
    deliver_due(db, transport, later, gate=free)
    assert rows(db)["ana"].state == "accepted"


def test_a_process_that_slept_past_its_lease_sends_nothing(db, now, queue) -> None:
    queue("ana", "ben")
    transport = MemoryTransport()

    def frozen(address: str) -> Outcome:
        """While this one is being sent the world goes on: reaped, and claimed by another."""
        with db.begin() as session:
            later = now + 2 * leases.LEASE
            leases.reap(session, later)
            while leases.claim(session, "another", later, most=10):
                pass
        return Outcome("accepted", "250 taken")

    transport.answer = frozen
    deliver_due(db, transport, now, gate=free)
    assert transport.addresses == ["ana@example.org"], "ben's lease had gone"
    assert {mail.lease_token for mail in rows(db).values()} == {"another"}


def test_urgent_mails_leave_first(db, now, queue) -> None:
    queue("ana", "ben")
    with db.begin() as session:
        session.execute(
            update(OutboxMail).where(OutboxMail.recipient_key == "ben").values(priority=0)
        )
    transport = MemoryTransport()
    deliver_due(db, transport, now, gate=free, batch=1)
    assert transport.addresses == ["ben@example.org"]


def test_four_senders_at_once_send_each_mail_once(db, now, queue) -> None:
    names = [f"reader{number}" for number in range(60)]
    queue(*names)
    transports = [MemoryTransport() for _ in range(4)]

    def work(transport: MemoryTransport) -> None:
        while deliver_due(db, transport, now, gate=free, batch=5).claimed:
            pass

    threads = [threading.Thread(target=work, args=(transport,)) for transport in transports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = Counter(address for transport in transports for address in transport.addresses)
    assert sent == Counter(f"{name}@example.org" for name in names)
    with db.read() as session:
        assert queries.counts(session) == {"accepted": 60}
