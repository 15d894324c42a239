"""Turn planned items into mails: one for each reader, ordered by deadline, into the outbox."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload

from feedsvc.db import Database, constant
from feedsvc.mail import outbox
from feedsvc.mail.outbox import Post, Slot
from feedsvc.reminders import compose, followers, items, moulds, occasions, rules
from feedsvc.reminders.compose import KIND
from feedsvc.reminders.models import Item, Occasion
from feedsvc.reminders.moulds import Shared
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Subscriber, Subscription
from feedsvc.subscriptions.queries import Followed

log = logging.getLogger(__name__)

READERS_AT_ONCE = 50  # a transaction must not keep the writers of the web waiting
URGENT, USUAL = 1, 3  # a reminder of the last days overtakes the others
URGENT_DAYS = 2

# Anybody who has planned items (ix_reminder_item_planned).
WAITING = select(Item.id).where(Item.state == constant("planned")).limit(1)
_READERS = (
    select(Subscriber.id)
    .where(exists().where(Item.subscriber_id == Subscriber.id, Item.state == constant("planned")))
    .order_by(Subscriber.id)
    .limit(READERS_AT_ONCE)
    .with_for_update(skip_locked=True, key_share=True)
)
_PLANNED = (
    select(Item)
    .where(
        Item.state == constant("planned"),
        Item.subscriber_id.in_(bindparam("readers", expanding=True)),
    )
    .order_by(Item.subscriber_id, Item.deadline_at, Item.id)
    .options(
        selectinload(Item.occasion).joinedload(Occasion.key_date),  # many share one
        joinedload(Item.subscriber).lazyload(Subscriber.subscriptions),
        joinedload(Item.subscription).options(
            lazyload(Subscription.offsets), lazyload(Subscription.filter)
        ),
    )
)


class _Desk:
    """What one turn of writing keeps: the settings, and the mails that many readers share."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings = settings
        self.now = now
        self.shared: dict[object, Shared] = {}


def write(db: Database, settings: Settings, now: datetime) -> int:
    """Put a mail into the outbox for each reader who has planned items; how many."""
    desk = _Desk(settings, now)
    written = 0
    while True:
        with db.begin() as session:
            readers = _readers(session)
            written += _write_all(session, _planned(session, readers, now), desk)
        if len(readers) < READERS_AT_ONCE:
            return written


def _readers(session: Session) -> Sequence[int]:
    """Some readers who have planned items, locked: who holds a reader writes all of their items.

    Were the items locked instead, two processes could each get a part, and write two mails.
    """
    return session.scalars(_READERS).all()


def _planned(session: Session, readers: Sequence[int], now: datetime) -> list[list[Item]]:
    """The planned items of these readers, those of each together (ix_reminder_item_planned).

    One that a nearer reminder has overtaken, or will on the same day, is left out.
    """
    if not readers:
        return []
    rows = session.scalars(_PLANNED, {"readers": readers}).all()
    overtaken = items.overtaken(session, rows)
    for item in rows:
        if item.id in overtaken or _comes_again_today(item, now):
            item.state, item.reason = "void", items.COALESCED
    left = [item for item in rows if item.state == "planned"]
    return [list(group) for _, group in groupby(left, key=lambda item: item.subscriber_id)]


def _comes_again_today(item: Item, now: datetime) -> bool:
    """Whether it is made up for on a day on which its reader is told a nearer one anyway."""
    reader, occasion = item.subscriber, item.occasion
    if item.subscription is None or not rules.is_late(occasion.due_at, occasion.known_at, now):
        return False
    at = rules.at_once(now, zone=reader.zone, deadline_at=item.deadline_at)
    return rules.comes_again(
        occasions.deadline_of(occasion.key_date),
        [offset.days for offset in item.subscription.offsets if offset.days < item.days],
        zone=reader.zone,
        hour=reader.hour,
        after=at,
    )


def _write_all(session: Session, groups: Sequence[list[Item]], desk: _Desk) -> int:
    """One mail for each reader: one INSERT for all, and one UPDATE for the items in them."""
    made = [(rows, _post_safely(session, rows, desk)) for rows in groups]
    written = [(rows, post) for rows, post in made if post is not None]
    ids = outbox.enqueue_many(session, [post for _, post in written], now=desk.now)
    assert len(ids) == len(written), "each turn of an item is one mail"
    mailed = [
        {"id": item.id, "state": "mailed", "mail_id": ids[post.slot]}
        for rows, post in written
        for item in rows
        if item.state == "planned"
    ]
    session.flush()
    if mailed:
        session.execute(update(Item), mailed)
    return len(written)


def _post_safely(session: Session, rows: list[Item], desk: _Desk) -> Post | None:
    try:
        return _post(session, rows, desk)
    except Exception:  # one mail that cannot be written must not stop the others
        log.exception("no mail could be written for items %s", [item.id for item in rows])
        for item in rows:
            item.state, item.reason = "void", items.FAILED
        return None


def _post(session: Session, rows: list[Item], desk: _Desk) -> Post | None:
    """The mail of one reader. An item that its reader has ended meanwhile is void."""
    wanted = [item for item in rows if _still_followed(session, item)]
    if not wanted:
        return None
    reader = wanted[0].subscriber
    at = min(
        rules.leaves_at(
            item.occasion.due_at,
            item.occasion.known_at,
            reader.uid,
            desk.now,
            zone=reader.zone,
            deadline_at=item.deadline_at,
        )
        for item in wanted
    )
    slot = Slot(recipient_key=reader.uid, kind=KIND, slot_key=moulds.slot_key(wanted, at))
    because = _because(wanted)
    return moulds.cast(
        _shared(session, wanted, because, desk, at),
        reader,
        because,
        slot,
        at=at,
        expires_at=max(rules.expires_at(item.deadline_at) for item in wanted),
        priority=URGENT if min(item.days for item in wanted) <= URGENT_DAYS else USUAL,
        settings=desk.settings,
    )


def _still_followed(session: Session, item: Item) -> bool:
    """Whether a subscription asks for it; one that ended may leave another that does."""
    if item.subscription_id is None:
        item.subscription_id = followers.subscription_of(session, item.occasion, item.subscriber_id)
        session.flush()
        session.refresh(item, ["subscription"])
    if item.subscription_id is None:
        item.state, item.reason = "void", items.UNSUBSCRIBED
    return item.subscription_id is not None


def _shared(
    session: Session,
    rows: Sequence[Item],
    because: Sequence[Subscription],
    desk: _Desk,
    at: datetime,
) -> Shared:
    """Rendered once for all readers of one language who are told the same for the same reasons."""
    reader = rows[0].subscriber
    due = [item.occasion for item in rows]
    days = [rules.days_left(occasions.deadline_of(one.key_date), at) for one in due]
    key = (
        reader.language,
        reader.zone,
        tuple(zip((one.id for one in due), days, strict=True)),
        tuple((row.filter_id, row.entry_id) for row in because),
    )
    if key not in desk.shared:
        with session.begin_nested():
            followed = queries.followed(session, because, reader.language, desk.settings)
            desk.shared[key] = _drafted(due, followed, reader, desk.settings, at)
    return desk.shared[key]


def _drafted(
    due: Sequence[Occasion],
    followed: Sequence[Followed],
    reader: Subscriber,
    settings: Settings,
    at: datetime,
) -> Shared:
    draft = compose.draft(
        due, followed, code=reader.language, reader_zone=reader.zone, settings=settings, at=at
    )
    return moulds.shared(draft, reader, KIND, reasons=len(followed), settings=settings, at=at)


def _because(rows: Sequence[Item]) -> list[Subscription]:
    """The subscriptions that the items come from, each once, the oldest first."""
    found = {item.subscription for item in rows if item.subscription is not None}
    return sorted(found, key=lambda row: row.id)
