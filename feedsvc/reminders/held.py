"""All that is kept of a reader, for themselves: as data, to be taken along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from feedsvc.content.models import Entry
from feedsvc.mail import message, texts
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.models import Item, Notice, NoticeItem, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions import private_feeds, queries, silence
from feedsvc.subscriptions.models import ConsentEvent, Subscriber

Data = dict[str, Any]


def held(session: Session, subscriber: Subscriber, settings: Settings, now: datetime) -> Data:
    """Every time is in UTC, as RFC 3339 writes it."""
    return {
        "site": settings.base_url,
        "exported_at": _time(now),
        "profile": _profile(session, subscriber),
        "subscriptions": _subscriptions(session, subscriber, settings),
        "muted_calls": [entry.uid for entry in silence.muted(session, subscriber)],
        "consent": _consent(session, subscriber),
        "reminders": _rows(session, _reminders(subscriber)),
        "notices": _rows(session, _notices(subscriber)),
        "mails": _mails(session, subscriber),
    }


def _profile(session: Session, row: Subscriber) -> Data:
    return {
        "id": row.uid,
        "email": row.email,
        "language": row.language,
        "zone": row.zone,
        "hour": row.hour,
        "workdays_ahead": row.workdays,
        "holidays_of": row.holidays if row.workdays else None,
        "created_at": _time(row.created_at),
        "confirmed_at": _time(row.confirmed_at),
        "paused_until": _time(row.paused_until),
        "last_sign_of_life_at": _time(row.active_at),
        "asked_again_at": _time(row.renewal_sent_at),
        "own_feed_since": _time(private_feeds.begun_at(session, row)),
    }


def _subscriptions(session: Session, subscriber: Subscriber, settings: Settings) -> list[Data]:
    rows = sorted(subscriber.subscriptions, key=lambda row: row.id)
    said = queries.followed(session, rows, subscriber.language, settings)
    return [
        {
            "id": row.uid,
            "what": words.title,
            "page": words.path,
            "days_before": list(words.offsets),
            "digest": row.digest,
            "next_edition": row.next_edition,
            "created_at": _time(row.created_at),
            "confirmed_at": _time(row.confirmed_at),
        }
        for row, words in zip(rows, said, strict=True)
    ]


def _consent(session: Session, subscriber: Subscriber) -> list[Data]:
    events = session.scalars(
        select(ConsentEvent)
        .where(ConsentEvent.subscriber_uid == subscriber.uid)
        .order_by(ConsentEvent.id)
    )
    return [
        {
            "at": _time(event.at),
            "act": event.act,
            "wording": event.wording,
            "language": event.language,
            "details": event.details,
        }
        for event in events
    ]


def _reminders(subscriber: Subscriber) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Entry.uid.label("call"), Item.deadline_at, Item.days.label("days_before"),
            Item.planned_at, Item.state, Item.reason, Item.mail_id.label("mail"),
        )
        .join(Occasion, Occasion.id == Item.occasion_id)
        .join(Entry, Entry.id == Occasion.call_id)
        .where(Item.subscriber_id == subscriber.id)
        .order_by(Item.id)
    )  # fmt: skip


def _notices(subscriber: Subscriber) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Entry.uid.label("call"), Notice.kind, NoticeItem.planned_at, NoticeItem.state,
            NoticeItem.reason, NoticeItem.mail_id.label("mail"),
        )
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .join(Entry, Entry.id == Notice.call_id)
        .where(NoticeItem.subscriber_id == subscriber.id)
        .order_by(NoticeItem.id)
    )  # fmt: skip


def _mails(session: Session, subscriber: Subscriber) -> list[Data]:
    """With the text as it was written, while that is kept."""
    rows = session.scalars(
        select(OutboxMail).where(OutboxMail.recipient_key == subscriber.uid).order_by(OutboxMail.id)
    )
    return [
        {
            "id": mail.id,
            "kind": mail.kind,
            "address": mail.address,
            "subject": mail.subject,
            "created_at": _time(mail.created_at),
            "state": mail.state,
            "reason": mail.reason,
            "ended_at": _time(mail.settled_at),
            "text": message.read(texts.whole(session, mail)).text if mail.content else "",
        }
        for mail in rows
    ]


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Data]:
    return [
        {
            name: _time(value) if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in session.execute(query).mappings()
    ]


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
