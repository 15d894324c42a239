"""Groups, and what processes tell each other of a mail server: its faults, and its pace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.mail import breaker, leases, replies
from feedsvc.mail.bucket import Rate
from feedsvc.mail.delivery import Memory, deliver_due
from feedsvc.mail.leases import Leaving
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import Outcome
from feedsvc.mail.transports import RelayDown
from feedsvc.settings import Settings
from tests.support import outbox
from tests.support.mail import ACCEPTED, MemoryTransport
from tests.support.outbox import free, rows, states

SECOND = timedelta(seconds=1)
POLICY = replies.outcome("RCPT", "550 5.7.1 we do not like you")
NOBODY = replies.outcome("RCPT", "550 5.1.1 no such user")
TEXT = replies.outcome(".", "554 5.6.0 what is this")


@dataclass
class Groups:
    """A gate that lets all pass, and remembers which mails it saw together."""

    seen: list[list[str]] = field(default_factory=list)

    def __call__(
        self, _session: Session, mails: Sequence[Leaving], _now: datetime
    ) -> dict[int, str]:
        self.seen.append([mail.recipient_key for mail in mails])
        return {}


def names(number: int) -> list[str]:
    return [f"r{index:03}" for index in range(number)]


def ticking(seconds: float) -> Callable[[], float]:
    """A stopwatch by which each look takes that long."""
    looks = count()
    return lambda: next(looks) * seconds


@pytest.fixture
def fill(db: Database, settings: Settings, now: datetime) -> Callable[..., list[str]]:
    def put(number: int, **more: object) -> list[str]:
        outbox.put(db, settings, names(number), now, **more)  # type: ignore[arg-type]
        return names(number)

    return put


def test_groups_grow_while_answers_are_quick_up_to_25(db, now, fill) -> None:
    groups, transport = Groups(), MemoryTransport()
    fill(80)
    deliver_due(db, transport, now, gate=groups, stopwatch=ticking(0.000001))
    assert [len(group) for group in groups.seen] == [1, 2, 4, 8, 16, 25, 24]
    assert len(transport.sent) == 80


def test_a_slow_server_has_each_answer_recorded_before_the_next_mail(db, now, fill) -> None:
    groups = Groups()
    fill(4)
    deliver_due(
        db, MemoryTransport(), now, gate=groups, memory=Memory(pace=25), stopwatch=ticking(0.05)
    )
    assert [len(group) for group in groups.seen] == [4, 3, 2, 1], "one was sent of each"
    assert set(states(db)) == {"accepted"}


def test_what_is_more_urgent_comes_with_the_next_group(db, settings, now, fill) -> None:
    fill(30, priority=7)
    transport = MemoryTransport()

    def answer(_address: str) -> Outcome:
        if len(transport.sent) == 8:
            outbox.put(db, settings, ["urgent"], now, priority=1)
        return ACCEPTED

    transport.answer = answer
    groups = Groups()
    deliver_due(db, transport, now, gate=groups, stopwatch=ticking(0.000001))
    assert [len(group) for group in groups.seen] == [1, 2, 4, 8, 16]
    assert groups.seen[-1][0] == "urgent"


def test_no_hand_over_begins_late_in_a_lease(db, now, fill) -> None:
    fill(3)
    times = iter([now] * 4 + [now + leases.LEASE / 2] * 50)
    groups = Groups()
    deliver_due(
        db, MemoryTransport(), now, gate=groups, memory=Memory(pace=3), clock=lambda: next(times)
    )
    assert len(groups.seen) > 1, "it asked the database again before it went on"
    assert states(db) == ["accepted"] * 3


def test_what_is_left_of_a_group_after_a_long_sleep_is_asked_for_anew(db, now, fill) -> None:
    fill(2)
    times, transport = [now], MemoryTransport()

    def frozen(_address: str) -> Outcome:
        """While this one is being sent the world goes on: reaped, and claimed by another."""
        times.append(now + 2 * leases.LEASE)
        with db.begin() as session:
            leases.reap(session, times[-1])
            while leases.claim(session, "another", times[-1], most=10):
                pass
        return ACCEPTED

    transport.answer = frozen
    deliver_due(db, transport, now, gate=free, memory=Memory(pace=2), clock=lambda: times[-1])
    assert transport.addresses == ["r000@example.org"]
    with db.read() as session:
        assert set(session.scalars(select(OutboxMail.lease_token))) == {"another"}


def test_a_mail_that_may_be_a_second_copy_travels_alone(db, now, fill) -> None:
    fill(5)
    with db.begin() as session:
        leases.claim(session, "dead", now, most=2)
    later = now + leases.LEASE
    with db.begin() as session:
        leases.reap(session, later)
    groups = Groups()
    deliver_due(db, MemoryTransport(), later, gate=groups, memory=Memory(pace=25))
    assert sorted(map(len, groups.seen)) == [1, 1, 3]
    assert {"r000", "r001"} == {group[0] for group in groups.seen if len(group) == 1}


def test_answers_that_the_database_could_not_take_are_recorded_when_it_is_back(
    db, now, fill
) -> None:
    fill(3)

    class Away(Exception):
        pass

    def gate(_session: Session, mails: Sequence[Leaving], _now: datetime) -> dict[int, str]:
        return {}

    memory, transport = Memory(pace=3), MemoryTransport()
    broken = BrokenAfter(db, transport, sent=3)
    with pytest.raises(ConnectionError):
        deliver_due(broken, transport, now, gate=gate, memory=memory)
    assert states(db) == ["sending"] * 3
    assert deliver_due(db, transport, now, gate=gate, memory=memory).settled == 3
    assert states(db) == ["accepted"] * 3
    assert len(transport.sent) == 3


class BrokenAfter(Database):
    """A database that takes no more transactions once so many mails have been sent."""

    def __init__(self, db: Database, transport: MemoryTransport, *, sent: int) -> None:
        self._whole, self._transport, self._after = db, transport, sent
        self.read = db.read  # type: ignore[method-assign]

    def begin(self):  # type: ignore[no-untyped-def]
        if len(self._transport.sent) >= self._after:
            raise ConnectionError("the database is restarting")
        return self._whole.begin()


# What processes tell each other


def test_what_one_process_learns_all_know_and_one_tries_again(db, now, fill) -> None:
    fill(5)
    with pytest.raises(RelayDown, match="no route"):
        deliver_due(db, MemoryTransport(down="no route"), now, gate=free)
    other = MemoryTransport()
    with pytest.raises(RelayDown, match="no route"):
        deliver_due(db, other, now + 14 * SECOND, gate=free)
    assert other.sent == []
    assert deliver_due(db, other, now + 15 * SECOND, gate=free).claimed == 1, "a probe of one mail"
    assert deliver_due(db, other, now + 15 * SECOND, gate=free).claimed == 4
    assert set(states(db)) == {"accepted"}


def test_while_one_tries_the_others_wait_and_each_failure_makes_the_pause_longer(
    db, now, fill
) -> None:
    fill(2)
    for seconds, pause in ((0, 15), (15, 30), (45, 60)):
        with pytest.raises(RelayDown):
            deliver_due(db, MemoryTransport(down="x"), now + seconds * SECOND, gate=free)
        with db.read() as session:
            until = breaker.standing(session, "memory").until
        assert until == now + (seconds + pause) * SECOND
    with db.begin() as session:
        assert breaker.enter(session, "memory", now + 200 * SECOND)
    with db.begin() as session, pytest.raises(RelayDown):
        breaker.enter(session, "memory", now + 201 * SECOND)
    with db.begin() as session:
        assert breaker.enter(session, "memory", now + 200 * SECOND + breaker.PROBE), "it died"


def test_who_is_refused_by_policy_one_after_the_other_is_not_to_blame(db, now, fill) -> None:
    fill(40)
    transport = MemoryTransport(answer=lambda _address: POLICY)
    with pytest.raises(RelayDown, match="do not like you"):
        deliver_due(db, transport, now, gate=free)
    tried = [mail for mail in rows(db).values() if mail.reason]
    assert len(tried) == breaker.LIMITS["policy"] <= 20
    assert set(states(db)) == {"queued"}
    later = now + timedelta(minutes=1)
    with pytest.raises(RelayDown):
        deliver_due(db, transport, later, gate=free)
    assert sum(mail.attempts for mail in rows(db).values()) == len(tried) - 1, "a probe costs none"


def test_unknown_addresses_among_good_ones_stop_nobody(db, now, fill) -> None:
    fill(60)
    transport = MemoryTransport(
        answer=lambda address: NOBODY if address.startswith("r0") and "5@" in address else ACCEPTED
    )
    deliver_due(db, transport, now, gate=free)
    assert (states(db).count("accepted"), states(db).count("failed")) == (54, 6)
    assert rows(db)["r005"].reason == "550 5.1.1 no such user"
    assert rows(db)["r005"].stage == "RCPT"


def test_three_readers_in_a_row_whose_text_is_refused_stop_all(db, now, fill) -> None:
    fill(10)
    with pytest.raises(RelayDown, match="what is this"):
        deliver_due(db, MemoryTransport(answer=lambda _address: TEXT), now, gate=free)
    assert states(db) == ["failed"] * 3 + ["queued"] * 7


def test_refusals_with_an_accepted_mail_in_between_are_those_mails_own(db, now, fill) -> None:
    fill(12)
    answers = iter([TEXT, TEXT, ACCEPTED] * 4)
    deliver_due(db, MemoryTransport(answer=lambda _address: next(answers)), now, gate=free)
    assert (states(db).count("failed"), states(db).count("accepted")) == (8, 4)


def test_a_policy_that_stays_is_the_end_of_one_mail_after_three_tries(db, now, fill) -> None:
    fill(1)
    transport = MemoryTransport(answer=lambda _address: POLICY)
    for hours in (0, 1, 2):
        assert states(db) == ["queued"]
        deliver_due(db, transport, now + timedelta(hours=hours), gate=free)
    assert states(db) == ["failed"]


def test_the_pace_is_shared_and_a_restart_makes_no_burst(db, now, fill) -> None:
    fill(50)
    rate = Rate(per_second=2, burst=5)
    transport = MemoryTransport()
    assert deliver_due(db, transport, now, gate=free, rate=rate).claimed == 5
    assert deliver_due(db, transport, now, gate=free, rate=rate).paced
    restarted = MemoryTransport()
    assert deliver_due(db, restarted, now + 2 * SECOND, gate=free, rate=rate).claimed == 4
    assert deliver_due(db, restarted, now - SECOND, gate=free, rate=rate).claimed == 0
    assert deliver_due(db, restarted, now + 60 * SECOND, gate=free, rate=rate).claimed == 5


def test_what_was_allowed_and_not_sent_may_be_sent_later(db, now, fill) -> None:
    fill(8)
    rate = Rate(per_second=1, burst=4)
    transport = MemoryTransport()
    deliver_due(db, transport, now, gate=free, rate=rate, stopping=lambda: len(transport.sent) == 1)
    assert deliver_due(db, MemoryTransport(), now, gate=free, rate=rate).claimed == 3


def test_silence_of_a_server_that_is_tried_is_no_proof(db, now, fill) -> None:
    fill(2)
    with pytest.raises(RelayDown):
        deliver_due(db, MemoryTransport(down="x"), now, gate=free)
    silent = MemoryTransport(answer=lambda _address: Outcome("uncertain", "no answer", "."))
    with pytest.raises(RelayDown, match="no answer"):
        deliver_due(db, silent, now + 15 * SECOND, gate=free)
