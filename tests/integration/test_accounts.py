"""Accounts as administrators manage them, what entries each sees, and the log that nobody edits."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from feedsvc.auth import accounts, queries
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.models import Account, History
from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR, CLUSTER_EDITOR, EDITOR, SYSTEM, Actor
from feedsvc.content import queries as content
from feedsvc.content import rights
from feedsvc.content.models import Cluster, Entry
from feedsvc.db import Database
from feedsvc.errors import Invalid
from tests.builders import make_cluster, make_news
from tests.support import team


def edit(name: str = "Zoe", role: str = EDITOR, **more: object) -> AccountEdit:
    return AccountEdit(email=f"{name.lower()}@agency.example", name=name, role=role, **more)  # type: ignore[arg-type]


def test_the_last_administrator_can_be_neither_shut_nor_dismissed(
    db: Database, now: dt.datetime
) -> None:
    zoe = team.join(db, "Zoe", ADMINISTRATOR, now=now)
    with db.begin() as session:  # who never signed in lets nobody in
        accounts.add(session, edit("Max", ADMINISTRATOR), now=now)
    with pytest.raises(Invalid, match="last administrator"), db.begin() as session:
        accounts.shut(session, zoe.id or 0, actor=zoe, now=now)
    with pytest.raises(Invalid, match="last administrator"), db.begin() as session:
        accounts.change(session, zoe.id or 0, edit(role=EDITOR), actor=zoe, now=now)
    eve = team.join(db, "Eve", ADMINISTRATOR, now=now)
    with db.begin() as session:
        accounts.change(session, zoe.id or 0, edit(role=EDITOR), actor=eve, now=now)
    with pytest.raises(Invalid), db.begin() as session:
        accounts.shut(session, eve.id or 0, actor=eve, now=now)


def test_every_change_of_an_account_is_in_the_log(db: Database, now: dt.datetime) -> None:
    boss = Actor(None, "Boss", ADMINISTRATOR, client="192.0.2.9")
    with db.begin() as session:
        health = make_cluster(session, slug="health").id
        account = accounts.add(session, edit(), actor=boss, now=now)
        wanted = edit(role=CLUSTER_EDITOR, clusters=[health])
        accounts.change(session, account.id, wanted, actor=boss, now=now)
        accounts.change(session, account.id, wanted, actor=boss, now=now)  # nothing differs
        accounts.shut(session, account.id, actor=boss, now=now)
        accounts.open_again(session, account.id, actor=boss, now=now)
    with db.read() as session:
        rows = session.scalars(
            select(History).where(History.subject == "account").order_by(History.id)
        ).all()
        assert [row.act for row in rows] == ["invited", "edited", "disabled", "enabled"]
        assert rows[1].changes == {
            "role": [EDITOR, CLUSTER_EDITOR], "clusters": [[], [health]],
        }  # fmt: skip
        assert {(row.actor_name, row.client) for row in rows} == {("Boss", "192.0.2.9")}


def test_an_account_that_was_invited_has_no_password_that_lets_in(
    db: Database, now: dt.datetime
) -> None:
    with db.begin() as session:
        accounts.add(session, edit(), now=now)
    with db.read() as session:
        for password in ("", " ", "x" * 12):
            assert queries.authenticated(session, "zoe@agency.example", password) is None


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (edit(role="guest"), "role"),
        (edit(role=CLUSTER_EDITOR), "clusters"),
        (edit(name=" "), "email"),
        (AccountEdit(email="Ana@Agency.example ", name="Ana", role=EDITOR), "email"),
    ],
)
def test_what_an_account_lacks_is_named(
    db: Database, now: dt.datetime, wanted: AccountEdit, field: str
) -> None:
    team.join(db, "Ana", now=now)
    with db.begin() as session, pytest.raises(Invalid) as refused:
        accounts.add(session, wanted, now=now)
    assert field in [problem.field for problem in refused.value.problems]


def test_a_cluster_that_is_deleted_leaves_less_to_touch_never_more(
    db: Database, now: dt.datetime
) -> None:
    with db.begin() as session:
        health = make_cluster(session, slug="health").id
    eve = team.join(db, "Eve", CLUSTER_EDITOR, clusters=[health], now=now)
    assert eve.clusters == {health}
    with db.begin() as session:
        session.execute(delete(Cluster).where(Cluster.id == health))
        account = session.get_one(Account, eve.id)
        assert queries.actor(session, account).clusters == frozenset()


def test_lists_hold_what_the_rules_let_each_role_see(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        health, wood = (make_cluster(session, slug=slug).id for slug in ("health", "wood"))
        for clusters in ((), ("health",), ("wood",), ("health", "wood")):
            for by in (None, 7):
                for at in (None, now):
                    make_news(session, clusters=clusters, publish_at=at).created_by = by
    people = [
        Actor(7, "a", ADMINISTRATOR), Actor(7, "b", EDITOR), Actor(7, "c", AUTHOR),
        Actor(7, "d", CLUSTER_EDITOR, frozenset({health})), Actor(7, "e", CLUSTER_EDITOR),
        Actor(7, "f", CLUSTER_EDITOR, frozenset({health, wood})), Actor(7, "g", "guest"), SYSTEM,
    ]  # fmt: skip
    with db.read() as session:
        entries = session.scalars(select(Entry)).all()
        assert len(entries) == 16
        for person in people:
            listed = set(session.scalars(select(Entry.id).where(content.seen_by(person))))
            allowed = {
                entry.id
                for entry in entries
                if rights.may(person, rights.SEE, rights.facts(entry, now))
            }
            assert listed == allowed, person


def test_neither_database_lets_the_log_be_edited_or_shortened(
    db: Database, now: dt.datetime
) -> None:
    team.join(db, "Zoe", now=now)
    for statement in (update(History).values(actor_name="nobody"), delete(History)):
        with pytest.raises(DBAPIError, match="appended, never edited"), db.begin() as session:
            session.execute(statement)
    with db.read() as session:
        assert session.scalars(select(History.actor_name)).all() == ["feedsvc"]
