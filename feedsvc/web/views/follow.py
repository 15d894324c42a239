"""View models of following by mail: what is followed, in words, and what went wrong in a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedsvc.errors import Problem
from feedsvc.i18n import N_
from feedsvc.reminders import preview
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries, rules
from feedsvc.subscriptions.models import Subscriber, Subscription
from feedsvc.web.views.cards import CallCard
from feedsvc.web.views.reader import Reader
from feedsvc.web.views.zones import Area


@dataclass(frozen=True)
class FollowForm:
    """The form as it was sent, or as it is offered at first.

    `hidden` says what is followed, `nearest` which call of it closes next.
    """

    title: str
    address: str
    hidden: tuple[tuple[str, str], ...]
    email: str
    chosen: tuple[int, ...]
    language: str
    zone: str
    zones: Sequence[Area]
    is_call: bool = False
    is_news: bool = False
    digest: str = ""
    next_edition: bool = False
    nearest: CallCard | None = None
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Problems for the summary on top: the id of the field, and the sentence."""
        ids = {"email": "email", "offsets": "offsets", "filter": "what", "zone": "zone"}
        return [(ids.get(name, "what"), text) for name, text in self.problems.items()]


@dataclass(frozen=True)
class Row:
    """One subscription on a page of its owner. `next` is a sentence."""

    uid: str
    title: str
    address: str
    offsets: tuple[int, ...]
    waiting: bool
    next: str
    is_call: bool = False
    digest: str = ""
    next_edition: bool = False


def sentences(problems: Sequence[Problem], reader: Reader) -> dict[str, str]:
    return {one.field: reader.say(one.message, **dict(one.values)) for one in problems}


def rows(
    session: Session, subscriptions: Sequence[Subscription], settings: Settings, reader: Reader
) -> list[Row]:
    """Subscriptions in words, the oldest first, each with its next reminder."""
    ordered = sorted(subscriptions, key=lambda row: row.id)
    said = queries.followed(session, ordered, reader.language.code, settings)
    return [
        Row(
            uid=words.uid,
            title=words.title,
            address=reader.path(words.path),
            offsets=words.offsets,
            waiting=not words.confirmed,
            next=_next(preview.next_reminder(session, row, reader.now), row, reader),
            is_call=words.is_entry,
            digest=words.digest,
            next_edition=words.next_edition,
        )
        for row, words in zip(ordered, said, strict=True)
    ]


def masked(subscriber: Subscriber) -> str:
    """The address on a page that who was forwarded a mail sees as well."""
    return rules.masked(subscriber.email)


def _next(at: datetime | None, row: Subscription, reader: Reader) -> str:
    """In the time of the subscription's reader; empty where no reminder was asked for."""
    if not row.offsets:
        return ""
    if at is None:
        return reader.say(N_("No deadline is near. You will be told when one is."))
    local = at.astimezone(ZoneInfo(row.subscriber.zone))
    return reader.say(
        N_("The next reminder comes on %(day)s, between %(from)s and %(until)s."),
        **{
            "day": reader.language.date(local.date(), weekday=True),
            "from": reader.language.time(local.time()),
            "until": reader.language.time((local + timedelta(hours=1)).time()),
        },
    )
