"""What becomes of the mails of a group: of those that the gate stops, of those that were answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.mail import rules
from feedsvc.mail.leases import Leaving
from feedsvc.mail.rules import Fate, Outcome
from feedsvc.mail.tries import Try

log = logging.getLogger(__name__)

# Why mails must not leave any more, by their id; those that may are not named. It is asked for a
# whole group, in the transaction of the mark `sending`, and may write there.
Gate = Callable[[Session, Sequence[Leaving], datetime], Mapping[int, str]]


@dataclass(frozen=True)
class Answer:
    """What was said of a mail that was handed over under that token."""

    mail: Leaving
    token: str
    outcome: Outcome

    def as_try(self, at: datetime) -> Try:
        said = self.outcome
        return Try(
            mail_id=self.mail.id, at=at, word=said.word, stage=said.stage, reply=said.reply
        )  # fmt: skip


def fate(answer: Answer, now: datetime, *, blamed: str = "") -> Fate:
    """`blamed`: for what sort of refusal this site is to blame, not the mails.

    A text that is refused is that mail's fault even so: tried again and again, it would keep all
    others waiting.
    """
    ours = answer.outcome.about == blamed and blamed not in ("", "content")
    return _fate(answer.mail, answer.outcome, now, ours=ours)


class Unjudged(Exception):
    """The gate failed for a group; the transaction in which it was asked is to be undone."""


def stopped(
    session: Session, gate: Gate, mails: Sequence[Leaving], now: datetime, *, singly: bool = False
) -> dict[int, Fate]:
    """Those of the marked mails that must not leave now, and what becomes of them. Raises: Unjudged.

    `singly` asks for one after the other, and puts off those for which the gate fails.
    """
    late = [mail for mail in mails if mail.expires_at is not None and mail.expires_at <= now]
    fates = {mail.id: _ended(mail, "expired", rules.EXPIRED) for mail in late}
    left = [mail for mail in mails if mail.id not in fates]
    for group in [[mail] for mail in left] if singly else [left] if left else []:
        fates |= _voided(session, gate, group, now, singly=singly)
    return fates


def _voided(
    session: Session, gate: Gate, mails: Sequence[Leaving], now: datetime, *, singly: bool
) -> dict[int, Fate]:
    try:
        if singly:
            with session.begin_nested():
                reasons = gate(session, mails, now)
        else:
            reasons = gate(session, mails, now)
    except Exception as fault:  # one mail that cannot be judged must not stop the others
        if not singly:
            raise Unjudged from fault
        log.exception("the gate failed for mail %s", mails[0].id)
        return {mails[0].id: _fate(mails[0], Outcome("deferred", rules.UNJUDGED), now)}
    return {mail.id: _ended(mail, "void", reasons[mail.id]) for mail in mails if mail.id in reasons}


def _ended(mail: Leaving, state: str, reason: str) -> Fate:
    return Fate(state, reason, mail.attempts, mail.uncertain)


def _fate(mail: Leaving, outcome: Outcome, now: datetime, *, ours: bool = False) -> Fate:
    return rules.fate(
        outcome,
        attempts=mail.attempts,
        uncertain=mail.uncertain,
        expires_at=mail.expires_at,
        key=mail.message_id,
        now=now,
        ours=ours,
    )
