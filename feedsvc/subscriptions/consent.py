"""The proof of consent: what a reader agreed to or took back, appended and never edited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.settings import Settings
from feedsvc.subscriptions import rules, stored
from feedsvc.subscriptions.models import ConsentEvent, Subscriber, Subscription


def note(
    session: Session,
    subscriber: Subscriber,
    act: str,
    settings: Settings,
    *,
    subscription: Subscription | None = None,
    page: str = "",
    now: datetime,
) -> None:
    """Append who (a pseudonym of the address), what, when, and which words were shown."""
    details: dict[str, object] = {
        "address": tokens.keyed(settings.secret_key, "consent", subscriber.email)
    }
    if page:
        details["page"] = page
    if subscription is not None:
        details["subject"] = stored.subject(subscription)
        details["offsets"] = [offset.days for offset in subscription.offsets]
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
