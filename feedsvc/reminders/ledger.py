"""Account for everything that was ever planned for a reader: where it is, or how it ended and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.models import Item, NoticeItem
from feedsvc.reminders.reasons import FORGOTTEN

FINAL = ("accepted", "bounced", "failed", "expired", "void")
WAITING = ("planned", "queued", "sending")
Planned = type[Item] | type[NoticeItem]


@dataclass(frozen=True)
class Fate:
    """One item: `word` is planned, a state of its mail, or void; final words have a reason."""

    item_id: int
    subscriber_id: int | None
    deadline_at: datetime
    days: int
    word: str
    reason: str
    mail_id: int | None


def word_of(planned: Planned) -> ColumnElement[str]:
    """Where it is or how it ended, for queries that join its mail (outer).

    What was planned for a reader who was forgotten meanwhile is void: no mail will be written.
    """
    return case(
        (planned.state == "mailed", OutboxMail.state),
        (_orphan(planned), "void"),
        else_=planned.state,
    )


def reason_of(planned: Planned) -> ColumnElement[str]:
    """Why, for the same queries: a code, a sentence of ours, or the mail server's reply."""
    return case(
        (planned.state == "mailed", OutboxMail.reason),
        (_orphan(planned), FORGOTTEN),
        else_=planned.reason,
    )


def fates(session: Session, *, mail_id: int | None = None) -> Sequence[Fate]:
    """Every reminder, or those of one mail, in the order in which they were planned."""
    query = (
        select(
            Item.id, Item.subscriber_id, Item.deadline_at, Item.days,
            word_of(Item), reason_of(Item), Item.mail_id,
        )
        .outerjoin(OutboxMail, OutboxMail.id == Item.mail_id)
        .order_by(Item.id)
    )  # fmt: skip
    if mail_id is not None:
        query = query.where(Item.mail_id == mail_id)
    return [Fate(*row) for row in session.execute(query)]


def tally(session: Session) -> dict[str, int]:
    """How many reminders and notices there are of each word: their sum is all that was planned."""
    found: Counter[str] = Counter()
    for planned in (Item, NoticeItem):
        word = word_of(planned)
        rows = session.execute(
            select(word, func.count())
            .select_from(planned)
            .outerjoin(OutboxMail, OutboxMail.id == planned.mail_id)
            .group_by(word)
        )
        found.update(dict(rows.all()))
    return dict(found)


def _orphan(planned: Planned) -> ColumnElement[bool]:
    return and_(planned.state == "planned", planned.subscriber_id.is_(None))
