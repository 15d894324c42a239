"""Tries to hand a mail over that did not end with yes: written by the sender, read by who asks why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from feedsvc.mail import rules
from feedsvc.mail.models import MailTry
from feedsvc.mail.rules import Fate

DEFERRED, REFUSED, UNCERTAIN, CRASHED = "deferred", "refused", "uncertain", "crashed"
SMTP_REPLY = re.compile(r"[245]\d\d[ -]")  # RFC 5321 section 4.2


def note(session: Session, fates: Mapping[int, Fate], now: datetime) -> None:
    """Keep the tries that these fates, by mail, come from. A day without trouble writes nothing."""
    rows = [
        {"mail_id": mail_id, "at": now, "word": word, "stage": fate.stage, "reply": fate.reason}
        for mail_id, fate in fates.items()
        if (word := word_of(fate))
    ]
    if rows:
        session.execute(insert(MailTry), rows)


def of(session: Session, mail_id: int) -> Sequence[MailTry]:
    """The failed tries of one mail, the first one first."""
    query = select(MailTry).where(MailTry.mail_id == mail_id).order_by(MailTry.id)
    return session.scalars(query).all()


def word_of(fate: Fate) -> str:
    """What kind of try it was; empty for one that ended with yes, and where nothing was tried."""
    if fate.state in ("accepted", "void") or fate.reason == rules.EXPIRED:
        return ""
    if fate.reason in (rules.TAKEN_UP_AGAIN, rules.CRASHED):
        return CRASHED
    if fate.uncertain and not SMTP_REPLY.match(fate.reason):
        return UNCERTAIN
    return REFUSED if fate.state == "failed" else DEFERRED
