"""The first visit to an empty installation: whoever knows the server's code becomes administrator.

1. The server prints a code as long as there is no account; what is kept of it is a digest.
2. The form that carries it makes the first account and decides about the site, in one transaction.
3. An account is never deleted, so that the door is closed for ever then.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.auth import accounts, attempts, rules
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.attempts import Limit
from feedsvc.auth.models import Account
from feedsvc.content import generation
from feedsvc.errors import Gone, Invalid, Problem
from feedsvc.house import changes
from feedsvc.house import rules as house_rules
from feedsvc.house.edits import Decided, free
from feedsvc.house.models import SetupCode
from feedsvc.i18n import N_
from feedsvc.settings import Settings

CODE_BYTES = 10  # eighty bits: nobody guesses them within a day
LIFETIME = timedelta(days=1)
MOST_CODES = 20  # several servers may print one each, and start more than once
LIMIT = Limit("setup client", rules.ATTEMPTS, rules.ATTEMPT_WINDOW)
OVER = N_("This site has been set up. Sign in.")
WRONG = N_(
    "This code is not right, or is older than a day. The command “feedsvc setup” prints a new one."
)


def is_open(session: Session) -> bool:
    """Whether nobody has an account yet."""
    return not session.scalar(select(exists().where(Account.id.is_not(None))))


def new_code(session: Session, now: datetime) -> str:
    """A code to be printed, good for a day: `k7fm-3q9x-...`. Raises: Gone."""
    if not is_open(session):
        raise Gone(OVER)
    session.execute(delete(SetupCode).where(SetupCode.expires_at <= now))
    newest = select(SetupCode.digest).order_by(SetupCode.expires_at.desc()).limit(MOST_CODES - 1)
    session.execute(delete(SetupCode).where(SetupCode.digest.not_in(newest.scalar_subquery())))
    code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()
    session.add(SetupCode(digest=tokens.digest(code), expires_at=now + LIFETIME))
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def count_attempt(session: Session, client: str, *, settings: Settings, now: datetime) -> None:
    """Before each try, in a transaction of its own. Raises: TooMany."""
    attempts.count(session, LIMIT, client, key=settings.secret_key, now=now)


def begin(
    session: Session,
    code: str,
    site: Decided,
    account: AccountEdit,
    password: str,
    *,
    settings: Settings,
    now: datetime,
) -> Account:
    """Decide about the site and make the first account; the code has done its work.

    Raises: Gone, if somebody was faster; Invalid for all that must be put right, together.
    """
    generation.advance(session, now)  # first: two visitors with a code each come one by one
    if not is_open(session):
        raise Gone(OVER)
    known = session.get(SetupCode, tokens.digest(_typed(code)))
    if known is None or known.expires_at <= now:
        # Nothing else is checked for a stranger: hashing a password costs more than asking for it.
        raise Invalid(Problem("code", WRONG))
    problems = house_rules.problems(free(site, settings)) + _account_problems(account, password)
    if problems:
        raise Invalid(*problems)
    made = accounts.add(session, account, password=password, now=now)
    owner = rules.Actor(made.id, made.name, made.role)
    changes.decide(session, site, settings=settings, actor=owner, now=now)
    session.execute(delete(SetupCode))
    return made


def _account_problems(account: AccountEdit, password: str) -> list[Problem]:
    email = rules.same_address(account.email)
    found = rules.account_problems(email=email, name=account.name, role=account.role)
    return found + rules.password_problems(password, email=email)


def _typed(code: str) -> str:
    """As it was printed, whatever spaces, hyphens and capitals were typed."""
    return "".join(char for char in code.casefold() if char.isalnum())
