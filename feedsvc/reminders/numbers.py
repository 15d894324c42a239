"""What the rows of a call add up to, round by round.

To count 100,000 rows takes half a second and more. So the scheduler counts large calls ahead
(`counting`), and whoever asks gets what it counted last, and when that was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, distinct, extract, func, or_, select, union_all
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, KeyDate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import followers, ledger, tallies
from feedsvc.reminders.ledger import WAITING
from feedsvc.reminders.models import DigestEntry, Item, Notice, NoticeItem, ToldCount
from feedsvc.reminders.tallies import Group, Tally
from feedsvc.reminders.told import DIGEST, NOTICE, REMINDER
from feedsvc.subscriptions.models import Subscriber, Subscription


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """`following` readers follow the call now, `told` were told something, each counted once.

    Who was forgotten is not counted: nobody knows any more who that was. The tallies are by the
    `key` of their rounds. `counted_at` is None if they were counted for whoever asked.
    """

    following: int
    told: int
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    counted_at: datetime | None = None


NONE = Numbers(following=0, told=0)


def key(table: int, number: int, at: datetime | None = None, days: int | None = None) -> str:
    """Of a round: its table, its key date, notice or call, its deadline and lead time."""
    stamp = "" if at is None else f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{table}.{number}.{stamp}.{'' if days is None else days}"


def of(session: Session, call: Call) -> Numbers:
    """Those that were counted ahead, or else as of now."""
    ahead = session.get(ToldCount, call.id)
    return count(session, call) if ahead is None else _read(ahead)


def count(session: Session, call: Call) -> Numbers:
    """As of now, from all rows."""
    return Numbers(
        following=_following(session, call),
        told=_told(session, call.id),
        tallies={
            which: tallies.add_up(groups)
            for which, groups in (
                *_dates(session, call.id), *_notices(session, call.id), *_digests(session, call.id),
            )
        },
    )  # fmt: skip


def plain(numbers: Numbers) -> dict[str, Any]:
    """As JSON can hold it."""
    each = {which: tallies.plain(tally) for which, tally in numbers.tallies.items()}
    return {"following": numbers.following, "told": numbers.told, "tallies": each}


def _read(ahead: ToldCount) -> Numbers:
    kept = ahead.numbers
    each = {which: tallies.read(tally) for which, tally in kept["tallies"].items()}
    return Numbers(
        following=kept["following"], told=kept["told"], tallies=each, counted_at=ahead.counted_at
    )


def _following(session: Session, call: Call) -> int:
    """In one way or another."""
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


def _told(session: Session, call_id: int) -> int:
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


def _dates(session: Session, call_id: int) -> Iterator[tuple[str, list[Group]]]:
    common = (Item.key_date_id, Item.deadline_at, Item.days)
    rows = select(Item).join(KeyDate, KeyDate.id == Item.key_date_id)
    rows = rows.where(KeyDate.call_id == call_id)
    for values, groups in _groups(session, rows, Item, common).items():
        yield key(REMINDER, *values), groups


def _notices(session: Session, call_id: int) -> Iterator[tuple[str, list[Group]]]:
    rows = select(NoticeItem).join(Notice, Notice.id == NoticeItem.notice_id)
    rows = rows.where(Notice.call_id == call_id)
    for values, groups in _groups(session, rows, NoticeItem, (NoticeItem.notice_id,)).items():
        yield key(NOTICE, *values), groups


def _digests(session: Session, call_id: int) -> Iterator[tuple[str, list[Group]]]:
    reason = _reason(OutboxMail.state, OutboxMail.reason)
    rows = session.execute(
        select(OutboxMail.state, reason, func.count(), *_facts())
        .join(DigestEntry, DigestEntry.mail_id == OutboxMail.id)
        .where(DigestEntry.entry_id == call_id)
        .group_by(OutboxMail.state, reason)
    ).all()
    if rows:
        yield key(DIGEST, call_id), [Group(*row) for row in rows]


def _groups(
    session: Session, rows: Select[Any], planned: ledger.Planned, common: Sequence[Any]
) -> Mapping[tuple[Any, ...], list[Group]]:
    """The rows by round, word and reason. The same expression is chosen and grouped by."""
    word = ledger.word_of(planned)
    reason = _reason(word, ledger.reason_of(planned))
    query = rows.outerjoin(OutboxMail, OutboxMail.id == planned.mail_id).group_by(
        *common, word, reason
    )
    counted = session.execute(
        query.with_only_columns(*common, word, reason, func.count(), *_facts())
    )
    found: dict[tuple[Any, ...], list[Group]] = {}
    for row in counted:
        found.setdefault(tuple(row[: len(common)]), []).append(Group(*row[len(common) :]))
    return found


def _facts() -> tuple[ColumnElement[Any], ...]:
    left = case((OutboxMail.state == "accepted", OutboxMail.settled_at))
    taken = extract("epoch", left) - extract("epoch", OutboxMail.dated_at)
    ids = func.min(OutboxMail.id), func.max(OutboxMail.id)
    return func.min(left), func.max(left), func.max(taken), *ids


def _reason(word: Any, reason: Any) -> ColumnElement[str]:
    """Of a mail that was taken, the server's reply is its own each time: no reason to group by."""
    return case((word.in_(("accepted", *WAITING)), ""), else_=reason)
