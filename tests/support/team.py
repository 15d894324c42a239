"""People with accounts, and their browsers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from flask import Flask

from feedsvc.auth import accounts, queries, sessions
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.models import Account
from feedsvc.auth.rules import EDITOR, Actor
from feedsvc.db import Database
from tests.support.client import Browser

# Hashing takes its time by intention: accounts of tests share the hash of this password, made once.
PASSWORD = "nine warm rivers"  # known to every test, used nowhere else
HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "Q34s2OhbZt3M87xBnNUGRQ$JHqopFGBmsVZrLviDwDfTKL0A/oAi5/klUfQJMbp0fE"
)


def join(
    db: Database,
    name: str,
    role: str = EDITOR,
    *,
    clusters: Collection[int] = (),
    now: datetime,
) -> Actor:
    """An account whose address is its name at the agency, in small letters."""
    edit = AccountEdit(
        email=f"{name.lower()}@agency.example", name=name, role=role, clusters=clusters
    )
    with db.begin() as session:
        account = accounts.add(session, edit, now=now)
        account.password_hash = HASH
        session.flush()
        return queries.actor(session, account)


def browser(app: Flask, db: Database, person: Actor, *, now: datetime) -> Browser:
    """The browser of that person, signed in."""
    with db.begin() as session:
        account = session.get_one(Account, person.id)
        secret = sessions.start(session, account.id, language="en", now=now)
    made = app.test_client()
    assert isinstance(made, Browser)
    made.sign_in(secret)
    return made


def account(name: str) -> Account:
    """An account that is in no database."""
    return Account(id=1, email=f"{name.lower()}@agency.example", name=name, language="")
