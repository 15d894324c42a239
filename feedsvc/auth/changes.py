"""Sign people in, and change their passwords.

Signing in is three steps, because a failed try must be counted although nothing else happens,
and a password is hashed outside the write lock:

1. `count_attempt` in a transaction of its own;
2. `queries.authenticated`, which only reads;
3. `sign_in` in a second transaction, for the account that step 2 found.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.auth import passwords, queries, rules, sessions
from feedsvc.auth.models import Account, SignInAttempt
from feedsvc.errors import Invalid, NotFound, Problem, TooMany
from feedsvc.i18n import N_


def count_attempt(session: Session, email: str, client: str, *, key: str, now: datetime) -> None:
    """Count a try before it is made. Raises: TooMany, for this account or this client.

    A refused try is not counted, so that a stranger cannot keep the owner out for longer than
    the window.
    """
    start = now - rules.ATTEMPT_WINDOW
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= start))
    for subject in _subjects(email, client, key):
        count, first = session.execute(
            select(func.count(), func.min(SignInAttempt.at)).where(SignInAttempt.subject == subject)
        ).one()
        if count >= rules.ATTEMPTS:
            raise TooMany(
                N_("Too many attempts to sign in. Try again in a few minutes."),
                retry_after=max(1, int((first - start).total_seconds())),
            )
        session.add(SignInAttempt(subject=subject, at=now))


def sign_in(
    session: Session,
    account: Account,
    password: str,
    *,
    client: str,
    key: str,
    language: str,
    now: datetime,
) -> str:
    """Open a session, in that language, for an authenticated account; forget its failed tries.

    Returns the secret for the cookie.
    """
    by_account, by_client = _subjects(account.email, client, key)
    session.execute(delete(SignInAttempt).where(SignInAttempt.subject == by_account))
    # Of the client only this try is forgiven: one good account must not reset a spraying client.
    last = select(func.max(SignInAttempt.id)).where(SignInAttempt.subject == by_client)
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == last.scalar_subquery()))
    if passwords.outdated(account.password_hash):
        _set_password(session, account.id, password)
    return sessions.start(session, account.id, language=language, now=now)


def change_password(session: Session, account_id: int, *, old: str, new: str, digest: str) -> None:
    """Set a new password and end every other session. Raises: Invalid (old, new).

    `digest` names the session that may stay.
    """
    account = session.get_one(Account, account_id)
    if not passwords.matches(account.password_hash, old):
        raise Invalid(Problem("old", N_("This is not your present password.")))
    problems = rules.password_problems(new, email=account.email, field="new")
    if problems:
        raise Invalid(*problems)
    _set_password(session, account_id, new)
    sessions.end_all(session, account_id, but=digest)


def reset_password(session: Session, email: str, password: str) -> None:
    """An operator's way in: a new password, and every session of the account ends.

    Raises: NotFound, Invalid (password).
    """
    account = queries.account(session, rules.same_address(email))
    if account is None:
        raise NotFound(N_("There is no account with this address."))
    problems = rules.password_problems(password, email=account.email)
    if problems:
        raise Invalid(*problems)
    _set_password(session, account.id, password)
    sessions.end_all(session, account.id)


def _set_password(session: Session, account_id: int, password: str) -> None:
    session.get_one(Account, account_id).password_hash = passwords.hashed(password)


def _subjects(email: str, client: str, key: str) -> tuple[str, str]:
    address = rules.same_address(email)
    return (
        tokens.keyed(key, "sign-in account", address),
        tokens.keyed(key, "sign-in client", client),
    )
