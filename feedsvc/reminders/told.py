"""Who was told what about a call, and when: every reminder, notice and line of a digest, as rows.

Three tables hold what was planned for a reader; `parts` puts the few facts by which rows are
chosen and ordered into one list, and only the rows of a page are read whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from feedsvc.calls.models import KeyDate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import ledger
from feedsvc.reminders.models import DigestEntry, Item, Notice, NoticeItem
from feedsvc.subscriptions.models import Subscriber

REMINDER, NOTICE, DIGEST = 1, 2, 3  # the tables, in the order of rows of one second
DEADLINE, OPENING = "deadline", "opening"
KINDS = (DEADLINE, OPENING, "changed", "cancelled", "edition", "digest")
# What the page filters by, and the words of a row that each stands for.
GROUPS = {
    "waiting": ledger.WAITING,
    "accepted": ("accepted",),
    "bounced": ("bounced",),
    "failed": ("failed",),
    "expired": ("expired",),
    "void": ("void",),
}
BATCH = 2_000

Place = tuple[datetime, int, int]  # when planned, table, id: where a page goes on


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

    @property
    def place(self) -> Place:
        return self.planned_at, self.table, self.id


def page(
    session: Session,
    call_id: int,
    *,
    group: str = "",
    kind: str = "",
    before: Place | None = None,
    limit: int = 50,
) -> list[Row]:
    """Rows of a call, newest first, from after `before` on."""
    found = _chosen(call_id, group, kind)
    place = tuple_(found.c.planned_at, found.c.source, found.c.id)
    query = select(found.c.source, found.c.id)
    if before is not None:
        query = query.where(place < before)
    newest = query.order_by(
        found.c.planned_at.desc(), found.c.source.desc(), found.c.id.desc()
    ).limit(limit)
    return whole(session, [(table, number) for table, number in session.execute(newest)])


def every(session: Session, call_id: int) -> Iterator[Row]:
    """All rows of a call, the first one first, read in batches: there may be hundreds of thousands."""
    found = _chosen(call_id, "", "")
    keys = session.execute(
        select(found.c.source, found.c.id).order_by(found.c.planned_at, found.c.source, found.c.id)
    ).all()
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        yield from whole(session, [(table, number) for table, number in some])


def _chosen(call_id: int, group: str, kind: str) -> Subquery:
    """Table, id and time of the rows that were asked for. Mails are joined for their states only."""
    words = GROUPS.get(group, ())
    parts = [
        part
        for part in (
            _reminders(call_id, words, kind),
            _notices(call_id, words, kind),
            _digests(call_id, words, kind),
        )
        if part is not None
    ]
    return union_all(*parts).subquery("chosen")


def _reminders(call_id: int, words: Sequence[str], kind: str) -> Select[*tuple[Any, ...]] | None:
    if kind not in ("", DEADLINE, OPENING):
        return None
    query = (
        select(literal(REMINDER).label("source"), Item.id, Item.planned_at)
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .where(KeyDate.call_id == call_id)
    )
    if kind:
        query = query.where(kind_of_date() == kind)
    if words:
        query = query.outerjoin(OutboxMail, OutboxMail.id == Item.mail_id)
        query = query.where(ledger.word_of(Item).in_(words))
    return query


def _notices(call_id: int, words: Sequence[str], kind: str) -> Select[*tuple[Any, ...]] | None:
    if kind in (DEADLINE, OPENING, "digest"):
        return None
    query = (
        select(literal(NOTICE).label("source"), NoticeItem.id, NoticeItem.planned_at)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .where(Notice.call_id == call_id)
    )
    if kind:
        query = query.where(Notice.kind == kind)
    if words:
        query = query.outerjoin(OutboxMail, OutboxMail.id == NoticeItem.mail_id)
        query = query.where(ledger.word_of(NoticeItem).in_(words))
    return query


def _digests(call_id: int, words: Sequence[str], kind: str) -> Select[*tuple[Any, ...]] | None:
    if kind not in ("", "digest"):
        return None
    query = (
        select(
            literal(DIGEST).label("source"),
            DigestEntry.mail_id.label("id"),
            OutboxMail.created_at.label("planned_at"),
        )
        .join(OutboxMail, OutboxMail.id == DigestEntry.mail_id)
        .where(DigestEntry.entry_id == call_id)
    )
    return query.where(OutboxMail.state.in_(words)) if words else query


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
