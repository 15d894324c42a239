"""Deliver what is due. Any number of processes may do this at once.

1. Nothing due: return, without a lock. The mail server is away: return, with nothing claimed.
2. Between two groups there is one transaction. It records the answers to the group before, claims
   the next mails (FOR UPDATE SKIP LOCKED, or SQLite's one writer) under a lease, asks the gate, and
   marks those that may leave as `sending`.
3. Hand these over, one after the other.

A group is what is sent in about 20 ms, 25 mails at most. So a process that dies has the answers of
one group unrecorded, and a process that slept past its lease finds that its token has gone: it
asks its clock before each mail, and the database before each group. What is most urgent is asked
for with each group, whatever else waits.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedsvc.clock import running_from
from feedsvc.clock import stopwatch as real_stopwatch
from feedsvc.db import Database
from feedsvc.mail import breaker, bucket, leases, rules, tries, verdicts
from feedsvc.mail.bucket import UNLIMITED, Rate
from feedsvc.mail.leases import LEASE, Leaving
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import Fate, Outcome
from feedsvc.mail.transports import RelayDown, Transport
from feedsvc.mail.verdicts import Answer, Gate, Unjudged

log = logging.getLogger(__name__)

ROUND = 200  # mails
GROUP, GROUP_SECONDS = 25, 0.02
SAFE_PART = 3  # a hand-over begins in the first third of its lease: the rest is time to finish it


@dataclass(frozen=True)
class Delivered:
    """What one round did: mails claimed, and the answers that were recorded.

    `paced`: mails are due that the mail server's rate does not allow yet.
    """

    claimed: int = 0
    settled: int = 0
    paced: bool = False


@dataclass
class Memory:
    """What a sender keeps from round to round.

    `answers` are those that the database has not taken yet, and `tokens` name the leases that it
    has not been told the end of: when it is back, they come first of all. `pace` is how many mails
    were sent in 20 ms of late.
    """

    answers: list[Answer] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    pace: int = 1

    def learn(self, mails: int, seconds: float) -> None:
        """Twice as many while answers are quick, half as many when they are slow."""
        fitting = int(GROUP_SECONDS * mails / seconds) if seconds > 0 else GROUP
        self.pace = max(1, self.pace // 2, min(fitting, self.pace * 2, GROUP))


def deliver_due(
    db: Database,
    transport: Transport,
    now: datetime,
    *,
    gate: Gate,
    batch: int = ROUND,
    lease: timedelta = LEASE,
    rate: Rate = UNLIMITED,
    memory: Memory | None = None,
    clock: Callable[[], datetime] | None = None,
    stopwatch: Callable[[], float] = real_stopwatch,
    stopping: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send at most `batch` due mails; `stopping` is asked between two. Raises: RelayDown.

    `clock` runs on from `now`, and `stopwatch` counts seconds; both are those of the machine unless
    a simulation has its own.
    """
    round_ = _Round(
        db, transport, gate, memory or Memory(), clock or running_from(now),
        lease=lease, rate=rate, stopwatch=stopwatch, stopping=stopping,
    )  # fmt: skip
    return round_.run(batch)


class _Round:
    """Some groups under one token, and what was answered and is not recorded yet."""

    def __init__(
        self,
        db: Database,
        transport: Transport,
        gate: Gate,
        memory: Memory,
        clock: Callable[[], datetime],
        *,
        lease: timedelta,
        rate: Rate,
        stopwatch: Callable[[], float],
        stopping: Callable[[], bool],
    ) -> None:
        self._db = db
        self._transport = transport
        self._scope = transport.scope
        self._gate = gate
        self._memory = memory
        self._clock = clock
        self._lease = lease
        self._rate = rate
        self._stopwatch = stopwatch
        self._stopping = stopping
        self._token = uuid.uuid4().hex
        self._left: list[int] = []  # marked, and not handed over
        self._alone = False  # whether this round tries a server that was away
        self._fault = ""  # why the server cannot be used, once that is known
        self._settled = self._sent = self._claimed = 0

    def run(self, most: int) -> Delivered:
        if self._memory.tokens:
            self._end()
        if not self._may_begin():
            return Delivered(settled=self._settled)
        self._memory.tokens.add(self._token)
        try:
            self._send(1 if self._alone else most)
        except RelayDown as fault:
            self._fault = str(fault)
        except Exception:
            self._end()
            raise
        self._end()
        paced = not self._claimed and self._rate.per_second > 0
        return Delivered(self._claimed, self._settled, paced=paced)

    def _may_begin(self) -> bool:
        """Whether anything is due, over a connection that stands. Raises: RelayDown."""
        now = self._clock()
        with self._db.read() as session:
            if leases.most_urgent(session, now) is None:
                return False
            known = breaker.standing(session, self._scope)
        if known.state != "closed":
            with self._db.begin() as session:
                self._alone = breaker.enter(session, self._scope, now)
        try:
            self._transport.open()
        except RelayDown as fault:
            with self._db.begin() as session:
                breaker.open_(session, self._scope, str(fault), self._clock(), tried=self._alone)
            raise
        return True

    def _send(self, most: int) -> None:
        while (self._left or self._claimed < most) and not self._stopping():
            fresh_until = self._clock() + self._lease / SAFE_PART
            group = self._next(most - self._claimed)
            if group is None:
                return
            if group:
                self._hand_over_all(group, fresh_until)

    def _next(self, most: int) -> list[Leaving] | None:
        """Record the answers to the group before, and mark the next one; None if nothing is due."""
        before = self._alone, self._fault
        try:
            return self._turn(most)
        except Unjudged:  # nothing of it was written: once more, each mail by itself
            self._alone, self._fault = before
            return self._turn(most, singly=True)

    def _turn(self, most: int, *, singly: bool = False) -> list[Leaving] | None:
        again = self._left[: self._memory.pace]
        with self._db.begin() as session:
            now = self._clock()
            fates = self._record(session, now)
            marked = [] if self._fault else self._mark(session, again, most, now)
            stopped = verdicts.stopped(session, self._gate, marked, now, singly=singly)
            leases.settle(session, stopped, dict.fromkeys(stopped, self._token), now)
        self._recorded(fates | stopped)
        if self._fault:
            raise RelayDown(self._fault)
        self._left = self._left[len(again) :]
        self._claimed += 0 if again else len(marked)
        if not marked and not again:
            return None
        return [mail for mail in marked if mail.id not in stopped]

    def _mark(
        self, session: Session, again: Sequence[int], most: int, now: datetime
    ) -> list[Leaving]:
        """Those that are left and still ours; without any, those that are due."""
        if again:
            return leases.mark(session, again, self._token, now, lease=self._lease)
        most = min(most, self._memory.pace)
        allowed = bucket.take(session, self._scope, self._rate, most, now)
        if not allowed:
            return []
        found = leases.claim(session, self._token, now, most=allowed, lease=self._lease)
        bucket.give_back(session, self._scope, self._rate, allowed - len(found))
        return found

    def _hand_over_all(self, mails: Sequence[Leaving], fresh_until: datetime) -> None:
        began, sent = self._stopwatch(), 0
        for mail in mails:
            if self._stopping() or self._clock() >= fresh_until:
                break
            outcome = self._hand_over(mail)
            self._memory.answers.append(Answer(mail, self._token, outcome))
            sent += 1
            if outcome.about or self._stopwatch() - began >= GROUP_SECONDS:
                break  # what may concern all, and what took long, is recorded before the next
        self._sent += sent
        self._memory.learn(sent, self._stopwatch() - began)
        # Those not handed over are marked anew with the next group, and pass the gate again.
        self._left = [*(mail.id for mail in mails[sent:]), *self._left]

    def _hand_over(self, mail: Leaving) -> Outcome:
        try:
            return self._transport.send(mail.address, mail.whole(), mail.id)
        except RelayDown:
            raise
        except Exception:  # one mail that cannot be sent must not stop the others
            log.exception("mail %s could not be handed over", mail.id)
            return Outcome("uncertain", rules.UNSENDABLE)

    def _record(self, session: Session, now: datetime) -> dict[int, Fate]:
        """Write what becomes of the mails that were answered, as far as they are still ours."""
        answers = self._memory.answers
        if not answers:
            return {}
        blamed = self._learn(session, answers, now)
        fates = {answer.mail.id: verdicts.fate(answer, now, blamed=blamed) for answer in answers}
        tokens = {answer.mail.id: answer.token for answer in answers}
        ours = leases.settle(session, fates, tokens, now)
        tries.note(
            session,
            [a.as_try(now) for a in answers if a.outcome.word != tries.YES and a.mail.id in ours],
        )
        return {mail_id: fate for mail_id, fate in fates.items() if mail_id in ours}

    def _learn(self, session: Session, answers: Sequence[Answer], now: datetime) -> str:
        """Tell all processes what these answers say of the server; what is blamed for them, if any."""
        last = answers[-1]
        known = breaker.standing(session, self._scope)
        if last.outcome.about in breaker.LIMITS or known.doubts:
            known = breaker.learn(session, self._scope, answers)
        if known.blames(last.outcome, alone=self._alone):
            breaker.open_(session, self._scope, last.outcome.reply, now, tried=self._alone)
            self._alone, self._fault = False, last.outcome.reply
            return last.outcome.about
        if self._alone:
            breaker.close(session, self._scope)
            self._alone = False
        elif known.is_shut(now):
            self._fault = known.why
        return ""

    def _recorded(self, fates: Mapping[int, Fate]) -> None:
        """The transaction is through: it need not be told again."""
        self._memory.answers.clear()
        self._settled += len(fates)
        for mail_id, fate in fates.items():
            if fate.state != "accepted":
                log.info("mail %s %s: %s", mail_id, fate.state, fate.reason)

    def _end(self) -> None:
        """Record the last answers; what was not handed over is free again. Raises: RelayDown."""
        fault = self._fault
        with self._db.begin() as session:
            now = self._clock()
            fates = self._record(session, now)
            leases.release(session, OutboxMail.lease_token.in_(self._memory.tokens))
            bucket.give_back(session, self._scope, self._rate, self._claimed - self._sent)
            if fault:
                breaker.open_(session, self._scope, fault, now, tried=self._alone)
            elif self._alone:
                breaker.leave(session, self._scope, now)
        self._recorded(fates)
        self._memory.tokens.clear()
        if self._fault:
            raise RelayDown(self._fault)
