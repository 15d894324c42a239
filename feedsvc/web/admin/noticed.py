"""Tell the owner of an account by mail what was changed, from within a request."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session

from feedsvc.auth import notices, queries
from feedsvc.auth.notices import Change, Event
from feedsvc.auth.rules import Actor
from feedsvc.web import context


def tell(
    session: Session, account_id: int | None, change: Change, what: str = "", *, actor: Actor
) -> None:
    """In the transaction of the act."""
    account = queries.loaded(session, account_id or 0)
    notices.tell(session, account, _event(change, what, actor), settings=context.settings())


def tell_of_address(session: Session, account_id: int, left: str, *, actor: Actor) -> None:
    """Both addresses, if it is another one now."""
    account = queries.loaded(session, account_id)
    if account.email != left:
        event = _event(Change.ADDRESS, account.email, actor)
        notices.tell_of_address(session, account, left, event, settings=context.settings())


def _event(change: Change, what: str, actor: Actor) -> Event:
    agent = request.user_agent.string
    return Event(change=change, what=what, actor=actor, agent=agent, at=context.now())
