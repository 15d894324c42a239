"""How often something may be tried: counted in the database, so that all workers count together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.auth import rules
from feedsvc.auth.models import SignInAttempt
from feedsvc.errors import TooMany
from feedsvc.i18n import N_


@dataclass(frozen=True)
class Limit:
    """At most so many tries in so long, of each value: an account, an address, a client."""

    name: str
    most: int
    window: timedelta


SIGN_IN_ACCOUNT = Limit("sign-in account", rules.ATTEMPTS, rules.ATTEMPT_WINDOW)
SIGN_IN_CLIENT = Limit("sign-in client", rules.ATTEMPTS, rules.ATTEMPT_WINDOW)
CODE = Limit("code account", rules.CODE_ATTEMPTS, rules.ATTEMPT_WINDOW)
RESET_ADDRESS = Limit("reset address", rules.RESETS, rules.RESET_WINDOW)
RESET_CLIENT = Limit("reset client", rules.RESETS_OF_CLIENT, rules.RESET_WINDOW)
LONGEST = max(rules.ATTEMPT_WINDOW, rules.RESET_WINDOW)


def count(session: Session, limit: Limit, value: str, *, key: str, now: datetime) -> None:
    """Count a try before it is made. Raises: TooMany.

    A refused try is not counted, so that a stranger cannot keep the owner out for longer than
    the window.
    """
    subject, start = _subject(limit, value, key), now - limit.window
    _one_at_a_time(session, subject)
    number, first = session.execute(
        select(func.count(), func.min(SignInAttempt.at)).where(
            SignInAttempt.subject == subject, SignInAttempt.at > start
        )
    ).one()
    if number >= limit.most:
        raise TooMany(
            N_("Too many attempts. Try again in a few minutes."),
            retry_after=max(1, int((first - start).total_seconds())),
        )
    session.add(SignInAttempt(subject=subject, at=now))
    session.flush()


def forgive(session: Session, limit: Limit, value: str, *, key: str) -> None:
    """Forget every try of that value."""
    session.execute(
        delete(SignInAttempt).where(SignInAttempt.subject == _subject(limit, value, key))
    )


def forgive_last(session: Session, limit: Limit, value: str, *, key: str) -> None:
    """Forget the last try only."""
    last = select(func.max(SignInAttempt.id)).where(
        SignInAttempt.subject == _subject(limit, value, key)
    )
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == last.scalar_subquery()))


def purge(session: Session, *, now: datetime) -> None:
    """Remove what no limit counts any more."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now - LONGEST))


def _one_at_a_time(session: Session, subject: str) -> None:
    """Two workers must not both count nine and allow a tenth each; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(subject))))


def _subject(limit: Limit, value: str, key: str) -> str:
    return tokens.keyed(key, limit.name, value)
