"""What comes back flips its mail once, and holds against an address only what it must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from feedsvc.auth.rules import SYSTEM
from feedsvc.db import Database
from feedsvc.mail import bounces, verp
from feedsvc.mail.models import OutboxMail, ReportTally
from feedsvc.reminders import returned
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries, suppression
from feedsvc.subscriptions.models import ConsentEvent, Subscriber, Suppression
from tests.support.readers import READER, follow
from tests.support.returned import complaint, delivery_report, vacation

DAY = timedelta(days=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, bounce_address="bounces@agency.example")


@dataclass
class Box:
    """A mailbox in memory: what waits, and what was marked."""

    messages: dict[str, bytes]
    marked: list[str] = field(default_factory=list)
    broken: bool = False

    def waiting(self, most: int) -> Iterator[tuple[str, bytes]]:
        return iter([(k, c) for k, c in self.messages.items() if k not in self.marked][:most])

    def mark(self, key: str) -> None:
        if self.broken:
            raise ConnectionError("the process dies here")
        self.marked.append(key)

    def clean(self, before: datetime) -> None:
        pass

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Sent:
    """A mail that a mail server took, and reports about it."""

    db: Database
    settings: Settings
    id: int
    message_id: str

    @property
    def path(self) -> str:
        return verp.return_path(self.settings, self.id)

    def report(self, status: str = "5.1.1", **more: str) -> bytes:
        more.setdefault("to", self.path)
        more.setdefault("message_id", self.message_id)
        return delivery_report(status=status, diagnostic=f"smtp; 550 {status} no", **more)

    def complaint(self) -> bytes:
        return complaint(path=self.path, message_id=self.message_id)

    def reads(self, *contents: bytes, at: datetime) -> Counter[str]:
        box = Box({str(number): content for number, content in enumerate(contents)})
        return returned.read_box(self.db, box, self.settings, at)

    def becomes(self, state: str, *, reason: str = "250 ok", at: datetime | None = None,
                uncertain: bool = False) -> None:  # fmt: skip
        with self.db.begin() as session:
            session.execute(
                update(OutboxMail)
                .where(OutboxMail.id == self.id)
                .values(state=state, reason=reason, settled_at=at, uncertain=uncertain)
            )

    @property
    def row(self) -> OutboxMail:
        with self.db.read() as session:
            return session.get_one(OutboxMail, self.id)

    @property
    def suppressed(self) -> str:
        """Why its reader gets no mail; empty if it gets some."""
        with self.db.read() as session:
            rows = suppression.listed(session, settings=self.settings)
            assert bool(rows) is queries.suppressed(session, READER, self.settings)
            return rows[0].reason if rows else ""


@pytest.fixture
def sent(db: Database, settings: Settings, now: datetime) -> Sent:
    """The first mail to a reader, accepted by a mail server."""
    with db.begin() as session:
        follow(session, settings)
        mail = session.scalars(select(OutboxMail)).one()
        mail.state, mail.reason, mail.settled_at = "accepted", "250 2.0.0 taken", now
    return Sent(db, settings, mail.id, mail.message_id)


def test_a_dead_address_flips_its_mail_and_gets_no_other(sent: Sent, now: datetime) -> None:
    at = now + timedelta(hours=2)
    assert sent.reads(sent.report(), at=at) == {"hard": 1}
    assert (sent.row.state, sent.row.reason) == ("bounced", "5.1.1 550 5.1.1 no")
    assert sent.row.settled_at == at
    assert sent.suppressed == "hard_bounce"


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1"])
def test_what_is_no_fault_of_the_address_is_not_held_against_it(
    sent: Sent, now: datetime, status: str
) -> None:
    assert sent.reads(sent.report(status), at=now) == {"harmless": 1}
    assert sent.row.state == "bounced"
    assert sent.suppressed == ""


def test_a_report_that_is_read_again_changes_nothing_even_after_a_lift(
    sent: Sent, now: datetime
) -> None:
    sent.reads(sent.report(), sent.complaint(), at=now)
    with sent.db.begin() as session:
        (row,) = suppression.listed(session, settings=sent.settings)
        assert row.reason == "complaint", "the stronger reason stays"
        suppression.lift(session, row.digest, actor=SYSTEM, now=now)
    before = sent.row.settled_at
    assert sent.reads(sent.report(), sent.complaint(), at=now + DAY) == {"known": 2}
    assert sent.row.settled_at == before
    assert sent.suppressed == ""


def test_a_crash_before_the_mark_loses_nothing(sent: Sent, now: datetime) -> None:
    box = Box({"1": sent.report(), "2": vacation(sent.path)}, broken=True)
    with pytest.raises(ConnectionError):
        returned.read_box(sent.db, box, sent.settings, now)
    box.broken = False
    assert returned.read_box(sent.db, box, sent.settings, now) == {"known": 1, "automatic": 1}
    assert box.marked == ["1", "2"]
    assert sent.suppressed == "hard_bounce"


def test_a_complaint_ends_everything_and_is_proven(sent: Sent, now: datetime) -> None:
    assert sent.reads(sent.complaint(), at=now) == {"complaint": 1}
    assert (sent.row.state, sent.row.reason) == ("accepted", bounces.COMPLAINT)
    assert sent.suppressed == "complaint"
    with sent.db.read() as session:
        assert session.scalars(select(Subscriber)).one().subscriptions == []
        acts = session.scalars(select(ConsentEvent.act).order_by(ConsentEvent.id)).all()
    assert acts[-2:] == ["complained", "unsubscribed"]


def test_forged_and_foreign_reports_are_refused_and_counted(sent: Sent, now: datetime) -> None:
    forged = f"bounces+{sent.id}.{'0' * 20}@agency.example"
    other = "<r.other@agency.example>"
    found = sent.reads(
        sent.report(to=forged),
        sent.report(message_id=other),
        sent.report(message_id="", recipient="other@example.org"),
        sent.report(to="calls@agency.example", message_id=other),
        complaint(path=forged, message_id=sent.message_id),
        vacation(sent.path),
        sent.report(action="delayed"),
        b"\xff\0",
        at=now,
    )
    assert found == {"refused": 4, "unknown": 1, "automatic": 1, "delayed": 1, "other": 1}
    assert sent.row.state == "accepted"
    assert sent.suppressed == ""
    with sent.db.read() as session:
        tally = dict(session.execute(select(ReportTally.outcome, ReportTally.number)).all())
    assert tally == found


def test_without_a_return_path_the_message_id_and_the_reader_name_the_mail(
    sent: Sent, now: datetime
) -> None:
    assert sent.reads(sent.report(to="calls@agency.example"), at=now) == {"hard": 1}
    assert sent.suppressed == "hard_bounce"


def test_soft_reports_on_three_days_suspend_for_a_month(sent: Sent, now: datetime) -> None:
    for days in (0, 5, 9):
        assert sent.suppressed == ""
        sent.becomes("accepted")
        assert sent.reads(sent.report("4.4.7"), at=now + days * DAY) == {"soft": 1}
        _another_mail(sent)
    assert sent.suppressed == "soft_bounce"
    with sent.db.begin() as session:
        assert suppression.lift_ended(session, now + 38 * DAY) == 0
        assert suppression.lift_ended(session, now + 39 * DAY) == 1
    assert sent.suppressed == ""


def test_a_mail_that_never_left_cannot_come_back(sent: Sent, now: datetime) -> None:
    sent.becomes("queued")
    assert sent.reads(sent.report(), at=now) == {"refused": 1}
    sent.becomes("queued", uncertain=True)
    assert sent.reads(sent.report(), at=now) == {"hard": 1}, "nobody knew whether it was taken"


def test_a_report_that_is_faster_than_the_answer_waits_in_the_mailbox(
    sent: Sent, now: datetime
) -> None:
    sent.becomes("sending")
    box = Box({"1": sent.report()})
    assert returned.read_box(sent.db, box, sent.settings, now) == {"soon": 1}
    assert box.marked == []
    sent.becomes("accepted")
    assert returned.read_box(sent.db, box, sent.settings, now) == {"hard": 1}


def test_what_a_server_refuses_at_once_counts_like_a_report(sent: Sent, now: datetime) -> None:
    def judged(at: datetime) -> str:
        with sent.db.begin() as session:
            returned.judge_refusals(session, sent.settings, at)
        return sent.suppressed

    for reason in ("550 5.7.1 policy", "552 5.2.2 full", "handed over twice"):
        sent.becomes("failed", reason=reason, at=now)
        assert judged(now) == ""
    sent.becomes("failed", reason=f"550 5.1.1 <{READER.upper()}>: unknown", at=now)
    assert judged(now) == "hard_bounce"
    with sent.db.begin() as session:
        key = queries.suppression_key(READER, sent.settings)
        held = session.get_one(Suppression, key)
        assert held.evidence == "550 5.1.1 <…>: unknown", "the row outlives the address"
        suppression.lift(session, key, actor=SYSTEM, now=now + timedelta(minutes=5))
    assert judged(now + timedelta(minutes=6)) == "", "an editor has decided since"


def _another_mail(sent: Sent) -> None:
    """Keep what came back under another slot, so that `sent` can be taken for a new mail."""
    with sent.db.begin() as session:
        mail = session.get_one(OutboxMail, sent.id)
        session.add(
            OutboxMail(
                recipient_key=mail.recipient_key, kind=mail.kind, address=mail.address,
                slot_key=str(mail.settled_at), subject="", content="", message_id="<kept@x>",
                state=mail.state, reason=mail.reason, created_at=mail.created_at,
                dated_at=mail.dated_at, send_after=mail.send_after, settled_at=mail.settled_at,
            )
        )  # fmt: skip
