"""Accounts and sessions: who gets in, how often one may try, and what ends a session."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from feedsvc.auth import accounts, attempts, changes, passwords, queries, sessions
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.models import Account, SignInAttempt, WebSession
from feedsvc.db import Database
from feedsvc.errors import Invalid, TooMany
from tests.support.clock import FixedClock

KEY = "known to every test"
PASSWORD = "calm paper and one accent"
HOME = "192.0.2.7"


def make_account(db: Database, now: dt.datetime, email: str = "Ana@Agency.example") -> Account:
    with db.begin() as session:
        return accounts.add(
            session, AccountEdit(email=email, name="Ana", role="editor"), password=PASSWORD, now=now
        )


def sign_in(db: Database, account: Account, now: dt.datetime) -> str:
    with db.begin() as session:
        return changes.sign_in(
            session, account, PASSWORD, client=HOME, key=KEY, language="en", now=now
        )


def count(
    db: Database, now: dt.datetime, email: str = "ana@agency.example", client: str = HOME
) -> None:
    with db.begin() as session:
        changes.count_attempt(session, email, client, key=KEY, now=now)


def test_an_address_is_the_same_in_any_case(db: Database, now: dt.datetime) -> None:
    made = make_account(db, now)
    with db.read() as session:
        found = queries.authenticated(session, " ANA@agency.EXAMPLE", PASSWORD)
    assert found is not None
    assert found.id == made.id


def test_a_second_account_for_an_address_is_refused(db: Database, now: dt.datetime) -> None:
    make_account(db, now)
    with pytest.raises(Invalid, match="already"):
        make_account(db, now, "ana@agency.example")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "Password1234", "x" * 201])
def test_a_password_that_is_easy_to_guess_is_refused(
    db: Database, now: dt.datetime, password: str
) -> None:
    with db.begin() as session, pytest.raises(Invalid) as refused:
        accounts.add(
            session,
            AccountEdit(email="a@b.example", name="A", role="editor"),
            password=password,
            now=now,
        )
    assert [problem.field for problem in refused.value.problems] == ["password"]


def test_a_password_is_kept_as_an_argon2_hash(db: Database, now: dt.datetime) -> None:
    kept = make_account(db, now).password_hash
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_an_unknown_address_is_checked_like_a_known_one(
    db: Database, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As is one that is shut, or was invited and has no password yet."""
    make_account(db, now)
    with db.begin() as session:
        for name in ("shut", "invited"):
            edit = AccountEdit(email=f"{name}@agency.example", name=name, role="editor")
            account = accounts.add(session, edit, now=now)
            account.disabled_at = now if name == "shut" else None
            account.password_hash = "" if name == "invited" else passwords.NOBODY
    asked: list[str | None] = []
    real = passwords.matches
    monkeypatch.setattr(
        passwords, "matches", lambda kept, word: (asked.append(kept), real(kept, word))[1]
    )
    with db.read() as session:
        for name in ("nobody", "ana", "shut", "invited"):
            assert queries.authenticated(session, f"{name}@agency.example", "wrong") is None
    assert [kept is None for kept in asked] == [True, False, True, True]


def test_nobody_gets_in_without_an_account_whatever_the_password() -> None:
    assert not passwords.matches(None, "")


def test_the_eleventh_try_in_five_minutes_is_refused(db: Database, clock: FixedClock) -> None:
    for _ in range(10):
        count(db, clock())
    with pytest.raises(TooMany) as refused:
        count(db, clock())
    assert refused.value.retry_after == 300


def test_a_client_that_tries_many_addresses_is_refused(db: Database, now: dt.datetime) -> None:
    for number in range(10):
        count(db, now, email=f"{number}@agency.example")
    with pytest.raises(TooMany):
        count(db, now, email="other@agency.example")


def test_many_clients_that_try_one_address_are_refused(db: Database, now: dt.datetime) -> None:
    for number in range(10):
        count(db, now, client=f"192.0.2.{number + 10}")
    with pytest.raises(TooMany):
        count(db, now)


def test_the_owner_gets_in_again_after_five_minutes(db: Database, clock: FixedClock) -> None:
    for _ in range(10):
        count(db, clock())
    for _ in range(3):
        with pytest.raises(TooMany):
            count(db, clock.advance(minutes=1))
    count(db, clock.advance(minutes=2))


def test_signing_in_forgives_the_account_and_not_the_client(db: Database, now: dt.datetime) -> None:
    account = make_account(db, now)
    for _ in range(10):
        count(db, now)
    sign_in(db, account, now)
    count(db, now, client="192.0.2.99")
    count(db, now, email="other@agency.example")
    with pytest.raises(TooMany):
        count(db, now, email="third@agency.example")


def test_the_database_holds_no_secret_of_a_session(db: Database, now: dt.datetime) -> None:
    secret = sign_in(db, make_account(db, now), now)
    with db.read() as session:
        row = session.scalars(select(WebSession)).one()
    assert secret not in (row.digest, *map(str, row.data.values()))


def test_a_session_ends_after_twelve_hours(db: Database, clock: FixedClock) -> None:
    secret = sign_in(db, make_account(db, clock()), clock())
    with db.read() as session:
        assert sessions.find(session, secret, now=clock.advance(hours=11, minutes=59))
        assert sessions.find(session, secret, now=clock.advance(minutes=1)) is None


def test_a_session_ends_with_its_account(db: Database, now: dt.datetime) -> None:
    account = make_account(db, now)
    secret = sign_in(db, account, now)
    with db.begin() as session:
        session.get_one(Account, account.id).disabled_at = now
    with db.read() as session:
        assert sessions.find(session, secret, now=now) is None
        assert queries.authenticated(session, account.email, PASSWORD) is None


def test_a_new_password_ends_the_other_sessions(db: Database, now: dt.datetime) -> None:
    account = make_account(db, now)
    here, there = sign_in(db, account, now), sign_in(db, account, now)
    with db.begin() as session:
        row = sessions.find(session, here, now=now)
        assert row is not None
        changes.change_password(
            session, queries.actor(session, account), old=PASSWORD, new="another good password",
            digest=row.digest, now=now,
        )  # fmt: skip
    with db.read() as session:
        assert sessions.find(session, here, now=now)
        assert sessions.find(session, there, now=now) is None
        assert queries.authenticated(session, account.email, "another good password")


def test_a_password_changes_only_for_who_knows_the_old_one(db: Database, now: dt.datetime) -> None:
    account = make_account(db, now)
    with db.begin() as session, pytest.raises(Invalid, match="old"):
        changes.change_password(
            session, queries.actor(session, account), old="guess", new="x" * 12, digest="", now=now
        )


def test_sessions_that_are_over_are_purged(db: Database, clock: FixedClock) -> None:
    sign_in(db, make_account(db, clock()), clock())
    with db.begin() as session:
        sessions.purge(session, now=clock.advance(hours=13))
    with db.read() as session:
        assert session.scalars(select(WebSession)).all() == []


def test_tries_that_no_limit_counts_any_more_are_purged(db: Database, clock: FixedClock) -> None:
    count(db, clock())
    for minutes, left in ((59, 2), (1, 0)):
        with db.begin() as session:
            attempts.purge(session, now=clock.advance(minutes=minutes))
        with db.read() as session:
            assert session.scalar(select(func.count(SignInAttempt.id))) == left


def test_workers_count_together_however_close_their_tries_are(
    db: Database, now: dt.datetime
) -> None:
    def tries(number: int) -> bool:
        try:
            count(db, now, client=f"192.0.2.{number}")
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(6) as workers:
        allowed = list(workers.map(tries, range(14)))
    assert sum(allowed) == 10
