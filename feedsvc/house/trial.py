"""A test mail: handed to the mail server at once, so that its answer can be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from feedsvc.auth import attempts, audit
from feedsvc.auth.attempts import Limit
from feedsvc.auth.models import Account, History
from feedsvc.auth.rules import ATTEMPT_WINDOW, Actor
from feedsvc.house.changes import SUBJECT, THE_ONE
from feedsvc.i18n import N_, Language
from feedsvc.mail import message, outbox, rendering
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.mail.replies import DOT, RCPT
from feedsvc.mail.transports import OutboxTransport, RelayDown, Transport
from feedsvc.settings import Settings

KIND = "trial"
TAKEN_ACT, UNTAKEN_ACT = "tried", "tried_in_vain"
LIMIT = Limit("trial mail", 5, ATTEMPT_WINDOW)

KEPT = N_(
    "No mail server is set, so mails are kept here and not sent. The operator sets one as mail_url."
)
TAKEN = N_("The mail server took the mail for %(address)s and said: %(reply)s")
DOWN = N_("The mail server cannot be used: %(reply)s")
NOT_THIS_ADDRESS = N_("The mail server does not take mail for %(address)s: %(reply)s")
NOT_THIS_TEXT = N_("The mail server was given the mail and refused it: %(reply)s")
NOT_NOW = N_("The mail server does not take the mail now: %(reply)s")
NOBODY_KNOWS = N_("The mail was handed over and no answer came. It may arrive: %(reply)s")


@dataclass(frozen=True)
class Said:
    """What came of it, as a sentence with the server's own words in it."""

    sentence: str
    address: str
    reply: str = ""
    is_good: bool = False


def count(session: Session, account: Account, *, settings: Settings, now: datetime) -> None:
    """Before each try. Raises: TooMany."""
    attempts.count(session, LIMIT, str(account.id), key=settings.secret_key, now=now)


def send(
    transport: Transport, account: Account, *, said: Language, settings: Settings, now: datetime
) -> Said:
    """Hand a mail to the owner of the account over, outside of any transaction."""
    if isinstance(transport, OutboxTransport):
        return Said(KEPT, account.email)
    try:
        transport.open()
        content = message.build(_message(account, said, settings, now))
        outcome = transport.send(account.email, content)
    except RelayDown as fault:
        return Said(DOWN, account.email, str(fault))
    finally:
        transport.close()
    if outcome.word == "accepted":
        return Said(TAKEN, account.email, outcome.reply, is_good=True)
    if outcome.word == "uncertain":
        return Said(NOBODY_KNOWS, account.email, outcome.reply)
    refusals = {RCPT: NOT_THIS_ADDRESS, DOT: NOT_THIS_TEXT}
    words = refusals.get(outcome.stage, NOT_NOW) if outcome.word == "refused" else NOT_NOW
    return Said(words, account.email, outcome.reply)


def record(session: Session, said: Said, *, actor: Actor, now: datetime) -> None:
    """In the audit log, which so knows whether a test mail was ever taken."""
    act, facts = TAKEN_ACT if said.is_good else UNTAKEN_ACT, {"reply": (None, said.reply)}
    audit.record(session, SUBJECT, THE_ONE, act, facts, actor=actor, now=now)


def was_taken(session: Session) -> bool:
    """Whether the mail server has taken a test mail before."""
    taken = exists().where(History.subject == SUBJECT, History.act == TAKEN_ACT)
    return bool(session.scalar(select(taken)))


def _message(account: Account, said: Language, settings: Settings, now: datetime) -> Message:
    slot = Slot(
        recipient_key=f"account:{account.id}", kind=KIND, slot_key=f"{now:%Y-%m-%dT%H:%M:%SZ}"
    )
    subject = said.gettext(N_("Test mail of %(site)s"), site=settings.named(said.code))
    rendered = rendering.render(
        "feedsvc.house", text="house/trial.txt", html="house/trial.html",
        language=said, settings=settings, subject=subject, sender=settings.mail_from,
        name=account.name,
    )  # fmt: skip
    return Message(
        message_id=outbox.message_id(settings, slot),
        date=now,
        sender=settings.mail_from,
        to=account.email,
        subject=subject,
        text=rendered.text,
        html=rendered.html,
        language=said.code,
        kind=KIND,
        host=settings.host,
    )
