"""Manage accounts: add, change, shut and open them. Every act is a row of the audit log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from feedsvc.auth import audit, passwords, queries, rules, sessions
from feedsvc.auth.access import changes as access
from feedsvc.auth.models import Account, account_cluster
from feedsvc.auth.rules import SYSTEM, Actor
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.markup import one_line

SUBJECT = "account"


@dataclass(frozen=True, kw_only=True)
class AccountEdit:
    """What an administrator wants an account to be; `clusters` are ids, for an editor of clusters."""

    email: str
    name: str
    role: str
    clusters: Collection[int] = ()
    language: str = ""

    def clean(self) -> AccountEdit:
        """As it is kept: only an editor of clusters has any."""
        return AccountEdit(
            email=rules.same_address(self.email),
            name=one_line(self.name),
            role=self.role,
            clusters=frozenset(self.clusters if self.role == rules.CLUSTER_EDITOR else ()),
            language=self.language,
        )


def add(
    session: Session,
    edit: AccountEdit,
    *,
    password: str | None = None,
    actor: Actor = SYSTEM,
    now: datetime,
) -> Account:
    """A new account; without a password it waits for its invitation to be accepted.

    Flushes for its id. Raises: Invalid (email, name, role, clusters, password).
    """
    edit = edit.clean()
    problems = _problems(session, edit, None)
    if password is not None:
        problems += rules.password_problems(password, email=edit.email)
    if problems:
        raise Invalid(*problems)
    account = Account(
        email=edit.email,
        name=edit.name,
        role=edit.role,
        language=edit.language,
        password_hash="" if password is None else passwords.hashed(password),
        created_at=now,
    )
    session.add(account)
    session.flush()
    _give_clusters(session, account, edit.clusters)
    facts = {"email": (None, edit.email), "role": (None, edit.role)}
    act = "created" if password is not None else "invited"
    audit.record(session, SUBJECT, account.id, act, facts, actor=actor, now=now)
    return account


def change(
    session: Session, account_id: int, edit: AccountEdit, *, actor: Actor, now: datetime
) -> Account:
    """Change who it is and what it may do, from its next request on.

    Raises: NotFound; Invalid (email, name, role, clusters), also for the last administrator.
    """
    account, edit = queries.loaded(session, account_id), edit.clean()
    problems = _problems(session, edit, account)
    if edit.role != rules.ADMINISTRATOR:
        problems += _last_administrator(session, account, "role")
    if problems:
        raise Invalid(*problems)
    before = _seen(session, account)
    account.email, account.name, account.role = edit.email, edit.name, edit.role
    account.language = edit.language or account.language
    session.execute(delete(account_cluster).where(account_cluster.c.account_id == account.id))
    _give_clusters(session, account, edit.clusters)
    session.flush()
    after = _seen(session, account)
    differing = {
        field: (before[field], after[field]) for field in before if before[field] != after[field]
    }
    if differing:
        audit.record(session, SUBJECT, account.id, "edited", differing, actor=actor, now=now)
    return account


def shut(session: Session, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Nobody signs in with it any more; its sessions and tokens end. Raises: NotFound, Invalid."""
    account = queries.loaded(session, account_id)
    if account.disabled_at is not None:
        return
    problems = _last_administrator(session, account, "")
    if problems:
        raise Invalid(*problems)
    account.disabled_at = now
    sessions.end_all(session, account.id)
    access.revoke_all(session, account.id, now=now)
    audit.record(session, SUBJECT, account.id, "disabled", {}, actor=actor, now=now)


def open_again(session: Session, account_id: int, *, actor: Actor, now: datetime) -> None:
    """It may be used again, with the password it had. Raises: NotFound."""
    account = queries.loaded(session, account_id)
    if account.disabled_at is None:
        return
    account.disabled_at = None
    audit.record(session, SUBJECT, account.id, "enabled", {}, actor=actor, now=now)


def _problems(session: Session, edit: AccountEdit, account: Account | None) -> list[Problem]:
    problems = rules.account_problems(email=edit.email, name=edit.name, role=edit.role)
    if edit.role == rules.CLUSTER_EDITOR and not edit.clusters:
        problems.append(Problem("clusters", N_("Choose at least one cluster.")))
    other = queries.account(session, edit.email)
    if other is not None and other is not account:
        problems.append(Problem("email", N_("There is an account with this address already.")))
    return problems


def _last_administrator(session: Session, account: Account, field: str) -> list[Problem]:
    """Somebody must be left who can let others in. One who never signed in does not count.

    The rows are locked: two administrators cannot dismiss each other in the same second.
    """
    those = session.scalars(
        select(Account)
        .where(
            Account.role == rules.ADMINISTRATOR,
            Account.disabled_at.is_(None),
            Account.password_hash != "",
        )
        .order_by(Account.id)
        .with_for_update()
    ).all()
    if [row.id for row in those] != [account.id]:
        return []
    return [Problem(field, N_("This is the last administrator. Make somebody else one first."))]


def _seen(session: Session, account: Account) -> dict[str, Any]:
    theirs = queries.clusters(session).get(account.id, frozenset())
    return {
        "email": account.email,
        "name": account.name,
        "role": account.role,
        "clusters": sorted(theirs),
    }


def _give_clusters(session: Session, account: Account, clusters: Collection[int]) -> None:
    rows = [{"account_id": account.id, "cluster_id": cluster} for cluster in sorted(clusters)]
    if rows:
        session.execute(insert(account_cluster), rows)
