"""What becomes of a mail after a try to hand it over. Pure.

The back-off follows RFC 5321 section 4.5.4.1 with a first short step for greylisting. A mail is
never retried past its own `expires_at`: a reminder after the deadline is worse than none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.i18n import N_

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 60, 120, 240))
JITTER_PERCENT = 20
MAX_ATTEMPTS = 24  # about four days, for a mail that does not expire by itself
MAX_CRASHES = 5  # a mail whose sender dies each time must not stop all others for ever

KEPT = N_("kept in the outbox: no mail server is set")
EXPIRED = N_("its time had passed before it could be handed over")
UNANSWERED = N_("handed over twice, and the mail server never said whether it took it")
CRASHED = N_("the process ended each time while it was sending this mail")
UNJUDGED = N_("it could not be judged whether this mail may still leave")
UNSENDABLE = N_("an error of this program stopped the hand-over; the log has it")
TAKEN_UP_AGAIN = N_("the process that was sending it ended; it is sent again")


@dataclass(frozen=True)
class Outcome:
    """What a transport says of one try: accepted | deferred | refused | uncertain.

    `uncertain`: the whole mail was handed over and no answer came (RFC 1047).
    """

    word: str
    reply: str = ""


@dataclass(frozen=True)
class Fate:
    """What is written to the mail's row. `send_after` is None for a final state."""

    state: str
    reason: str
    attempts: int
    uncertain: bool
    send_after: datetime | None = None


def fate(
    outcome: Outcome,
    *,
    attempts: int,
    uncertain: bool,
    expires_at: datetime | None,
    key: str,
    now: datetime,
) -> Fate:
    """`attempts` and `uncertain` are those before this try; `key` spreads retries of a burst."""
    if outcome.word == "accepted":
        return Fate("accepted", outcome.reply, attempts + 1, uncertain)
    if outcome.word == "refused":
        return Fate("failed", outcome.reply, attempts + 1, uncertain)
    if outcome.word == "uncertain" and uncertain:
        return Fate("failed", UNANSWERED, attempts + 1, True)
    attempts += 1
    uncertain = uncertain or outcome.word == "uncertain"
    again = now + pause(attempts, key)
    if attempts >= MAX_ATTEMPTS:
        return Fate("failed", outcome.reply, attempts, uncertain)
    if expires_at is not None and again >= expires_at:
        return Fate("expired", outcome.reply or EXPIRED, attempts, uncertain)
    return Fate("queued", outcome.reply, attempts, uncertain, again)


def after_crash(*, attempts: int, now: datetime) -> Fate:
    """Its process died between the mark `sending` and the answer: nobody knows how far it got."""
    if attempts + 1 >= MAX_CRASHES:
        return Fate("failed", CRASHED, attempts + 1, True)
    return Fate("queued", TAKEN_UP_AGAIN, attempts + 1, True, now)


def pause(attempts: int, key: str) -> timedelta:
    """How long to wait after that many tries: the step, a fifth more or less."""
    step = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    digest = hashlib.sha256(f"{key}\0{attempts}".encode()).digest()
    percent = int.from_bytes(digest[:4], "big") % (2 * JITTER_PERCENT + 1) - JITTER_PERCENT
    return step + step * percent / 100
