"""The second step of signing in: turn it on and off, and take a code for what it is worth, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.auth import attempts, audit, codes, queries, sessions
from feedsvc.auth.accounts import SUBJECT
from feedsvc.auth.models import Account, RecoveryCode
from feedsvc.auth.rules import Actor
from feedsvc.errors import Conflict, Invalid, Problem
from feedsvc.i18n import N_

WRONG = N_("This code is not right, or was used already. Wait for the next one.")


def offered_salt(key: str, account: Account, digest: str) -> str:
    """The salt of the secret that a session is shown before the step is on.

    The same each time the page is looked at, so that looking writes nothing; another one for
    another session, and after a code of it was used.
    """
    return tokens.keyed(key, "second step", f"{account.id}\0{digest}\0{account.totp_step}")


def turn_on(
    session: Session, actor: Actor, code: str, *, digest: str, key: str, now: datetime
) -> list[str]:
    """Ask for codes from now on; the recovery codes, which are shown once.

    Every other session ends. Raises: Conflict if it is on; Invalid (code).
    """
    account = session.get_one(Account, actor.id, with_for_update=True)
    if account.totp_since is not None:
        raise Conflict(N_("The second step is on already."))
    salt = offered_salt(key, account, digest)
    step = codes.step_of(codes.secret(key, salt), code, after=account.totp_step, now=now)
    if step is None:
        raise Invalid(Problem("code", WRONG))
    account.totp_salt, account.totp_since, account.totp_step = salt, now, step
    sessions.end_all(session, account.id, but=digest)
    audit.record(session, SUBJECT, account.id, "second_step_on", {}, actor=actor, now=now)
    return _fresh_codes(session, account, key)


def new_codes(session: Session, actor: Actor, *, key: str, now: datetime) -> list[str]:
    """Recovery codes in place of those there were."""
    account = session.get_one(Account, actor.id, with_for_update=True)
    if account.totp_since is None:
        raise Conflict(N_("The second step is off."))
    audit.record(session, SUBJECT, account.id, "new_codes", {}, actor=actor, now=now)
    return _fresh_codes(session, account, key)


def turn_off(session: Session, account_id: int, *, actor: Actor, now: datetime) -> bool:
    """Let a password be enough; whether it was not before. Raises: NotFound."""
    account = queries.loaded(session, account_id)
    if account.totp_since is None:
        return False
    account.totp_salt, account.totp_since = "", None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    audit.record(session, SUBJECT, account.id, "second_step_off", {}, actor=actor, now=now)
    return True


def count(session: Session, account_id: int, *, key: str, now: datetime) -> None:
    """Count a try before it is made. Raises: TooMany."""
    attempts.count(session, attempts.CODE, str(account_id), key=key, now=now)


def spend(session: Session, account: Account, typed: str, *, key: str, now: datetime) -> bool:
    """Whether that is a code of the account, of its telephone or for recovery; it is used up.

    The database decides: of two who send the same code at once, one is let in.
    """
    secret = codes.secret(key, account.totp_salt)
    step = codes.step_of(secret, typed, after=account.totp_step, now=now)
    if step is None:
        return _spend_recovery_code(session, account, typed, key)
    used = session.execute(
        update(Account)
        .where(Account.id == account.id, Account.totp_step < step)
        .values(totp_step=step)
    )
    if not _is_one(used):
        return False
    attempts.forgive(session, attempts.CODE, str(account.id), key=key)
    return True


def codes_left(session: Session, account_id: int) -> int:
    """How many recovery codes were not used."""
    rows = select(func.count()).where(RecoveryCode.account_id == account_id)
    return session.scalar(rows) or 0


def _spend_recovery_code(session: Session, account: Account, typed: str, key: str) -> bool:
    digest = _digest(key, account, typed)
    gone = session.execute(
        delete(RecoveryCode).where(
            RecoveryCode.account_id == account.id, RecoveryCode.digest == digest
        )
    )
    return _is_one(gone)


def _fresh_codes(session: Session, account: Account, key: str) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    made = [codes.recovery_code() for _ in range(codes.RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(account_id=account.id, digest=_digest(key, account, code)) for code in made
    )
    return made


def _digest(key: str, account: Account, code: str) -> str:
    return tokens.keyed(key, "recovery code", f"{account.id}\0{codes.same_recovery_code(code)}")


def _is_one(done: object) -> bool:
    assert isinstance(done, CursorResult)
    return bool(done.rowcount == 1)
