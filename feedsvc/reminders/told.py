"""Who was told what about a call, and when: every reminder, notice and line of a digest, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from feedsvc.calls.models import KeyDate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import ledger
from feedsvc.reminders.models import Item, Notice, NoticeItem
from feedsvc.subscriptions.models import Subscriber

REMINDER, NOTICE, DIGEST = 1, 2, 3  # the tables, in the order of rows of one second
DEADLINE, OPENING = "deadline", "opening"
KINDS = (DEADLINE, OPENING, "changed", "cancelled", "edition", "digest")


@dataclass(frozen=True, kw_only=True)
class Dated:
    """What a reminder is about: how many days before which date, as it was when it was planned.

    A notice and a digest are about no date: `at` is None.
    """

    kind: str
    days: int | None = None
    type: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    at: datetime | None = None
    zone: str = ""
    timed: bool = False


@dataclass(frozen=True, kw_only=True)
class Row(Dated):
    """One thing for one reader. `reader` is their uid, empty once they were forgotten.

    `word` is planned, a state of the mail, or void; `reason` is for `reasons.words`. `call_id` is
    None for a digest, which tells of many.
    """

    table: int
    id: int
    planned_at: datetime
    word: str
    reason: str
    reader: str
    address: str
    mail_id: int | None
    left_at: datetime | None
    call_id: int | None = None


def kind_of_date() -> ColumnElement[str]:
    """Whether a key date is one that is opened by or one that something is due at."""
    return case((KeyDate.type == "opens", OPENING), else_=DEADLINE)


def whole(session: Session, keys: Sequence[tuple[int, int]]) -> list[Row]:
    """The rows with these keys (table, id), in their order."""
    readers = {REMINDER: _whole_reminders, NOTICE: _whole_notices, DIGEST: _whole_digests}
    found: dict[tuple[int, int], Row] = {}
    for table, read in readers.items():
        ids = [number for source, number in keys if source == table]
        if ids:
            found |= {(row.table, row.id): row for row in read(session, ids)}
    return [found[key] for key in keys]


def _whole_reminders(session: Session, ids: Sequence[int]) -> Iterator[Row]:
    query = (
        select(
            Item.id, Item.planned_at, kind_of_date().label("kind"), *_fate(Item), Item.mail_id,
            *_reader(), Item.days, KeyDate.type, KeyDate.labels, Item.deadline_at.label("at"),
            KeyDate.zone, KeyDate.local_time.is_not(None).label("timed"), KeyDate.call_id,
        )
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .outerjoin(Subscriber, Subscriber.id == Item.subscriber_id)
        .outerjoin(OutboxMail, OutboxMail.id == Item.mail_id)
        .where(Item.id.in_(ids))
    )  # fmt: skip
    return (Row(table=REMINDER, **row) for row in session.execute(query).mappings())


def _whole_notices(session: Session, ids: Sequence[int]) -> Iterator[Row]:
    query = (
        select(
            NoticeItem.id, NoticeItem.planned_at, Notice.kind, *_fate(NoticeItem),
            NoticeItem.mail_id, Notice.call_id, *_reader(),
        )
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .outerjoin(Subscriber, Subscriber.id == NoticeItem.subscriber_id)
        .outerjoin(OutboxMail, OutboxMail.id == NoticeItem.mail_id)
        .where(NoticeItem.id.in_(ids))
    )  # fmt: skip
    return (Row(table=NOTICE, **row) for row in session.execute(query).mappings())


def _whole_digests(session: Session, ids: Sequence[int]) -> Iterator[Row]:
    """By the ids of their mails: a digest names an entry once."""
    query = (
        select(
            OutboxMail.id, OutboxMail.created_at.label("planned_at"),
            literal("digest").label("kind"), OutboxMail.state.label("word"), OutboxMail.reason,
            OutboxMail.id.label("mail_id"), _left().label("left_at"), *_reader(),
        )
        .outerjoin(Subscriber, Subscriber.uid == OutboxMail.recipient_key)
        .where(OutboxMail.id.in_(ids))
    )  # fmt: skip
    return (Row(table=DIGEST, **row) for row in session.execute(query).mappings())


def _fate(planned: type[Item | NoticeItem]) -> tuple[ColumnElement[Any], ...]:
    return (
        ledger.word_of(planned).label("word"),
        ledger.reason_of(planned).label("reason"),
        _left().label("left_at"),
    )


def _left() -> ColumnElement[Any]:
    """When the mail server took it; of a mail that came back later, nobody knows any more."""
    return case((OutboxMail.state == "accepted", OutboxMail.settled_at))


def _reader() -> tuple[ColumnElement[Any], ...]:
    return (
        func.coalesce(Subscriber.uid, "").label("reader"),
        func.coalesce(Subscriber.email, "").label("address"),
    )
