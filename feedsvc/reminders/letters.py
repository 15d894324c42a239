"""Turn planned items into mails: one for each reader, ordered by deadline, into the outbox."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from feedsvc.db import Database
from feedsvc.mail import outbox
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.reminders import compose, followers, items, occasions, rules
from feedsvc.reminders.compose import KIND, MANAGE, STOP_ALL, Draft
from feedsvc.reminders.models import Item, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions import links, queries
from feedsvc.subscriptions.models import Subscriber, Subscription

log = logging.getLogger(__name__)

READERS_AT_ONCE = 50  # a transaction must not keep the writers of the web waiting
URGENT, USUAL = 1, 3  # a reminder of the last days overtakes the others
URGENT_DAYS = 2


class _Desk:
    """What one turn of writing keeps: the settings, and the drafts that many readers share."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings = settings
        self.now = now
        self.drafts: dict[object, Draft] = {}


def write(db: Database, settings: Settings, now: datetime) -> int:
    """Put a mail into the outbox for each reader who has planned items; how many."""
    desk = _Desk(settings, now)
    written = 0
    while True:
        with db.begin() as session:
            readers = _readers(session)
            for rows in _planned(session, readers):
                written += _write_safely(session, rows, desk)
        if len(readers) < READERS_AT_ONCE:
            return written


def _readers(session: Session) -> Sequence[int]:
    """Some readers who have planned items, locked: who holds a reader writes all of their items.

    Were the items locked instead, two processes could each get a part, and write two mails.
    """
    return session.scalars(
        select(Subscriber.id)
        .where(exists().where(Item.subscriber_id == Subscriber.id, Item.state == "planned"))
        .order_by(Subscriber.id)
        .limit(READERS_AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()


def _planned(session: Session, readers: Sequence[int]) -> list[list[Item]]:
    """The planned items of these readers, those of each together (ix_reminder_item_planned)."""
    rows = session.scalars(
        select(Item)
        .where(Item.state == "planned", Item.subscriber_id.in_(readers))
        .order_by(Item.subscriber_id, Item.deadline_at, Item.id)
        .options(
            joinedload(Item.occasion).joinedload(Occasion.key_date),
            joinedload(Item.subscriber).lazyload(Subscriber.subscriptions),
            joinedload(Item.subscription).lazyload(Subscription.offsets),
        )
    )
    return [list(group) for _, group in groupby(rows, key=lambda item: item.subscriber_id)]


def _write_safely(session: Session, rows: list[Item], desk: _Desk) -> int:
    try:
        with session.begin_nested():
            return _write_one(session, rows, desk)
    except Exception:  # one mail that cannot be written must not stop the others
        log.exception("no mail could be written for items %s", [item.id for item in rows])
        for item in rows:
            item.state, item.reason = "void", items.FAILED
        return 0


def _write_one(session: Session, rows: list[Item], desk: _Desk) -> int:
    """One mail for one reader. An item that its reader has ended meanwhile is void."""
    wanted = [item for item in rows if _still_followed(session, item)]
    if not wanted:
        return 0
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
    slot = Slot(recipient_key=reader.uid, kind=KIND, slot_key=_slot_key(wanted, at))
    mail_id = outbox.enqueue(
        session,
        slot,
        _message(session, wanted, slot, desk, at),
        send_after=at,
        expires_at=max(rules.expires_at(item.deadline_at) for item in wanted),
        priority=URGENT if min(item.days for item in wanted) <= URGENT_DAYS else USUAL,
        now=desk.now,
    )
    assert mail_id is not None, "each turn of an item is one mail"
    for item in wanted:
        item.state, item.mail_id = "mailed", mail_id
    return 1


def _still_followed(session: Session, item: Item) -> bool:
    """Whether a subscription asks for it; one that ended may leave another that does."""
    if item.subscription_id is None:
        item.subscription_id = followers.subscription_of(session, item.occasion, item.subscriber_id)
        session.flush()
        session.refresh(item, ["subscription"])
    if item.subscription_id is None:
        item.state, item.reason = "void", items.UNSUBSCRIBED
    return item.subscription_id is not None


def _slot_key(rows: Sequence[Item], at: datetime) -> str:
    """When, and exactly which items at which turn: the same decision is the same mail."""
    told = ",".join(f"{item.id}.{item.turn}" for item in rows)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _message(
    session: Session, rows: Sequence[Item], slot: Slot, desk: _Desk, at: datetime
) -> Message:
    reader, settings = rows[0].subscriber, desk.settings
    because = _because(rows)
    made = _draft(session, rows, because, desk, at).for_reader(_links(reader, because, settings))
    return Message(
        message_id=outbox.message_id(settings, slot),
        date=at,
        sender=settings.mail_from,
        to=reader.email,
        subject=made.subject,
        text=made.text,
        html=made.html,
        language=reader.language,
        kind=KIND,
        host=settings.host,
        unsubscribe_url=links.unsubscribe_url(settings, reader.uid, reader.language),
        calendar=made.calendar,
    )


def _draft(
    session: Session,
    rows: Sequence[Item],
    because: Sequence[Subscription],
    desk: _Desk,
    at: datetime,
) -> Draft:
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
    if key not in desk.drafts:
        desk.drafts[key] = compose.draft(
            due,
            queries.followed(session, because, reader.language, desk.settings),
            code=reader.language,
            reader_zone=reader.zone,
            settings=desk.settings,
            at=at,
        )
    return desk.drafts[key]


def _because(rows: Sequence[Item]) -> list[Subscription]:
    """The subscriptions that the items come from, each once, the oldest first."""
    found = {item.subscription for item in rows if item.subscription is not None}
    return sorted(found, key=lambda row: row.id)


def _links(
    reader: Subscriber, because: Sequence[Subscription], settings: Settings
) -> dict[str, str]:
    found = {
        MANAGE: links.manage_url(settings, reader.uid, reader.language),
        STOP_ALL: links.unsubscribe_url(settings, reader.uid, reader.language),
    }
    for number, row in enumerate(because):
        found[compose.stop_mark(number)] = links.unsubscribe_url(
            settings, reader.uid, reader.language, row.uid
        )
    return found
