"""The signed links of accounts: for one purpose, one account, and the state it is in now. Pure.

A token names the account and a digest of its address and password. Whatever changes one of these,
as using the link does, makes every link that was sent before worth nothing: so each works once,
although nothing is kept of it.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedsvc import tokens, urls
from feedsvc.auth import rules
from feedsvc.errors import Gone
from feedsvc.i18n import N_
from feedsvc.settings import Settings

if TYPE_CHECKING:
    from feedsvc.auth.models import Account

INVITATION, RESET = "invitation", "reset"
# A new password is wanted now; an invitation may arrive on a Friday evening.
LIFETIMES = {INVITATION: timedelta(days=3), RESET: timedelta(hours=1)}
USED = N_("This link has done its work, or another one has. Ask for a new one if you need it.")


def url(settings: Settings, purpose: str, account: Account, *, now: datetime) -> str:
    """The address at which the owner of the mailbox chooses a password."""
    path = urls.invitation if purpose == INVITATION else urls.reset
    return settings.base_url + path(token(settings, purpose, account, now=now))


def token(settings: Settings, purpose: str, account: Account, *, now: datetime) -> str:
    key = settings.secret_key
    return tokens.sign(
        key, _purpose(purpose), f"{account.id}:{_state(account, key)}",
        now=now, lifetime=LIFETIMES[purpose],
    )  # fmt: skip


def account_id(settings: Settings, purpose: str, token: str, *, now: datetime) -> int:
    """The account that the token was made for. Raises: BadToken, ExpiredToken."""
    subject = tokens.verify(settings.secret_key, _purpose(purpose), token, now=now)
    return int(subject.partition(":")[0])


def check(settings: Settings, purpose: str, token: str, account: Account, *, now: datetime) -> None:
    """Whether the account is still as it was when the link was made. Raises: BadToken, Gone."""
    subject = tokens.verify(settings.secret_key, _purpose(purpose), token, now=now)
    wanted = f"{account.id}:{_state(account, settings.secret_key)}"
    if account.disabled_at is not None or not hmac.compare_digest(subject, wanted):
        raise Gone(USED)


def half_way(settings: Settings, account: Account, *, now: datetime) -> str:
    """What a browser holds between the password, which was right, and the code."""
    return tokens.sign(
        settings.secret_key, "half way", f"{account.id}:{_state(account, settings.secret_key)}",
        now=now, lifetime=rules.HALF_WAY,
    )  # fmt: skip


def who_is_half_way(settings: Settings, token: str, *, now: datetime) -> int:
    """The number of the account. Raises: BadToken, ExpiredToken."""
    subject = tokens.verify(settings.secret_key, "half way", token, now=now)
    return int(subject.partition(":")[0])


def is_half_way(settings: Settings, token: str, account: Account, *, now: datetime) -> bool:
    """Whether the password is still the one that was given. Raises: BadToken, ExpiredToken."""
    subject = tokens.verify(settings.secret_key, "half way", token, now=now)
    wanted = f"{account.id}:{_state(account, settings.secret_key)}"
    return hmac.compare_digest(subject, wanted)


def _purpose(purpose: str) -> str:
    return f"account {purpose}"


def _state(account: Account, key: str) -> str:
    return tokens.keyed(key, "account state", f"{account.email}\0{account.password_hash}")
