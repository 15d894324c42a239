"""Read tokens: whose they are, and who acts by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feedsvc import tokens
from feedsvc.auth import queries
from feedsvc.auth.access import rules
from feedsvc.auth.access.models import AccessToken
from feedsvc.auth.rules import Actor


@dataclass(frozen=True)
class Caller:
    """Who acts by a token: the account with the rights that it has now, and what the token adds."""

    token_id: int
    token_name: str
    actor: Actor
    scopes: frozenset[str]
    expires_at: datetime
    has_second_step: bool


def caller(session: Session, secret: str, *, client: str, now: datetime) -> Caller | None:
    """Who has that secret; None if nobody (any more): unknown, expired, revoked, account shut.

    In the history they stand with the name of the token behind their own.
    """
    token = session.scalar(
        select(AccessToken)
        .options(joinedload(AccessToken.account))
        .where(AccessToken.digest == tokens.digest(secret))
    )
    if token is None or not rules.is_alive(token.expires_at, token.revoked_at, now):
        return None
    if token.account.disabled_at is not None:
        return None
    person = queries.actor(session, token.account, client=client)
    name = f"{person.name[:130]} ({token.name})"
    return Caller(
        token_id=token.id,
        token_name=token.name,
        actor=Actor(person.id, name, person.role, person.clusters, person.client),
        scopes=frozenset(token.scopes),
        expires_at=token.expires_at,
        has_second_step=token.account.totp_since is not None,
    )


def of_account(session: Session, account_id: int, *, now: datetime) -> Sequence[AccessToken]:
    """The tokens of an account that can be used, the newest first."""
    return session.scalars(
        select(AccessToken)
        .where(
            AccessToken.account_id == account_id,
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > now,
        )
        .order_by(AccessToken.id.desc())
    ).all()


def everyone_s(session: Session, *, now: datetime) -> Sequence[AccessToken]:
    """Every token that can be used, with its account, by the account's name."""
    rows = session.scalars(
        select(AccessToken)
        .options(joinedload(AccessToken.account))
        .where(AccessToken.revoked_at.is_(None), AccessToken.expires_at > now)
    ).all()
    return sorted(rows, key=lambda row: (row.account.name.casefold(), -row.id))
