"""What becomes of a mail after a try to hand it over. Pure.

The back-off follows RFC 5321 section 4.5.4.1 with a first short step for greylisting. A mail is
never retried past its own `expires_at`: a reminder after the deadline is worse than none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.i18n import N_

PRIORITIES = (0, 1, 3, 5, 7)  # what waits longest for its turn comes last
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 60, 120, 240, 360))
JITTER_PERCENT = 20
MAX_ATTEMPTS = 24  # about five days, for a mail that does not expire by itself
MAX_CRASHES = 5  # a mail whose sender dies each time must not stop all others for ever
POLICY_ATTEMPTS = 3  # a policy is often mended, or was a mistake

KEPT = N_("kept in the outbox: no mail server is set")
EXPIRED = N_("its time had passed before it could be handed over")
UNANSWERED = N_("handed over twice, and the mail server never said whether it took it")
CRASHED = N_("the process ended each time while it was sending this mail")
UNJUDGED = N_("it could not be judged whether this mail may still leave")
UNSENDABLE = N_("an error of this program stopped the hand-over; the log has it")
TAKEN_UP_AGAIN = N_("the process that was sending it ended; it is sent again")

_ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~.-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII
)


@dataclass(frozen=True)
class Outcome:
    """What a transport says of one try: accepted | deferred | refused | uncertain.

    `uncertain`: the whole mail was handed over and no answer came (RFC 1047). `stage` is the
    command that was answered so (MAIL, RCPT, DATA or `.`). `about` says what a refusal is about:
    address | policy | content | unclear, or nothing of these.
    """

    word: str
    reply: str = ""
    stage: str = ""
    about: str = ""


@dataclass(frozen=True)
class Fate:
    """What is written to the mail's row. `send_after` is None for a final state."""

    state: str
    reason: str
    attempts: int
    uncertain: bool
    send_after: datetime | None = None
    stage: str = ""

    @property
    def but_reason(self) -> Hashable:
        return self.state, self.attempts, self.uncertain, self.send_after, self.stage


def fate(
    outcome: Outcome,
    *,
    attempts: int,
    uncertain: bool,
    expires_at: datetime | None,
    key: str,
    now: datetime,
    ours: bool = False,
) -> Fate:
    """`attempts` and `uncertain` are those before this try; `key` spreads retries of a burst.

    `ours`: the mail server refuses everybody, so that this mail is not to blame.
    """
    tries = attempts if ours else attempts + 1
    doubt = uncertain or outcome.word == "uncertain"
    if outcome.word == "accepted":
        return Fate("accepted", outcome.reply, tries, doubt, stage=outcome.stage)
    if outcome.word == "refused" and not ours and not _may_change(outcome, tries):
        return Fate("failed", outcome.reply, tries, doubt, stage=outcome.stage)
    if outcome.word == "uncertain" and uncertain:
        return Fate("failed", UNANSWERED, tries, True, stage=outcome.stage)
    if tries >= MAX_ATTEMPTS:
        return Fate("failed", outcome.reply, tries, doubt, stage=outcome.stage)
    again = now + pause(max(tries, 1), key)
    if expires_at is not None and again >= expires_at:
        return Fate("expired", outcome.reply or EXPIRED, tries, doubt, stage=outcome.stage)
    return Fate("queued", outcome.reply, tries, doubt, again, outcome.stage)


def after_crash(*, attempts: int, crashes: int, now: datetime) -> Fate:
    """Its process died between the mark `sending` and the answer: nobody knows how far it got.

    `crashes` counts this one too.
    """
    if crashes >= MAX_CRASHES:
        return Fate("failed", CRASHED, attempts + 1, True)
    return Fate("queued", TAKEN_UP_AGAIN, attempts + 1, True, now)


def is_sendable(address: str) -> bool:
    """Whether SMTP can name it as it is: in ASCII (a domain as A-label), one address, nothing else.

    RFC 5321 section 4.1.2. What is within quotes or brackets, or needs SMTPUTF8, is refused when
    readers sign up; here too, so that nothing else can end the command or name somebody else.
    """
    return _ADDRESS.fullmatch(address) is not None and len(address) <= 254


def pause(attempts: int, key: str) -> timedelta:
    """How long to wait after that many tries: the step, a fifth more or less."""
    step = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    digest = hashlib.sha256(f"{key}\0{attempts}".encode()).digest()
    percent = int.from_bytes(digest[:4], "big") % (2 * JITTER_PERCENT + 1) - JITTER_PERCENT
    return step + step * percent / 100


def _may_change(outcome: Outcome, tries: int) -> bool:
    """A refusal for reasons of policy is often mended soon, by us or by them."""
    return outcome.about == "policy" and tries < POLICY_ATTEMPTS
