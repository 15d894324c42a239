"""Read accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from feedsvc.auth import passwords, rules
from feedsvc.auth.models import Account, account_cluster
from feedsvc.auth.rules import Actor
from feedsvc.errors import NotFound
from feedsvc.i18n import N_

_ORDER = (Account.disabled_at.is_not(None), Account.name, Account.id)


def account(session: Session, email: str) -> Account | None:
    """The account with that address, whatever its case."""
    return session.scalar(select(Account).where(Account.email == rules.same_address(email)))


def loaded(session: Session, account_id: int) -> Account:
    """Raises: NotFound."""
    found = session.get(Account, account_id)
    if found is None:
        raise NotFound(N_("There is no account with this number."))
    return found


def accounts(session: Session) -> Sequence[Account]:
    """Every account: those that may sign in first, by name."""
    return session.scalars(select(Account).order_by(*_ORDER)).all()


def names(session: Session) -> Mapping[str, str]:
    """What every account is called, by its number, in the same order."""
    rows = session.execute(select(Account.id, Account.name).order_by(*_ORDER))
    return {str(number): name for number, name in rows}


def clusters(session: Session) -> Mapping[int, frozenset[int]]:
    """The ids of the clusters that accounts may touch, by account."""
    found: dict[int, frozenset[int]] = {}
    for account_id, cluster_id in session.execute(select(account_cluster)):
        found[account_id] = found.get(account_id, frozenset()) | {cluster_id}
    return found


def actor(session: Session, found: Account | Row[*tuple[Any, ...]], *, client: str = "") -> Actor:
    """Who acts: the account (`id`, `name`, `role`) with the rights that it has now."""
    theirs: frozenset[int] = frozenset()
    if found.role == rules.CLUSTER_EDITOR:
        rows = select(account_cluster.c.cluster_id).where(account_cluster.c.account_id == found.id)
        theirs = frozenset(session.scalars(rows))
    return Actor(found.id, found.name, found.role, theirs, client)


def authenticated(session: Session, email: str, password: str) -> Account | None:
    """The account whose password this is.

    The answer and its time are the same for an unknown address, a disabled account and a wrong
    password. It hashes for some 30 ms: call it outside a write transaction.
    """
    found = account(session, email)
    if found is not None and (found.disabled_at is not None or not found.password_hash):
        found = None
    right = passwords.matches(found.password_hash if found else None, password)
    return found if right else None
