"""Make tokens, count what they ask, and end them. Making and ending are rows of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, or_, select, update
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.auth import audit
from feedsvc.auth.access import queries, rules
from feedsvc.auth.access.models import AccessToken, KeptAnswer
from feedsvc.auth.rules import Actor
from feedsvc.db import UTCDateTime
from feedsvc.errors import Invalid, NotFound, Problem, TooMany
from feedsvc.i18n import N_
from feedsvc.markup import one_line

SUBJECT = "account"


@dataclass(frozen=True, kw_only=True)
class TokenEdit:
    """What somebody wants a token of theirs to be, for so many days."""

    name: str
    scopes: tuple[str, ...]
    days: int | None


def make(session: Session, edit: TokenEdit, *, actor: Actor, now: datetime) -> str:
    """A new token of the actor's own account; returns its secret, which is kept nowhere.

    Raises: Invalid (name, scopes, days).
    """
    assert actor.id is not None
    name = one_line(edit.name)
    problems = rules.problems(name, edit.scopes, edit.days, actor.role)
    if len(queries.of_account(session, actor.id, now=now)) >= rules.MOST_TOKENS:
        words = N_("You have %(most)s tokens. Revoke one first.")
        problems.append(Problem("", words, (("most", rules.MOST_TOKENS),)))
    if problems or edit.days is None:
        raise Invalid(*problems)
    secret = rules.PREFIX + tokens.secret()
    token = AccessToken(
        account_id=actor.id,
        name=name,
        hint=secret[: rules.HINT],
        digest=tokens.digest(secret),
        scopes=[scope for scope in rules.SCOPES if scope in edit.scopes],
        created_at=now,
        expires_at=now + timedelta(days=edit.days),
        counted_since=now,
    )
    session.add(token)
    facts = {
        "token": (None, f"{name} ({token.hint}…)"),
        "scopes": (None, token.scopes),
        "expires_at": (None, token.expires_at),
    }
    audit.record(session, SUBJECT, actor.id, "token_made", facts, actor=actor, now=now)
    return secret


def revoke(
    session: Session, token_id: int, *, of: int | None = None, actor: Actor, now: datetime
) -> None:
    """End a token, of that account if one is named. Raises: NotFound."""
    token = session.get(AccessToken, token_id)
    if token is None or (of is not None and token.account_id != of):
        raise NotFound(N_("There is no token with this number."))
    if token.revoked_at is not None:
        return
    token.revoked_at = now
    facts = {"token": (f"{token.name} ({token.hint}…)", None)}
    audit.record(session, SUBJECT, token.account_id, "token_revoked", facts, actor=actor, now=now)


def revoke_all(session: Session, account_id: int, *, now: datetime) -> None:
    """End every token of an account that is shut: opened again, it has none."""
    session.execute(
        update(AccessToken)
        .where(AccessToken.account_id == account_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def count(session: Session, token_id: int, *, now: datetime) -> None:
    """Count a request. A refused one is not counted, for the transaction is taken back.

    Raises: TooMany.
    """
    over = AccessToken.counted_since <= now - rules.WINDOW
    counted, since = session.execute(
        update(AccessToken)
        .where(AccessToken.id == token_id)
        .values(
            counted=case((over, 1), else_=AccessToken.counted + 1),
            counted_since=case(
                (over, literal(now, UTCDateTime())), else_=AccessToken.counted_since
            ),
            last_used_on=now.date(),
        )
        .returning(AccessToken.counted, AccessToken.counted_since)
    ).one()
    if counted > rules.REQUESTS:
        wait = int((since + rules.WINDOW - now).total_seconds())
        raise TooMany(
            N_("This token has asked too often. Wait a little."), retry_after=max(1, wait)
        )


def purge(session: Session, *, now: datetime) -> None:
    """Remove answers that need not be repeated any more, and tokens that ended long ago."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.made_at <= now - rules.ANSWERS_KEPT))
    long_ago = now - rules.ENDED_KEPT
    ended = or_(AccessToken.expires_at <= long_ago, AccessToken.revoked_at <= long_ago)
    gone = select(AccessToken.id).where(ended)
    session.execute(delete(KeptAnswer).where(KeptAnswer.token_id.in_(gone)))
    session.execute(delete(AccessToken).where(ended))
