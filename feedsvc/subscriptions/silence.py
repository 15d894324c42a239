"""Silence, for a while or about one call: what readers follow stays as it is meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedsvc.content.models import Entry
from feedsvc.settings import Settings
from feedsvc.statements import insert
from feedsvc.subscriptions import consent, rules
from feedsvc.subscriptions.models import CallMute, Subscriber


def mute(
    session: Session, subscriber: Subscriber, call_id: int, *, settings: Settings, now: datetime
) -> bool:
    """Tell nothing more of that call, whatever else is followed; whether that is new."""
    made = session.scalar(
        insert(session, CallMute)
        .values(subscriber_id=subscriber.id, call_id=call_id, since=now)
        .on_conflict_do_nothing()
        .returning(CallMute.call_id)
    )
    if made is not None:
        consent.note(session, subscriber, "muted", settings, more=_about(call_id), now=now)
    session.flush()
    return made is not None


def unmute(
    session: Session, subscriber: Subscriber, call_id: int, *, settings: Settings, now: datetime
) -> bool:
    """Tell of that call again, as it is followed; whether it had been muted."""
    ended = session.scalar(
        delete(CallMute)
        .where(CallMute.subscriber_id == subscriber.id, CallMute.call_id == call_id)
        .returning(CallMute.call_id)
    )
    if ended is not None:
        consent.note(session, subscriber, "unmuted", settings, more=_about(call_id), now=now)
    session.flush()
    return ended is not None


def is_muted(session: Session, subscriber: Subscriber, call_id: int) -> bool:
    return session.get(CallMute, (subscriber.id, call_id)) is not None


def muted(session: Session, subscriber: Subscriber) -> Sequence[Entry]:
    """The calls of which the reader wants to hear nothing, the last one first."""
    return session.scalars(
        select(Entry)
        .join(CallMute, CallMute.call_id == Entry.id)
        .where(CallMute.subscriber_id == subscriber.id)
        .order_by(CallMute.since.desc(), Entry.id)
    ).all()


def pause(
    session: Session, subscriber: Subscriber, until: date, *, settings: Settings, now: datetime
) -> None:
    """Send nothing before that day begins in the reader's zone. Raises: Invalid."""
    end = rules.end_of_pause(until, subscriber.zone, now=now)
    if end != subscriber.paused_until:
        subscriber.paused_until = end
        consent.note(
            session, subscriber, "paused", settings, more={"until": end.isoformat()}, now=now
        )
    session.flush()


def resume(session: Session, subscriber: Subscriber, *, settings: Settings, now: datetime) -> None:
    """End the pause now. Digests begin anew: what came meanwhile is not told."""
    if subscriber.paused_until is not None:
        subscriber.paused_until = None
        for row in subscriber.subscriptions:
            row.digested_until = now
        consent.note(session, subscriber, "resumed", settings, now=now)
    session.flush()


def _about(call_id: int) -> dict[str, object]:
    return {"subject": f"entry:{call_id}"}
