"""The rounds of a call: each date and lead time, each notice, and how all of its readers fared.

That everybody was told, and within which minutes, is the proof of equal treatment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, distinct, extract, func, or_, select, union_all
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, KeyDate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import followers, ledger
from feedsvc.reminders.ledger import WAITING
from feedsvc.reminders.models import DigestEntry, Item, Notice, NoticeItem, Occasion
from feedsvc.reminders.occasions import LATE
from feedsvc.reminders.told import Dated, kind_of_date
from feedsvc.subscriptions.models import Subscriber, Subscription

REASONS_SHOWN = 3  # of a round; mail servers have many words for the same


@dataclass(frozen=True, kw_only=True)
class Why:
    """How many were not told, in one way (failed, void ...) for one reason; empty for all others."""

    word: str
    reason: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Round(Dated):
    """What all readers of one occasion were to be told, and how that went.

    `due_at` is when the first of them are due, `open` whether more may be planned; `void` is a
    code when the whole round was given up.
    `first` and `last` are when the mail server took the mails, `slowest` the longest time from
    the planned second of a mail to then.
    """

    due_at: datetime
    planned: int = 0
    accepted: int = 0
    waiting: int = 0
    whys: tuple[Why, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    slowest: timedelta | None = None
    void: str = ""
    open: bool = False


@dataclass(frozen=True)
class _Group:
    """Items of one round that fared alike."""

    word: str
    reason: str
    number: int
    first: datetime | None
    last: datetime | None
    slowest: float | None


def of(session: Session, call_id: int) -> list[Round]:
    """The rounds that were planned or will be, the latest first."""
    found = [*_dates(session, call_id), *_notices(session, call_id), *_digests(session, call_id)]
    return sorted(found, key=lambda one: (one.due_at, one.days or 0), reverse=True)


def following(session: Session, call: Call) -> int:
    """How many readers follow the call now, in one way or another."""
    about = or_(
        Subscription.entry_id == call.id,
        Subscription.filter_id.in_(followers.filters_of(session, call)),
    )
    query = (
        select(func.count(Subscription.subscriber_id.distinct()))
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscription.confirmed_at.is_not(None), Subscriber.confirmed_at.is_not(None), about)
    )
    return session.scalar(query) or 0


def told(session: Session, call_id: int) -> int:
    """How many readers were told something, each counted once.

    Who was forgotten is not counted: nobody knows any more who that was.
    """
    parts = (
        select(Item.subscriber_id)
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .join(OutboxMail, OutboxMail.id == Item.mail_id)
        .where(KeyDate.call_id == call_id, OutboxMail.state == "accepted"),
        select(NoticeItem.subscriber_id)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .join(OutboxMail, OutboxMail.id == NoticeItem.mail_id)
        .where(Notice.call_id == call_id, OutboxMail.state == "accepted"),
        select(Subscriber.id)
        .join(OutboxMail, OutboxMail.recipient_key == Subscriber.uid)
        .join(DigestEntry, DigestEntry.mail_id == OutboxMail.id)
        .where(DigestEntry.entry_id == call_id, OutboxMail.state == "accepted"),
    )
    readers = union_all(*parts).subquery("readers")
    return session.scalar(select(func.count(distinct(readers.c.subscriber_id)))) or 0


def _dates(session: Session, call_id: int) -> list[Round]:
    """One round for each date, instant and lead time, over the hours at which readers are told.

    A lead time that nobody asked for is no round, once its hour has passed.
    """
    key = (Item.key_date_id, Item.deadline_at, Item.days)
    rows = select(Item).join(KeyDate, KeyDate.id == Item.key_date_id)
    groups = _groups(session, rows.where(KeyDate.call_id == call_id), Item, key)
    found = (
        _round(groups.get((date_id, facts["at"], facts["days"]), ()), **facts)
        for date_id, facts in _occasions(session, call_id)
    )
    return [one for one in found if one.planned or one.open or one.void == LATE]


def _occasions(session: Session, call_id: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """The id of each date, and the facts of a round of it. Given up is what every zone gave up."""
    least, most = func.min(Occasion.reason), func.max(Occasion.reason)
    rows = session.execute(
        select(
            Occasion.key_date_id, Occasion.deadline_at.label("at"), Occasion.days,
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
    for row in rows.mappings():
        facts = dict(row)
        yield facts.pop("key_date_id"), facts


def _notices(session: Session, call_id: int) -> list[Round]:
    rows = select(NoticeItem).join(Notice, Notice.id == NoticeItem.notice_id)
    rows = rows.where(Notice.call_id == call_id)
    groups = _groups(session, rows, NoticeItem, (NoticeItem.notice_id,))
    notices = session.scalars(select(Notice).where(Notice.call_id == call_id))
    return [
        _round(groups.get((one.id,), ()), kind=one.kind, due_at=one.due_at, void=one.reason)
        for one in notices
    ]


def _digests(session: Session, call_id: int) -> list[Round]:
    """All digests that named the call are one round: each reader has their own days for them."""
    reason = _reason(OutboxMail.state, OutboxMail.reason)
    rows = session.execute(
        select(OutboxMail.state, reason, func.count(), *_times(), func.min(OutboxMail.created_at))
        .join(DigestEntry, DigestEntry.mail_id == OutboxMail.id)
        .where(DigestEntry.entry_id == call_id)
        .group_by(OutboxMail.state, reason)
    ).all()
    if not rows:
        return []
    groups = [_Group(*facts) for *facts, _ in rows]
    return [_round(groups, kind="digest", due_at=min(begun for *_, begun in rows))]


def _times() -> tuple[ColumnElement[Any], ...]:
    left = case((OutboxMail.state == "accepted", OutboxMail.settled_at))
    taken = extract("epoch", left) - extract("epoch", OutboxMail.dated_at)
    return func.min(left), func.max(left), func.max(taken)


def _reason(word: Any, reason: Any) -> ColumnElement[str]:
    """Of a mail that was taken, the server's reply is its own each time: no reason to group by."""
    return case((word.in_(("accepted", *WAITING)), ""), else_=reason)


def _groups(
    session: Session, rows: Select[Any], planned: ledger.Planned, key: Sequence[Any]
) -> Mapping[tuple[Any, ...], list[_Group]]:
    """The rows by round (`key`), word and reason. The same expression is chosen and grouped by."""
    word = ledger.word_of(planned)
    reason = _reason(word, ledger.reason_of(planned))
    query = rows.outerjoin(OutboxMail, OutboxMail.id == planned.mail_id).group_by(
        *key, word, reason
    )
    counted = session.execute(query.with_only_columns(*key, word, reason, func.count(), *_times()))
    found: dict[tuple[Any, ...], list[_Group]] = {}
    for row in counted:
        found.setdefault(tuple(row[: len(key)]), []).append(_Group(*row[len(key) :]))
    return found


def _round(groups: Sequence[_Group], **facts: Any) -> Round:
    """Add up the groups of one round."""
    return Round(
        planned=sum(one.number for one in groups),
        accepted=sum(one.number for one in groups if one.word == "accepted"),
        waiting=sum(one.number for one in groups if one.word in WAITING),
        whys=_whys(groups),
        first=min((one.first for one in groups if one.first), default=None),
        last=max((one.last for one in groups if one.last), default=None),
        slowest=_slowest(groups),
        **facts,
    )


def _whys(groups: Sequence[_Group]) -> tuple[Why, ...]:
    """Why readers were not told, the most frequent first; the rare ones together, by their state."""
    lost = [one for one in groups if one.word not in ("accepted", *WAITING)]
    lost.sort(key=lambda one: (-one.number, one.word, one.reason))
    shown = [
        Why(word=one.word, reason=one.reason, number=one.number) for one in lost[:REASONS_SHOWN]
    ]
    rest: dict[str, int] = {}
    for one in lost[REASONS_SHOWN:]:
        rest[one.word] = rest.get(one.word, 0) + one.number
    return (*shown, *(Why(word=word, reason="", number=n) for word, n in rest.items()))


def _slowest(groups: Sequence[_Group]) -> timedelta | None:
    seconds = [one.slowest for one in groups if one.slowest is not None]
    return timedelta(seconds=max(0, float(max(seconds)))) if seconds else None
