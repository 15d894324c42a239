"""The rounds of a call: each date and lead time, each notice, and how all of its readers fared.

That everybody was told, and within which minutes, is the proof of equal treatment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import KeyDate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.models import DigestEntry, Notice, Occasion
from feedsvc.reminders.numbers import Numbers, key
from feedsvc.reminders.occasions import LATE
from feedsvc.reminders.tallies import NONE, Tally
from feedsvc.reminders.told import DIGEST, NOTICE, REMINDER, Dated, kind_of_date


@dataclass(frozen=True, kw_only=True)
class Round(Dated):
    """What all readers of one occasion were to be told, and how that went.

    `table` and `number` say what its rows refer to: a key date or a notice, or the call, for all
    digests that named it are one round. `due_at` is when the first of its readers are due, `open` whether more
    may be planned; `void` is a code when the whole round was given up.
    """

    table: int
    number: int
    due_at: datetime
    void: str = ""
    open: bool = False
    tally: Tally = NONE

    @property
    def key(self) -> str:
        return key(self.table, self.number, self.at, self.days)


def of(session: Session, call_id: int, numbers: Numbers) -> list[Round]:
    """The rounds that were planned or will be, the latest first.

    A lead time that nobody asked for is no round, once its hour has passed and it was counted.
    """
    return [one for one in every(session, call_id, numbers) if _is_told_of(one, numbers)]


def every(session: Session, call_id: int, numbers: Numbers) -> list[Round]:
    """With the rounds in which nobody was told anything."""
    found = (
        Round(**facts)
        for facts in (
            *_dates(session, call_id), *_notices(session, call_id), *_digests(session, call_id),
        )
    )  # fmt: skip
    rounds = [replace(one, tally=numbers.tallies.get(one.key, NONE)) for one in found]
    return sorted(rounds, key=lambda one: (one.due_at, one.days or 0, one.number), reverse=True)


def _is_told_of(one: Round, numbers: Numbers) -> bool:
    is_new = numbers.counted_at is not None and one.due_at > numbers.counted_at
    return bool(one.tally.planned or one.open or one.void == LATE or is_new)


def _dates(session: Session, call_id: int) -> Iterator[dict[str, Any]]:
    """One round for each date, instant and lead time, over the hours at which readers are told.

    Given up is what every zone gave up.
    """
    least, most = func.min(Occasion.reason), func.max(Occasion.reason)
    rows = session.execute(
        select(
            Occasion.key_date_id.label("number"), Occasion.deadline_at.label("at"), Occasion.days,
            func.min(Occasion.due_at).label("due_at"),
            case((least == most, least), else_="").label("void"),
            func.max(case((Occasion.state == "open", 1), else_=0)).label("open"),
            kind_of_date().label("kind"), KeyDate.type, KeyDate.labels, KeyDate.zone,
            KeyDate.local_time.is_not(None).label("timed"),
        )
        .join(KeyDate, KeyDate.id == Occasion.key_date_id)
        .where(Occasion.call_id == call_id)
        .group_by(Occasion.key_date_id, Occasion.deadline_at, Occasion.days, KeyDate.id)
    )  # fmt: skip
    return ({"table": REMINDER, **row} for row in rows.mappings())


def _notices(session: Session, call_id: int) -> Iterator[dict[str, Any]]:
    rows = session.execute(
        select(
            Notice.id.label("number"), Notice.kind, Notice.due_at, Notice.reason.label("void")
        ).where(Notice.call_id == call_id)
    )
    return ({"table": NOTICE, **row} for row in rows.mappings())


def _digests(session: Session, call_id: int) -> Iterator[dict[str, Any]]:
    """Each reader has their own days for them: they are one round, since the first one."""
    first = session.scalar(
        select(OutboxMail.created_at)
        .join(DigestEntry, DigestEntry.mail_id == OutboxMail.id)
        .where(DigestEntry.entry_id == call_id)
        .order_by(DigestEntry.mail_id)
        .limit(1)
    )
    if first is not None:
        yield {"table": DIGEST, "number": call_id, "kind": "digest", "due_at": first}
