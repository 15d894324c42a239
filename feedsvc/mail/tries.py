"""Tries to hand a mail over that did not end with yes: written by the sender, read by who asks why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from feedsvc.mail.models import MailTry

CRASHED = "crashed"  # its process ended while it was sending
YES = "accepted"


@dataclass(frozen=True, kw_only=True)
class Try:
    """One try: an outcome's word (or CRASHED), how far it got, what the mail server said."""

    mail_id: int
    at: datetime
    word: str
    stage: str = ""
    reply: str = ""


def note(session: Session, made: Sequence[Try]) -> None:
    """Keep tries that did not end with yes, in one statement; a day without trouble writes nothing."""
    assert all(one.word != YES for one in made), "a mail that was accepted says so itself"
    if made:
        session.execute(insert(MailTry), [asdict(one) for one in made])


def of(session: Session, mail_id: int) -> Sequence[MailTry]:
    """The failed tries of one mail, the first one first."""
    query = select(MailTry).where(MailTry.mail_id == mail_id).order_by(MailTry.id)
    return session.scalars(query).all()
