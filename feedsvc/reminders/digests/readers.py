"""Whose digest is due, and what each of these readers knows already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.digests.rules import OVERLAP, Known
from feedsvc.reminders.digests.slots import INSTANT, Due
from feedsvc.reminders.models import DigestEntry, DigestPart, Notice, NoticeItem
from feedsvc.statements import constant
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription

KIND = "digest"
FILTERS_AT_ONCE = 1_000
# A subscription that follows with a digest since nobody said when: since its beginning.
_UNTOLD = (
    Subscription.digest != constant(""),
    Subscription.digested_until.is_(None),
    Subscription.confirmed_at.is_not(None),
)


def anybody_untold(session: Session) -> bool:
    """Whether anybody follows by a digest that has no beginning yet."""
    return session.scalar(_BEGINNING) is not None


def begin(session: Session) -> None:
    """Give a beginning to the digests that have none (ix_subscription_digest)."""
    session.execute(
        update(Subscription)
        .where(*_UNTOLD)
        .values(digested_until=Subscription.confirmed_at)
        .execution_options(synchronize_session=False)
    )


def due(
    session: Session,
    kinds: Sequence[Due],
    found: Sequence[tuple[int, datetime]],
    *,
    now: datetime,
) -> set[int]:
    """Readers with a digest of these kinds whose filter has found something since it was told.

    `found` are filters with what they last found, the newest first: so each part of the list needs
    to look at few subscriptions that know it already.
    """
    if not kinds:
        return set()
    readers: set[int] = set()
    for start in range(0, len(found), FILTERS_AT_ONCE):
        part = found[start : start + FILTERS_AT_ONCE]
        readers.update(
            session.scalars(
                select(Subscription.subscriber_id)
                .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
                .where(
                    Subscription.filter_id.in_([filter_id for filter_id, _ in part]),
                    Subscription.digested_until < part[0][1] + OVERLAP,
                    or_(*(_of_kind(one) for one in kinds)),
                    awake(now),
                )
                .distinct()
            )
        )
    return readers


def again(session: Session, now: datetime) -> set[int]:
    """Readers whose digest was stopped at the gate (ix_digest_part_again)."""
    return set(session.scalars(_AGAIN, {"now": now}))


def awake(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """The condition that a reader is there and has not paused."""
    return and_(
        Subscriber.confirmed_at.is_not(None),
        or_(Subscriber.paused_until.is_(None), Subscriber.paused_until <= now),
    )


# Anybody who gets digests; digests that were stopped at the gate.
ANYBODY = select(Subscription.id).where(Subscription.digest != constant("")).limit(1)
_BEGINNING = select(Subscription.id).where(*_UNTOLD).limit(1)
STOPPED = select(DigestPart.id).where(DigestPart.again.is_(True)).limit(1)
_AGAIN = (
    select(Subscription.subscriber_id)
    .join(DigestPart, DigestPart.subscription_id == Subscription.id)
    .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    .where(DigestPart.again.is_(True), awake(bindparam("now")))
)


def locked(session: Session, ids: Collection[int], now: datetime) -> Sequence[Subscriber]:
    """These readers, locked: who holds a reader writes all of their digests, others wait."""
    return session.scalars(
        select(Subscriber)
        .where(Subscriber.id.in_(ids), awake(now))
        .order_by(Subscriber.id)
        .with_for_update(key_share=True)
    ).all()


def known(
    session: Session, readers: Sequence[Subscriber], entry_ids: Collection[int]
) -> dict[int, Known]:
    """By reader what digests and notices told of these entries, and which of them are muted."""
    told = _told(session, readers, entry_ids)
    noticed = _noticed(session, readers, entry_ids)
    muted = _muted(session, readers, entry_ids)
    return {
        row.id: Known(told[row.uid], noticed[row.id], frozenset(muted[row.id])) for row in readers
    }


def _told(
    session: Session, readers: Sequence[Subscriber], entry_ids: Collection[int]
) -> dict[str, dict[int, int]]:
    """By the reader's uid and the entry the last event known; of mails that were not taken back."""
    rows = session.execute(
        select(OutboxMail.recipient_key, DigestEntry.entry_id, func.max(DigestEntry.event_id))
        .join(DigestEntry, DigestEntry.mail_id == OutboxMail.id)
        .where(
            OutboxMail.recipient_key.in_([row.uid for row in readers]),
            OutboxMail.kind == KIND,
            OutboxMail.state != "void",
            DigestEntry.entry_id.in_(entry_ids),
        )
        .group_by(OutboxMail.recipient_key, DigestEntry.entry_id)
    )
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for uid, entry_id, event_id in rows:
        found[uid][entry_id] = event_id
    return found


def _noticed(
    session: Session, readers: Sequence[Subscriber], entry_ids: Collection[int]
) -> dict[int, dict[int, list[tuple[int, int]]]]:
    """By reader and call the first and the last event of each notice that they got or will get."""
    rows = session.execute(
        select(
            NoticeItem.subscriber_id, Notice.call_id, Notice.first_event_id, Notice.last_event_id
        )
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .where(
            NoticeItem.subscriber_id.in_([row.id for row in readers]),
            NoticeItem.state.in_(("planned", "mailed")),
            Notice.call_id.in_(entry_ids),
            Notice.first_event_id.is_not(None),
        )
    )
    found: dict[int, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for reader_id, call_id, first, last in rows:
        found[reader_id][call_id].append((first or 0, last or 0))
    return found


def _muted(
    session: Session, readers: Iterable[Subscriber], entry_ids: Collection[int]
) -> dict[int, set[int]]:
    rows = session.execute(
        select(CallMute.subscriber_id, CallMute.call_id).where(
            CallMute.subscriber_id.in_([row.id for row in readers]),
            CallMute.call_id.in_(entry_ids),
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for reader_id, call_id in rows:
        found[reader_id].add(call_id)
    return found


def _of_kind(one: Due) -> ColumnElement[bool]:
    if one.digest == INSTANT:
        zones = {zone for zone, _ in one.clocks}
        return and_(Subscription.digest == INSTANT, Subscriber.zone.in_(zones))
    return and_(
        Subscription.digest == one.digest,
        tuple_(Subscriber.zone, Subscriber.hour).in_(one.clocks),
    )
