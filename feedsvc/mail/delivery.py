"""Deliver what is due. Any number of processes may do this at once.

1. Nothing due: return, without a lock. The relay is away: return, with nothing claimed.
2. Claim some mails with a lease: FOR UPDATE SKIP LOCKED, or SQLite's one writer.
3. Between two mails there is one transaction: it records the answer to the one before, and marks
   the next as `sending` if it still holds its lease and its gate lets it pass.
4. Hand it over.

So a process that dies has at most one answer unrecorded, and a process that slept past its lease
finds that its token has gone and sends nothing.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc import clock
from feedsvc.db import Database
from feedsvc.mail import leases, rules, tries
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import Fate, Outcome
from feedsvc.mail.transports import RelayDown, Transport
from feedsvc.mail.tries import Try

log = logging.getLogger(__name__)

BATCH = 50
# A reason why this mail must not leave any more, or None. It runs in the transaction of the mark
# `sending`, and may write there.
Gate = Callable[[Session, OutboxMail, datetime], str | None]


@dataclass(frozen=True)
class Delivered:
    """What one round did: mails claimed, and the answers that were recorded."""

    claimed: int = 0
    settled: int = 0


@dataclass(frozen=True)
class _Sent:
    mail: OutboxMail
    outcome: Outcome


def deliver_due(
    db: Database,
    transport: Transport,
    now: datetime,
    *,
    gate: Gate,
    batch: int = BATCH,
    stopping: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send at most `batch` due mails; `stopping` is asked between two. Raises: RelayDown."""
    with db.read() as session:
        if not leases.anything_due(session, now):
            return Delivered()
    transport.open(now)
    token = uuid.uuid4().hex
    with db.begin() as session:
        claimed = leases.claim(session, token, now, most=batch)
    round_ = _Round(db, transport, token, clock.running_from(now), gate)
    return Delivered(len(claimed), round_.send(claimed, stopping))


class _Round:
    """The mails of one claim, one after the other; `_last` is sent and not recorded yet."""

    def __init__(
        self,
        db: Database,
        transport: Transport,
        token: str,
        clock: Callable[[], datetime],
        gate: Gate,
    ) -> None:
        self._db = db
        self._transport = transport
        self._token = token
        self._clock = clock
        self._gate = gate
        self._last: _Sent | None = None
        self._settled = 0

    def send(self, claimed: Sequence[int], stopping: Callable[[], bool]) -> int:
        """How many answers were recorded. What was not handed over is free again at the end."""
        try:
            for mail_id in claimed:
                if stopping():
                    break
                mail = self._next(mail_id)
                if mail is not None:
                    self._last = _Sent(mail, self._hand_over(mail))
        finally:
            with self._db.begin() as session:
                self._settle(session)
                leases.release(session, OutboxMail.lease_token == self._token)
        return self._settled

    def _next(self, mail_id: int) -> OutboxMail | None:
        """Record the answer before, and mark this mail as `sending` if it may leave."""
        with self._db.begin() as session:
            self._settle(session)
            mail = leases.mark(session, mail_id, self._token, self._clock())
            verdict = self._verdict(session, mail) if mail is not None else None
            if mail is None or verdict is None:
                return mail
            leases.record(session, mail.id, verdict, self._clock(), token=self._token)
            self._settled += 1
        return None

    def _hand_over(self, mail: OutboxMail) -> Outcome:
        try:
            return self._transport.send(mail.address, mail.content.encode("ascii"))
        except RelayDown:
            raise
        except Exception:  # one mail that cannot be sent must not stop the others
            log.exception("mail %s could not be handed over", mail.id)
            return Outcome("uncertain", rules.UNSENDABLE)

    def _settle(self, session: Session) -> None:
        if self._last is None:
            return
        mail, outcome, now = self._last.mail, self._last.outcome, self._clock()
        fate = _fate(mail, outcome, now)
        if leases.record(session, mail.id, fate, now, token=self._token):
            made = Try(mail_id=mail.id, at=now, word=outcome.word, reply=outcome.reply)
            tries.note(session, [made])
            self._settled += 1
            log.info("mail %s %s: %s", mail.id, fate.state, fate.reason)
        self._last = None

    def _verdict(self, session: Session, mail: OutboxMail) -> Fate | None:
        """Why the mail must not leave now; None lets it pass."""
        now = self._clock()
        if mail.expires_at is not None and mail.expires_at <= now:
            return Fate("expired", rules.EXPIRED, mail.attempts, mail.uncertain)
        try:
            with session.begin_nested():
                reason = self._gate(session, mail, now)
        except Exception:  # one mail that cannot be judged must not stop the others
            log.exception("the gate failed for mail %s", mail.id)
            return _fate(mail, Outcome("deferred", rules.UNJUDGED), now)
        return Fate("void", reason, mail.attempts, mail.uncertain) if reason else None


def _fate(mail: OutboxMail, outcome: Outcome, now: datetime) -> Fate:
    return rules.fate(
        outcome,
        attempts=mail.attempts,
        uncertain=mail.uncertain,
        expires_at=mail.expires_at,
        key=mail.message_id,
        now=now,
    )
