"""The mails to those who have an account: an invitation, and a link for a new password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.auth import links
from feedsvc.auth.models import Account
from feedsvc.i18n import N_, language
from feedsvc.mail import outbox, rendering
from feedsvc.mail.leases import Leaving
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.settings import Settings

KINDS = (links.INVITATION, links.RESET)
PRIORITY = 0  # somebody waits for it
SUBJECTS = {
    links.INVITATION: N_("You are invited to write for %(site)s"),
    links.RESET: N_("A new password for %(site)s"),
}
NO_ACCOUNT = N_("no account with this address waits for it")
# Who may not be meant by anybody: an address that has no account is written for, and never to.
NOBODY = 0


def enqueue(
    session: Session,
    purpose: str,
    account: Account,
    *,
    inviter: str = "",
    settings: Settings,
    now: datetime,
) -> int | None:
    """Put the mail into the outbox; None if there is one from the same second."""
    slot = Slot(recipient_key=key(account.id), kind=purpose, slot_key=f"{now:%Y-%m-%dT%H:%M:%SZ}")
    return outbox.enqueue(
        session,
        slot,
        message(purpose, account, slot, inviter=inviter, settings=settings, now=now),
        send_after=now,
        expires_at=now + links.LIFETIMES[purpose],
        priority=PRIORITY,
        now=now,
    )


def message(
    purpose: str,
    account: Account,
    slot: Slot,
    *,
    inviter: str = "",
    settings: Settings,
    now: datetime,
) -> Message:
    said = language(account.language or settings.default_language)
    subject = said.gettext(SUBJECTS[purpose], site=settings.named(said.code))
    rendered = rendering.render(
        "feedsvc.auth",
        text=f"accounts/{purpose}.txt",
        html=f"accounts/{purpose}.html",
        language=said,
        settings=settings,
        subject=subject,
        name=account.name,
        email=account.email,
        inviter=inviter,
        url=links.url(settings, purpose, account, now=now),
    )
    return Message(
        message_id=outbox.message_id(settings, slot),
        date=now,
        sender=settings.mail_from,
        to=account.email,
        subject=subject,
        text=rendered.text,
        html=rendered.html,
        language=said.code,
        kind=purpose,
        host=settings.host,
    )


def gate(session: Session, mails: Sequence[Leaving]) -> Mapping[int, str]:
    """Why mails must not leave, by their id: the account is shut, or has another address now."""
    rows = session.execute(
        select(Account.id, Account.email).where(
            Account.disabled_at.is_(None),
            Account.email.in_({mail.address for mail in mails}),
        )
    )
    known = {(key(number), email) for number, email in rows}
    return {
        mail.id: NO_ACCOUNT for mail in mails if (mail.recipient_key, mail.address) not in known
    }


def nobody(email: str, code: str) -> Account:
    """An account that is none, to do for an unknown address all that is done for a known one."""
    return Account(id=NOBODY, email=email, name=email, password_hash=tokens.secret(), language=code)


def key(account_id: int) -> str:
    """What names an account as the recipient of mails."""
    return f"account:{account_id}"
