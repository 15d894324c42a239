"""Account for every reminder that was ever planned: where it is, or how it ended and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.models import Item

FINAL = ("accepted", "bounced", "failed", "expired", "void")


@dataclass(frozen=True)
class Fate:
    """One item: `word` is planned, a state of its mail, or void; final words have a reason."""

    item_id: int
    subscriber_id: int
    deadline_at: datetime
    days: int
    word: str
    reason: str
    mail_id: int | None


_WORD = case((Item.state == "mailed", OutboxMail.state), else_=Item.state)
_REASON = case((Item.state == "mailed", OutboxMail.reason), else_=Item.reason)


def fates(session: Session, *, mail_id: int | None = None) -> Sequence[Fate]:
    """Every item, or those of one mail, in the order in which they were planned."""
    query = (
        select(
            Item.id, Item.subscriber_id, Item.deadline_at, Item.days, _WORD, _REASON, Item.mail_id
        )
        .outerjoin(OutboxMail, OutboxMail.id == Item.mail_id)
        .order_by(Item.id)
    )
    if mail_id is not None:
        query = query.where(Item.mail_id == mail_id)
    return [Fate(*row) for row in session.execute(query)]


def tally(session: Session) -> dict[str, int]:
    """How many items there are of each word: their sum is all that was planned."""
    rows = session.execute(
        select(_WORD, func.count())
        .select_from(Item)
        .outerjoin(OutboxMail, OutboxMail.id == Item.mail_id)
        .group_by(_WORD)
    )
    return dict(rows.all())
