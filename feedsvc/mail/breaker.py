"""May a mail server be used now? What one process learns about it, all others know at once.

1. Closed: mails go through.
2. It cannot be reached, refuses us, or refuses one reader after the other for a reason that may be
   ours: open. No mail leaves before `until`, and nobody's attempts are used up.
3. Then one process tries with one mail (half open), while the others go on waiting. If that goes
   well, closed; if not, open for longer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from feedsvc.mail.models import MailRelay
from feedsvc.mail.rules import Outcome
from feedsvc.mail.transports import RelayDown
from feedsvc.mail.verdicts import Answer
from feedsvc.statements import insert

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)
PROBE = timedelta(minutes=2)  # who tries for longer is slow or dead: another may try as well
# So many different readers in a row, refused for such a reason: the fault is ours, not theirs.
LIMITS = {"policy": 10, "unclear": 10, "content": 3}

_KNOWN = select(MailRelay.state, MailRelay.until, MailRelay.why, MailRelay.doubts).where(
    MailRelay.scope == bindparam("scope")
)
_LOCKED = _KNOWN.with_for_update()


@dataclass(frozen=True)
class Standing:
    """What is known of a mail server; `doubts` are digests of addresses, by what it refused."""

    state: str = "closed"
    until: datetime | None = None
    why: str = ""
    doubts: dict[str, list[str]] = field(default_factory=dict)

    def is_shut(self, now: datetime) -> bool:
        """Whether nobody may use it now, but who is trying it."""
        return self.state != "closed" and self.until is not None and now < self.until

    def blames(self, outcome: Outcome, *, alone: bool) -> bool:
        """Whether such an answer is by now a matter of ours; to who tries `alone` it is at once."""
        if alone:
            return outcome.about in LIMITS or outcome.word == "uncertain"
        return len(self.doubts.get(outcome.about, ())) >= LIMITS.get(outcome.about, 1)


def standing(session: Session, scope: str, *, lock: bool = False) -> Standing:
    statement = _LOCKED if lock else _KNOWN
    row = session.connection().execute(statement, {"scope": scope}).one_or_none()
    return Standing(*row) if row else Standing()


def enter(session: Session, scope: str, now: datetime) -> bool:
    """Whether this process is the one that tries. Raises: RelayDown, while nobody may."""
    found = standing(session, scope, lock=True)
    if found.is_shut(now):
        raise RelayDown(found.why)
    if found.state == "closed":
        return False
    _set(session, scope, state="half_open", until=now + PROBE)
    return True


def learn(session: Session, scope: str, answers: Sequence[Answer]) -> Standing:
    """Keep which readers were refused, in a row, for a reason that may be ours; what is known then."""
    _ensure(session, scope)
    known = standing(session, scope, lock=True)
    doubts: dict[str, list[str]] = dict(known.doubts)
    for answer in answers:
        about = answer.outcome.about
        if answer.outcome.word == "accepted":
            doubts = {}
        elif about in LIMITS:
            whom = hashlib.sha256(answer.mail.address.encode()).hexdigest()[:12]
            doubts[about] = sorted({*doubts.get(about, ()), whom})
    _set(session, scope, doubts=doubts)
    return replace(known, doubts=doubts)


def close(session: Session, scope: str) -> None:
    """It works again."""
    _set(session, scope, state="closed", until=None, why="", faults=0)


def open_(session: Session, scope: str, why: str, now: datetime, *, tried: bool) -> None:
    """Use it no more for a while: 15 seconds, twice as long after each try that fails.

    Who had not `tried` it alone does not prolong what others have found out already.
    """
    _ensure(session, scope)
    faults = session.scalar(
        select(MailRelay.faults).where(MailRelay.scope == scope).with_for_update()
    )
    wait = min(FIRST_PAUSE * 2 ** min(faults or 0, 10), LONGEST_PAUSE)
    statement = update(MailRelay).where(MailRelay.scope == scope)
    if not tried:
        statement = statement.where(MailRelay.state == "closed")
    session.execute(
        statement.values(state="open", until=now + wait, why=why[:300], faults=MailRelay.faults + 1)
    )


def leave(session: Session, scope: str, now: datetime) -> None:
    """There was no mail to try it with: let the next one try."""
    _set(session, scope, state="open", until=now)


def _ensure(session: Session, scope: str) -> None:
    session.execute(insert(session, MailRelay).values(scope=scope).on_conflict_do_nothing())


def _set(session: Session, scope: str, **values: object) -> None:
    session.execute(update(MailRelay).where(MailRelay.scope == scope).values(values))
