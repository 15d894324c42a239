"""Tell the owner of an account by mail what was changed about signing in: what, when, from where.

Who has taken an account over would not say so. So the mail goes out in the transaction of the act
itself, whoever acts: its owner, an administrator, an operator. When the address changes, the old
one is told as well, and not what the new one is: its mailbox may belong to somebody else by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc import tokens, urls
from feedsvc.auth import browsers, letters
from feedsvc.auth.models import Account
from feedsvc.auth.rules import Actor
from feedsvc.i18n import N_, Language, language
from feedsvc.mail import outbox, rendering
from feedsvc.mail.leases import Leaving
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.settings import Settings

KIND = "account"
PRIORITY = 0
LASTS = timedelta(days=3)  # news of that kind is no help later
SUBJECT = N_("Your account for %(site)s was changed")


class Change(StrEnum):
    PASSWORD = "password"  # noqa: S105  the word, not one
    SECOND_STEP_ON = "second step on"
    SECOND_STEP_OFF = "second step off"
    NEW_CODES = "new codes"
    PASSKEY_ADDED = "passkey added"
    PASSKEY_REMOVED = "passkey removed"
    LINKED = "linked"
    UNLINKED = "unlinked"
    ADDRESS = "address"
    ADDRESS_LEFT = "address left"


SENTENCES = {
    Change.PASSWORD: N_("The password was changed. Every other browser was signed out."),
    Change.SECOND_STEP_ON: N_("The second step for signing in was turned on."),
    Change.SECOND_STEP_OFF: N_("The second step for signing in was turned off: the password is enough now."),
    Change.NEW_CODES: N_("New recovery codes were made; those from before have ended."),
    Change.PASSKEY_ADDED: N_("A passkey was added, which signs in from now on: %(what)s"),
    Change.PASSKEY_REMOVED: N_("A passkey was taken away: %(what)s"),
    Change.LINKED: N_("It was linked with an account elsewhere, which signs in from now on: %(what)s"),
    Change.UNLINKED: N_("The link with an account elsewhere was taken away: %(what)s"),
    Change.ADDRESS: N_("Its e-mail address was changed: you sign in with %(what)s from now on, and its mails come here."),
    Change.ADDRESS_LEFT: N_("Its e-mail address was changed: nobody signs in with %(what)s any more, and its mails do not come here any more."),
}  # fmt: skip
NO_ACCOUNT = N_("the account that it is about is not here any more")


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened, and `what` it was called; who did it, and which browser they had."""

    change: Change
    what: str = ""
    actor: Actor
    agent: str = ""
    at: datetime


def tell(session: Session, account: Account, event: Event, *, settings: Settings) -> None:
    """Put the mail into the outbox: to the address of the account."""
    _enqueue(session, account, account.email, event, settings=settings)


def tell_of_address(
    session: Session, account: Account, left: str, event: Event, *, settings: Settings
) -> None:
    """The account has another address than the one it `left`: both are told."""
    for change, address in ((Change.ADDRESS, account.email), (Change.ADDRESS_LEFT, left)):
        told = Event(
            change=change, what=address, actor=event.actor, agent=event.agent, at=event.at
        )  # fmt: skip
        _enqueue(session, account, address, told, settings=settings)


def message(account: Account, to: str, slot: Slot, event: Event, *, settings: Settings) -> Message:
    said = language(account.language or settings.default_language)
    subject = said.gettext(SUBJECT, site=settings.named(said.code))
    has_left = event.change == Change.ADDRESS_LEFT
    rendered = rendering.render(
        "feedsvc.auth",
        text="accounts/changed.txt",
        html="accounts/changed.html",
        language=said,
        settings=settings,
        subject=subject,
        sentence=said.gettext(SENTENCES[event.change], what=event.what),
        circumstances=_circumstances(account, event, said, settings),
        url="" if has_left else settings.base_url + urls.forgot(),
    )
    return Message(
        message_id=outbox.message_id(settings, slot),
        date=event.at,
        sender=settings.mail_from,
        to=to,
        subject=subject,
        text=rendered.text,
        html=rendered.html,
        language=said.code,
        kind=KIND,
        host=settings.host,
    )


def gate(session: Session, mails: Sequence[Leaving]) -> Mapping[int, str]:
    """Why mails must not leave: there is no such account. It may have another address now, or be shut."""
    known = {letters.key(number) for number in session.scalars(select(Account.id))}
    return {mail.id: NO_ACCOUNT for mail in mails if mail.recipient_key not in known}


def _enqueue(
    session: Session, account: Account, to: str, event: Event, *, settings: Settings
) -> None:
    key = f"{event.at:%Y-%m-%dT%H:%M:%SZ} {event.change} {tokens.digest(event.what)[:16]}"
    slot = Slot(recipient_key=letters.key(account.id), kind=KIND, slot_key=key)
    outbox.enqueue(
        session,
        slot,
        message(account, to, slot, event, settings=settings),
        send_after=event.at,
        expires_at=event.at + LASTS,
        priority=PRIORITY,
        now=event.at,
    )


def _circumstances(account: Account, event: Event, said: Language, settings: Settings) -> list[str]:
    """When, by whom if it was not its owner, in which browser, and from where."""
    when = f"{said.instant(event.at, ZoneInfo(settings.timezone))} ({said.zone(settings.timezone)})"
    lines = [said.gettext(N_("When: %(when)s"), when=when)]
    if event.actor.id is None:
        lines.append(said.gettext(N_("By whoever runs the site, on its server")))
    elif event.actor.id != account.id:
        lines.append(said.gettext(N_("By: %(who)s"), who=event.actor.name))
    if event.agent:
        browser = browsers.in_words(event.agent, said)
        lines.append(said.gettext(N_("Browser: %(browser)s"), browser=browser))
    if event.actor.client:
        lines.append(said.gettext(N_("Network address: %(client)s"), client=event.actor.client))
    return lines
