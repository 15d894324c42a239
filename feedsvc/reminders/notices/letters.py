"""Turn planned items of notices into mails: one for each reader and kind, into the outbox.

What is told is what a reader does not know yet (`history`), as the call is now. Calls in which
something still happens wait, and so does who is just being sent an earlier change.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import groupby

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from feedsvc.db import Database
from feedsvc.mail import outbox
from feedsvc.mail.outbox import Post, Slot
from feedsvc.reminders import moulds, pace
from feedsvc.reminders.models import Notice, NoticeItem
from feedsvc.reminders.moulds import Shared, Unready, still
from feedsvc.reminders.notices import bursts, history, rules, telling
from feedsvc.reminders.notices.compose import Told, Writer
from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED, EDITION
from feedsvc.reminders.notices.history import Past
from feedsvc.reminders.notices.telling import Desk
from feedsvc.settings import Settings
from feedsvc.statements import constant
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Subscriber, Subscription

log = logging.getLogger(__name__)

URGENT, USUAL = 1, 3
LAST = datetime.max.replace(tzinfo=UTC)

Group = tuple[list[NoticeItem], dict[int, list[Past]]]  # one reader's of a kind, and their past

# Anybody who has planned items (ix_notice_item_planned).
WAITING = select(NoticeItem.id).where(NoticeItem.state == constant("planned")).limit(1)
_READERS = (
    select(Subscriber.id)
    .where(
        Subscriber.id > bindparam("last"),
        exists().where(
            NoticeItem.subscriber_id == Subscriber.id, NoticeItem.state == constant("planned")
        ),
    )
    .order_by(Subscriber.id)
    .limit(bindparam("at_once"))
    .with_for_update(skip_locked=True, key_share=True)
)
_PLANNED = (
    select(NoticeItem)
    .join(Notice, Notice.id == NoticeItem.notice_id)
    .where(
        NoticeItem.state == constant("planned"),
        NoticeItem.subscriber_id.in_(bindparam("readers", expanding=True)),
        or_(Notice.kind != CHANGED, Notice.call_id.not_in(bursts.UNSETTLED)),
    )
    .order_by(NoticeItem.subscriber_id, Notice.kind, NoticeItem.notice_id)
    .options(
        joinedload(NoticeItem.notice).joinedload(Notice.call),
        joinedload(NoticeItem.subscriber).lazyload(Subscriber.subscriptions),
        joinedload(NoticeItem.subscription).lazyload(Subscription.offsets),
    )
)


def write(db: Database, settings: Settings, now: datetime) -> int:
    """Put a mail into the outbox for each reader who has planned items; how many."""
    desk, speed, written, last = Desk(settings, now), pace.of_readers(), 0, 0
    while True:
        at_once = speed.at_once
        with db.begin() as session:
            began = db.stopwatch()
            readers = _readers(session, last, at_once)
            written += _write_all(session, _planned(session, readers, now), desk)
        took = db.stopwatch() - began
        if desk.shelf.fill(db):
            continue  # with the same readers: those who waited for it are written to now
        if len(readers) < at_once:
            return written
        last = readers[-1]
        speed.took(len(readers), took)


def waiting(session: Session) -> bool:
    """Whether anybody has planned items (ix_notice_item_planned)."""
    return session.scalar(WAITING) is not None


def _readers(session: Session, last: int, at_once: int) -> Sequence[int]:
    """The next readers who have planned items, locked: who holds a reader writes all of their items."""
    return session.scalars(_READERS, {"last": last, "at_once": at_once}).all()


def _planned(session: Session, readers: Sequence[int], now: datetime) -> list[Group]:
    """The planned items of each reader and kind, with what the reader was told of those calls."""
    if not readers:
        return []
    rows = session.scalars(_PLANNED, {"readers": readers} | bursts.times(now)).all()
    past = history.of(session, readers, {item.notice.call_id for item in rows})
    groups = groupby(rows, key=lambda item: (item.subscriber_id, item.notice.kind))
    return [
        (list(group), {call: told for (who, call), told in past.items() if who == reader})
        for (reader, _), group in groups
    ]


def _write_all(session: Session, groups: Sequence[Group], desk: Desk) -> int:
    """One mail for each reader and kind, put into the outbox together."""
    made = [_post_safely(session, rows, past, desk) for rows, past in groups]
    written = [one for one in made if one is not None]
    ids = outbox.enqueue_many(session, [post for _, post in written], now=desk.now)
    assert len(ids) == len(written), "each turn of an item is one mail"
    for rows, post in written:
        for item in rows:
            item.state, item.mail_id = "mailed", ids[post.slot]
    return len(written)


def _post_safely(
    session: Session, rows: list[NoticeItem], past: dict[int, list[Past]], desk: Desk
) -> tuple[list[NoticeItem], Post] | None:
    """The mail of one reader; None if there is nothing to tell, or it cannot be written now, or never."""
    try:
        with session.begin_nested():
            return _post(session, rows, past, desk)
    except Unready:  # all is as if it had not been looked at
        return None
    except Exception:  # one mail that cannot be written must not stop the others
        log.exception("no mail could be written for notice items %s", [item.id for item in rows])
        for item in rows:
            item.state, item.reason = "void", rules.FAILED
        return None


def _post(
    session: Session, rows: list[NoticeItem], past: dict[int, list[Past]], desk: Desk
) -> tuple[list[NoticeItem], Post] | None:
    """The mail of one reader: what there is to tell of each call, the most pressing first."""
    found = [(item, telling.told(session, item, past, desk)) for item in rows]
    pairs = [(item, told) for item, told in found if told is not None]
    if not pairs:
        return None
    pairs.sort(key=lambda pair: _presses(*pair))
    items, reader, kind = (
        [item for item, _ in pairs],
        pairs[0][0].subscriber,
        pairs[0][0].notice.kind,
    )
    near = [instant for pair in pairs for instant in _instants(*pair)]
    at = rules.leaves_at(desk.now, reader.zone, near)
    slot = Slot(recipient_key=reader.uid, kind=kind, slot_key=moulds.slot_key(items, at))
    because = sorted({i.subscription for i in items if i.subscription}, key=lambda row: row.id)
    return items, moulds.cast(
        _shared(pairs, because, desk, at),
        reader,
        because,
        slot,
        at=at,
        expires_at=max(item.notice.expires_at for item in items),
        priority=USUAL if kind == EDITION else URGENT,
        settings=desk.settings,
    )


def _presses(item: NoticeItem, told: Told) -> tuple[datetime, int]:
    """Whose date in force is the nearest."""
    dates = [fact.utc_at for change in told.changes if (fact := change.now or change.was)]
    return min(dates or _instants(item, told), default=LAST), item.id


def _instants(item: NoticeItem, told: Told) -> list[datetime]:
    """The dates that it is about, as they were and as they are; none that can wait for ever."""
    if item.notice.kind == CHANGED:
        facts = [fact for change in told.changes for fact in (change.was, change.now) if fact]
        return [fact.utc_at for fact in facts]
    if item.notice.kind == CALLED_OFF:
        return [date.utc_at for date in told.call.key_dates if date.is_deadline]
    return []


def _shared(
    pairs: Sequence[tuple[NoticeItem, Told]],
    because: Sequence[Subscription],
    desk: Desk,
    at: datetime,
) -> Shared:
    """Rendered once for all readers of one language who are told the same for the same reasons.

    Raises: Unready, Unwritable.
    """
    kind, reader = pairs[0][0].notice.kind, pairs[0][0].subscriber
    told = [one for _, one in pairs]
    key = (
        kind,
        reader.language,
        reader.zone,
        reader.ahead,
        at,
        tuple((one.call.id, one.since, one.again, one.follows and one.follows.id) for one in told),
        tuple((row.filter_id, row.entry_id) for row in because),
    )
    wanted = _Wanted(
        kind,
        tuple(telling.Kept.of(one) for one in told),
        tuple(row.id for row in because),
        reader.language,
        Writer(reader.language, reader.zone, desk.settings, at, reader.ahead),
    )
    return desk.shelf.find(key, partial(_drafted, wanted))


@dataclass(frozen=True)
class _Wanted:
    """A mould that another session is to make."""

    kind: str
    told: tuple[telling.Kept, ...]
    because: tuple[int, ...]
    language: str
    writer: Writer


def _drafted(wanted: _Wanted, session: Session) -> Shared:
    """Raises: Unready, if something of it has gone."""
    settings = wanted.writer.settings
    because = [still(session.get(Subscription, row_id)) for row_id in wanted.because]
    followed = queries.followed(session, because, wanted.language, settings)
    draft = wanted.writer.draft(wanted.kind, [one.told(session) for one in wanted.told], followed)
    return moulds.shared(
        draft,
        wanted.language,
        wanted.kind,
        reasons=len(followed),
        settings=settings,
        at=wanted.writer.at,
    )
