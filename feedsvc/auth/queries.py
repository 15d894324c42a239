"""Read accounts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.auth import passwords, rules
from feedsvc.auth.models import Account


def account(session: Session, email: str) -> Account | None:
    """The account with that address, whatever its case."""
    return session.scalar(select(Account).where(Account.email == rules.same_address(email)))


def authenticated(session: Session, email: str, password: str) -> Account | None:
    """The account whose password this is.

    The answer and its time are the same for an unknown address, a disabled account and a wrong
    password. It hashes for some 30 ms: call it outside a write transaction.
    """
    found = account(session, email)
    if found is not None and found.disabled_at is not None:
        found = None
    right = passwords.matches(found.password_hash if found else None, password)
    return found if right else None
