"""Sign people in, and change their passwords.

Signing in takes several transactions, because a failed try must be counted although nothing else
happens, and a password is hashed outside the write lock:

1. `count_attempt` in a transaction of its own;
2. `queries.authenticated`, which only reads;
3. for an account with a second step, `second_step.count` and `second_step.spend` of its code;
4. `sign_in`, for the account that step 2 found.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.auth import attempts, audit, letters, links, passwords, queries, rules, sessions
from feedsvc.auth.accounts import SUBJECT
from feedsvc.auth.models import Account
from feedsvc.auth.rules import SYSTEM, Actor
from feedsvc.errors import Gone, Invalid, NotFound, Problem, TooMany
from feedsvc.i18n import N_
from feedsvc.settings import Settings

_CHOSEN = {links.INVITATION: "accepted", links.RESET: "reset"}  # the act, by the link's purpose


def count_attempt(session: Session, email: str, client: str, *, key: str, now: datetime) -> None:
    """Count a try before it is made. Raises: TooMany, for this account or this client."""
    account = rules.same_address(email)
    attempts.count(session, attempts.SIGN_IN_ACCOUNT, account, key=key, now=now)
    attempts.count(session, attempts.SIGN_IN_CLIENT, client, key=key, now=now)


def forgive(session: Session, account: Account, client: str, *, key: str) -> None:
    """Forget the tries of an account whose owner has shown that it is them.

    Of the client only one is forgiven: one good account must not reset a spraying client.
    """
    attempts.forgive(session, attempts.SIGN_IN_ACCOUNT, account.email, key=key)
    attempts.forgive_last(session, attempts.SIGN_IN_CLIENT, client, key=key)


def sign_in(
    session: Session,
    account: Account,
    password: str | None,
    *,
    client: str,
    agent: str = "",
    way: str = "",
    key: str,
    language: str,
    now: datetime,
) -> str:
    """Open a session, in that language, for an authenticated account; forget its failed tries.

    `way` is what the log says it was opened with, in place of the password.

    The password, where it is at hand, is hashed anew if its hash is old. Returns the secret for
    the cookie.
    """
    forgive(session, account, client, key=key)
    if password is not None and passwords.outdated(account.password_hash):
        _set_password(session, account.id, password)
    owner = queries.actor(session, account, client=client)
    told = {"way": (None, way)} if way else {}
    audit.record(session, SUBJECT, account.id, "signed_in", told, actor=owner, now=now)
    return sessions.start(
        session, account.id, language=language, client=client, agent=agent, now=now
    )


def change_password(
    session: Session, actor: Actor, *, old: str, new: str, digest: str, now: datetime
) -> None:
    """Set the actor's new password and end every other session. Raises: Invalid (old, new).

    `digest` names the session that may stay.
    """
    account = session.get_one(Account, actor.id)
    if not passwords.matches(account.password_hash, old):
        raise Invalid(Problem("old", N_("This is not your present password.")))
    problems = rules.password_problems(new, email=account.email, field="new")
    if problems:
        raise Invalid(*problems)
    _set_password(session, account.id, new)
    sessions.end_all(session, account.id, but=digest)
    audit.record(session, SUBJECT, account.id, "password", {}, actor=actor, now=now)


def reset_password(session: Session, email: str, password: str, *, now: datetime) -> None:
    """An operator's way in: a new password, and every session of the account ends.

    Raises: NotFound, Invalid (password).
    """
    account = queries.account(session, rules.same_address(email))
    if account is None:
        raise NotFound(N_("There is no account with this address."))
    problems = rules.password_problems(password, email=account.email)
    if problems:
        raise Invalid(*problems)
    _set_password(session, account.id, password)
    sessions.end_all(session, account.id)
    audit.record(session, SUBJECT, account.id, "password", {}, actor=SYSTEM, now=now)


def ask_for_reset(
    session: Session, email: str, *, language: str, settings: Settings, now: datetime
) -> None:
    """Send a link for a new password to the owner of the account, if there is one.

    For an address without an account the same is done and taken back, so that neither the answer
    nor its time tells which it was. Beyond the limit of an address nothing is sent, silently.
    """
    email = rules.same_address(email)
    found = queries.account(session, email)
    usable = found is not None and found.disabled_at is None
    account = found if found is not None and usable else letters.nobody(email, language)
    trial = session.begin_nested()
    try:
        attempts.count(session, attempts.RESET_ADDRESS, email, key=settings.secret_key, now=now)
    except TooMany:
        usable = False
    letters.enqueue(session, links.RESET, account, settings=settings, now=now)
    if usable:
        trial.commit()
        return
    trial.rollback()


def choose_password(
    session: Session,
    purpose: str,
    token: str,
    new: str,
    *,
    client: str,
    settings: Settings,
    now: datetime,
) -> Actor:
    """Set the password of the account that a mailed link was made for; its sessions end. Its owner.

    Raises: BadToken, ExpiredToken, Gone, Invalid (new).
    """
    account = by_link(session, purpose, token, settings=settings, now=now, lock=True)
    problems = rules.password_problems(new, email=account.email, field="new")
    if problems:
        raise Invalid(*problems)
    _set_password(session, account.id, new)
    sessions.end_all(session, account.id)
    owner = queries.actor(session, account, client=client)
    audit.record(session, SUBJECT, account.id, _CHOSEN[purpose], {}, actor=owner, now=now)
    return owner


def by_link(
    session: Session,
    purpose: str,
    token: str,
    *,
    settings: Settings,
    now: datetime,
    lock: bool = False,
) -> Account:
    """The account that a mailed link was made for. Raises: BadToken, ExpiredToken, Gone.

    Who is about to use the link takes the `lock`: sent twice in one second, it works once.
    """
    number = links.account_id(settings, purpose, token, now=now)
    account = session.get(Account, number, with_for_update=True if lock else None)
    if account is None:
        raise Gone(links.USED)
    links.check(settings, purpose, token, account, now=now)
    return account


def _set_password(session: Session, account_id: int, password: str) -> None:
    session.get_one(Account, account_id).password_hash = passwords.hashed(password)
