"""The passkeys of accounts: keep one, sign in or confirm with one, take one away."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from feedsvc.auth import audit
from feedsvc.auth.accounts import SUBJECT
from feedsvc.auth.models import Account, Passkey
from feedsvc.auth.passkeys import ceremonies
from feedsvc.auth.passkeys.ceremonies import Asked, Key
from feedsvc.auth.rules import Actor
from feedsvc.errors import Conflict, Invalid, NotFound, Problem
from feedsvc.i18n import N_
from feedsvc.markup import one_line

MOST = 20  # of an account
NAME_LIMIT = 60


def of_account(session: Session, account_id: int) -> Sequence[Passkey]:
    """The passkeys of an account, the oldest first."""
    return session.scalars(
        select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    ).all()


def keep(session: Session, name: str, key: Key, *, actor: Actor, now: datetime) -> Passkey:
    """Keep a new passkey of the actor under a name. Raises: Invalid (name), Conflict."""
    name = one_line(name)
    if not name or len(name) > NAME_LIMIT:
        words = N_("Name the passkey in %(most)s characters at most: where is it kept?")
        raise Invalid(Problem("name", words, (("most", NAME_LIMIT),)))
    session.get_one(Account, actor.id, with_for_update=True)  # two at once must not pass the limit
    known = of_account(session, actor.id or 0)
    if len(known) >= MOST:
        raise Conflict(N_("These are very many passkeys. Take one away first."))
    taken = session.scalar(select(Passkey.id).where(Passkey.credential == key.credential))
    if taken is not None:
        raise Conflict(N_("This passkey is kept already."))
    passkey = Passkey(
        account_id=actor.id, name=name, credential=key.credential, public_key=key.public_key,
        signatures=key.signatures, created_at=now,
    )  # fmt: skip
    session.add(passkey)
    session.flush()
    told = {"passkey": (None, name)}
    audit.record(session, SUBJECT, actor.id or 0, "passkey_added", told, actor=actor, now=now)
    return passkey


def remove(session: Session, passkey_id: int, *, actor: Actor, now: datetime) -> str:
    """Take away a passkey of the actor; its name. Raises: NotFound."""
    gone = session.scalar(
        delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.account_id == actor.id)
        .returning(Passkey.name)
    )
    if gone is None:
        raise NotFound(N_("There is no such passkey."))
    told = {"passkey": (gone, None)}
    audit.record(session, SUBJECT, actor.id or 0, "passkey_removed", told, actor=actor, now=now)
    return str(gone)


def spend(session: Session, asked: Asked, answer: str) -> Account:
    """The account whose passkey answered; this use of it is noted. Raises: Invalid (passkey).

    The database decides: of two who bring the same answer of a passkey that counts, one is let in.
    """
    credential, whose = ceremonies.named(answer)
    row = session.scalar(select(Passkey).where(Passkey.credential == credential))
    if row is None or not hmac.compare_digest(
        whose, ceremonies.owner(asked.settings, row.account_id)
    ):
        raise ceremonies.refused()
    account = session.get_one(Account, row.account_id)
    key = Key(row.credential, row.public_key, row.signatures)
    number = ceremonies.used(asked, answer, key)
    noted = session.execute(
        update(Passkey)
        .where(Passkey.id == row.id, Passkey.signatures == key.signatures)
        .values(signatures=number, used_at=asked.now)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not noted or account.disabled_at is not None:
        raise ceremonies.refused()
    return account
