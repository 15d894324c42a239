"""Signed-in browsers: rows that live for twelve hours and can be ended by the server.

The browser holds a secret; the database holds its digest, so that a stolen copy of the database
opens no session.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.auth import rules
from feedsvc.auth.models import Account, WebSession
from feedsvc.markup import one_line

_SESSION, _ACCOUNT = WebSession.__table__.c, Account.__table__.c
# Asked with each page: made once, and no objects are made of its row.
_LIVE = (
    select(
        _SESSION.digest, _SESSION.data, _SESSION.confirmed_at,
        _ACCOUNT.id, _ACCOUNT.name, _ACCOUNT.role, _ACCOUNT.totp_since,
    )
    .join_from(WebSession.__table__, Account.__table__)
    .where(
        _SESSION.digest == bindparam("digest"), _SESSION.expires_at > bindparam("now"),
        _ACCOUNT.disabled_at.is_(None),
    )
)  # fmt: skip


def start(
    session: Session,
    account_id: int,
    *,
    language: str,
    client: str = "",
    agent: str = "",
    now: datetime,
) -> str:
    """A new session for the account; returns the secret for the cookie, which is kept nowhere.

    `client` and `agent` are where it is and which browser, for the list of its owner's sessions.
    """
    secret = tokens.secret()
    session.add(
        WebSession(
            digest=tokens.digest(secret),
            account_id=account_id,
            data={"language": language, "csrf_token": tokens.secret()},
            created_at=now,
            expires_at=now + rules.SESSION_LIFETIME,
            confirmed_at=now,
            client=client[:60],
            agent=one_line(agent)[:300],
        )
    )
    return secret


def find(session: Session, secret: str, *, now: datetime) -> Row[*tuple[Any, ...]] | None:
    """The live session of that secret, with its account (`id`); None once the account is disabled."""
    values = {"digest": tokens.digest(secret), "now": now}
    return session.connection().execute(_LIVE, values).one_or_none()


def of_account(session: Session, account_id: int, *, now: datetime) -> Sequence[WebSession]:
    """The live sessions of an account, the newest first."""
    return session.scalars(
        select(WebSession)
        .where(WebSession.account_id == account_id, WebSession.expires_at > now)
        .order_by(WebSession.created_at.desc(), WebSession.digest)
    ).all()


def confirm(session: Session, digest: str, *, now: datetime) -> None:
    """Its owner has shown once more that it is them."""
    session.execute(update(WebSession).where(WebSession.digest == digest).values(confirmed_at=now))


def end_one(session: Session, account_id: int, digest: str) -> None:
    """End a session, if it is one of that account."""
    session.execute(
        delete(WebSession).where(WebSession.account_id == account_id, WebSession.digest == digest)
    )


def end(session: Session, digest: str) -> None:
    """The session is over, here and now."""
    session.execute(delete(WebSession).where(WebSession.digest == digest))


def end_all(session: Session, account_id: int, *, but: str | None = None) -> None:
    """End every session of the account except the one with the digest `but`."""
    ended = delete(WebSession).where(WebSession.account_id == account_id)
    session.execute(ended if but is None else ended.where(WebSession.digest != but))


def purge(session: Session, *, now: datetime) -> None:
    """Remove the rows of sessions that have ended by themselves."""
    session.execute(delete(WebSession).where(WebSession.expires_at <= now))
