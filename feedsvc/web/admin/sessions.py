"""Flask's session for the admin: rows for accounts, a signed cookie for visitors, else nothing.

The public pages get no session at all: nothing there can read one or set a cookie. A visitor of
the sign-in page gets a signed cookie that holds the token of its form; the database learns of a
browser only when somebody has signed in. The session of an account is a row of `auth.sessions`
whose secret is minted by the server: a value that a browser brings along is never taken over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from sqlalchemy import Row
from werkzeug.wrappers import Response as PlainResponse

from feedsvc.auth import queries, sessions
from feedsvc.auth.models import WebSession
from feedsvc.auth.rules import SESSION_LIFETIME, Actor
from feedsvc.web import context
from feedsvc.web.clients import client

PREFIX = "/admin"


class AccountSession(SecureCookieSession):
    """The session of a signed-in account; its content is kept in the row."""

    def __init__(self, row: Row[*tuple[Any, ...]], actor: Actor, *, has_second_step: bool) -> None:
        super().__init__(row.data)
        self.digest: str = row.digest
        self.confirmed_at: datetime | None = row.confirmed_at
        self.actor = actor
        self.has_second_step = has_second_step
        self.ended = False

    def end(self) -> None:
        """Sign out: the row goes now, the cookie with the answer."""
        with context.db().begin() as session:
            sessions.end(session, self.digest)
        self.ended = True


class AdminSessions(SecureCookieSessionInterface):
    """Opens and keeps them, under `/admin` only."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path != PREFIX and not request.path.startswith(PREFIX + "/"):
            return None
        return _account_session(request) or super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, AccountSession):
            super().save_session(app, session, response)
            return
        response.vary.add("Cookie")
        if session.ended:
            response.delete_cookie(cookie_name(), **_attributes())
        elif session.modified:
            with context.db().begin() as transaction:
                row = transaction.get(WebSession, session.digest)
                if row is not None:
                    row.data = dict(session)


def give(response: PlainResponse, secret: str) -> None:
    """Hand the browser its key: from now on it is signed in."""
    lifetime = int(SESSION_LIFETIME.total_seconds())
    response.set_cookie(cookie_name(), secret, max_age=lifetime, **_attributes())


def cookie_name() -> str:
    # A name with this prefix is taken only over TLS and only from this very host (RFC 6265bis).
    return "__Host-session" if _secure() else "session"


def _attributes() -> dict[str, Any]:
    return {"path": "/", "secure": _secure(), "httponly": True, "samesite": "Lax"}


def _secure() -> bool:
    return context.settings().base_url.startswith("https://")


def _account_session(request: Request) -> AccountSession | None:
    secret = request.cookies.get(cookie_name())
    if not secret:
        return None
    with context.db().glance() as session:
        row = sessions.find(session, secret, now=context.now())
        if row is None:
            return None
        return AccountSession(
            row,
            queries.actor(session, row, client=client()),
            has_second_step=row.totp_since is not None,
        )
