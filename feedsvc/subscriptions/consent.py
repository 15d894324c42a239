"""The proof of consent: what a reader agreed to or took back, appended and never edited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.settings import Settings
from feedsvc.subscriptions import rules, stored
from feedsvc.subscriptions.models import ConsentEvent, Subscriber, Subscription

OF_OTHERS = ("requested", "lapsed")  # acts that anybody, or nobody, may have done


def note(
    session: Session,
    subscriber: Subscriber,
    act: str,
    settings: Settings,
    *,
    subscription: Subscription | None = None,
    more: Mapping[str, object] | None = None,
    now: datetime,
) -> None:
    """Append who (a pseudonym of the address), what, when, and which words were shown.

    What a reader does is a sign of life, so that they are not asked whether they still read.
    """
    details: dict[str, object] = {
        "address": tokens.keyed(settings.secret_key, "consent", subscriber.email),
        **(more or {}),
    }
    if subscription is not None:
        details |= stored.as_agreed(subscription)
    if act not in OF_OTHERS:
        alive(subscriber, now)
    session.add(
        ConsentEvent(
            at=now,
            subscriber_uid=subscriber.uid,
            act=act,
            wording=rules.WORDING,
            language=subscriber.language,
            details=details,
        )
    )


def alive(subscriber: Subscriber, now: datetime) -> None:
    """Remember a sign of life."""
    subscriber.active_at, subscriber.renewal_sent_at = now, None
