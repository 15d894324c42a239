"""Forget in time: what was told to whom, the mails, the proof of consent, addresses without use.

`settings` says after how many days, docs/settings.md and the page `/privacy/data` say it too.
Everything goes in batches, each a transaction of its own: the writers of the web need not wait, and
whoever is stopped half way goes on the next time. What is deleted of the ledger is counted first
(`ToldTally`), so that its sums stay true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import KeyDate
from feedsvc.db import Database
from feedsvc.mail import keeping, texts
from feedsvc.mail.keeping import Batch
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.models import Item, Notice, NoticeItem, Occasion, ToldTally
from feedsvc.settings import Settings
from feedsvc.statements import insert
from feedsvc.subscriptions import changes, clients, retention

AT_ONCE = 500
REMINDER = "reminder"  # in the tally, beside the kinds of notices
Stopping = Callable[[], bool]
Told = Sequence[tuple[int, int, str, str]]  # row, call, kind, word
_IN_LEDGER = or_(
    exists().where(Item.mail_id == OutboxMail.id),
    exists().where(NoticeItem.mail_id == OutboxMail.id),
)


@dataclass(frozen=True)
class Forgotten:
    """What one turn has forgotten, for the heartbeat."""

    addresses: int
    texts: int
    told: int
    mails: int
    consents: int

    def __str__(self) -> str:
        return (
            f"{self.addresses} addresses deleted, {self.texts} mails blanked, "
            f"{self.told} reminders and {self.mails} mails deleted, {self.consents} consents"
        )


def forget_due(db: Database, settings: Settings, now: datetime, *, stopping: Stopping) -> Forgotten:
    """Forget all whose time has come. Items go before the mails that say how they ended."""
    with db.begin() as session:
        clients.purge(session, now=now)
        texts.drop_unused(session, now)
    readable, told, proof = (
        now - timedelta(days=days)
        for days in (settings.mail_text_days, settings.told_kept_days, settings.consent_kept_days)
    )
    return Forgotten(
        addresses=_all(
            db, stopping, lambda session: changes.purge(session, now=now, limit=AT_ONCE)
        ),
        texts=_mails(
            db, stopping, lambda session, after: keeping.blank(session, readable, after=after)
        ),
        told=_all(db, stopping, lambda session: _reminders(session, told))
        + _all(db, stopping, lambda session: _notices(session, told)),
        mails=_mails(
            db,
            stopping,
            lambda session, after: keeping.drop(session, told, unless=_IN_LEDGER, after=after),
        ),
        consents=_all(db, stopping, lambda session: retention.drop_consent(session, proof)),
    )


def counted(session: Session, call_id: int) -> dict[tuple[str, str], int]:
    """What was told of a call and is no longer kept row by row: numbers by kind and word."""
    rows = session.scalars(select(ToldTally).where(ToldTally.call_id == call_id))
    return {(row.kind, row.word): row.number for row in rows}


def _all(db: Database, stopping: Stopping, some: Callable[[Session], int]) -> int:
    """Batch after batch, until one is not full."""
    total, number = 0, AT_ONCE
    while number >= AT_ONCE and not stopping():
        with db.begin() as session:
            number = some(session)
        total += number
    return total


def _mails(db: Database, stopping: Stopping, some: Callable[[Session, int], Batch]) -> int:
    total = 0
    after: int | None = 0
    while after is not None and not stopping():
        with db.begin() as session:
            batch = some(session, after)
        total, after = total + batch.number, batch.last
    return total


def _reminders(session: Session, before: datetime) -> int:
    """Some items of deadlines that passed before that; then the occasions that have none left."""
    found: Select[int, int, str, str | None] = (
        select(Item.id, KeyDate.call_id, Item.state, OutboxMail.state)
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .outerjoin(OutboxMail, OutboxMail.id == Item.mail_id)
        .where(exists().where(*_same_deadline(), Occasion.deadline_at <= before))
        .limit(AT_ONCE)
        .with_for_update(of=Item, skip_locked=True)
    )
    told = [
        (id_, call_id, REMINDER, _word(state, mail))
        for id_, call_id, state, mail in session.execute(found)
    ]
    _count(session, told)
    session.execute(delete(Item).where(Item.id.in_([row[0] for row in told])))
    if len(told) < AT_ONCE:
        left = exists().where(*_same_deadline())
        session.execute(delete(Occasion).where(Occasion.deadline_at <= before, ~left))
    return len(told)


def _notices(session: Session, before: datetime) -> int:
    """Some items of notices that old. The notices stay: they say what must not be told again."""
    found = (
        select(NoticeItem.id, Notice.call_id, Notice.kind, NoticeItem.state, OutboxMail.state)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .outerjoin(OutboxMail, OutboxMail.id == NoticeItem.mail_id)
        .where(Notice.due_at <= before)
        .limit(AT_ONCE)
        .with_for_update(of=NoticeItem, skip_locked=True)
    )
    told = [
        (id_, call_id, kind, _word(state, mail))
        for id_, call_id, kind, state, mail in session.execute(found)
    ]
    _count(session, told)
    session.execute(delete(NoticeItem).where(NoticeItem.id.in_([row[0] for row in told])))
    return len(told)


def _same_deadline() -> Sequence[ColumnElement[bool]]:
    """By what the key of an item begins with, however its occasions are cut by zone and hour."""
    return (
        and_(
            Occasion.key_date_id == Item.key_date_id,
            Occasion.deadline_at == Item.deadline_at,
            Occasion.days == Item.days,
        ),
    )


def _word(state: str, mail: str | None) -> str:
    """How it ended; what never left, for a reader who has gone, is void."""
    return mail if state == "mailed" and mail else "void"


def _count(session: Session, told: Told) -> None:
    counts = Counter((call_id, kind, word) for _, call_id, kind, word in told)
    for (call_id, kind, word), number in sorted(counts.items()):
        row = insert(session, ToldTally).values(
            call_id=call_id, kind=kind, word=word, number=number
        )
        session.execute(
            row.on_conflict_do_update(
                index_elements=["call_id", "kind", "word"],
                set_={"number": ToldTally.number + row.excluded.number},
            )
        )
