"""The mail that follows a yes: what is followed now, when the next mail comes, how to change or stop.

Whoever confirms a subscription enqueues it in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedsvc.calls import calendar
from feedsvc.calls.models import Call
from feedsvc.content import rules as entry_rules
from feedsvc.content.workdays import Ahead
from feedsvc.i18n import Language, language
from feedsvc.mail import outbox, rendering
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.reminders import compose, preview, rules
from feedsvc.settings import Settings
from feedsvc.subscriptions import links, queries
from feedsvc.subscriptions import words as choices
from feedsvc.subscriptions.models import Subscriber, Subscription
from feedsvc.subscriptions.queries import Followed
from feedsvc.urls import Site

KIND = "welcome"
PRIORITY = 0  # somebody waits for it
KEPT = timedelta(days=3)  # later it welcomes nobody


@dataclass(frozen=True)
class Line:
    """One subscription in sentences, in the mail's language. `stop` is the link that ends it."""

    title: str
    url: str
    sentences: tuple[str, ...]
    stop: str
    language: str = ""


def enqueue(
    session: Session,
    subscriber: Subscriber,
    begun: Sequence[Subscription],
    *,
    settings: Settings,
    now: datetime,
) -> int | None:
    """Put the mail about the subscriptions that have just begun into the outbox; None for none."""
    if not begun:
        return None
    latest = max(row.id for row in begun)
    slot = Slot(
        recipient_key=subscriber.uid, kind=KIND, slot_key=f"{now:%Y-%m-%dT%H:%M:%SZ}-{latest}"
    )
    return outbox.enqueue(
        session,
        slot,
        message(session, subscriber, begun, slot, settings=settings, now=now),
        send_after=now,
        expires_at=now + KEPT,
        priority=PRIORITY,
        now=now,
    )


def message(
    session: Session,
    subscriber: Subscriber,
    begun: Sequence[Subscription],
    slot: Slot,
    *,
    settings: Settings,
    now: datetime,
) -> Message:
    said = language(subscriber.language)
    rows = sorted(begun, key=lambda row: row.id)
    lines = [
        _line(session, row, one, settings, now)
        for row, one in zip(rows, queries.followed(session, rows, said.code, settings), strict=True)
    ]
    subject = said.gettext("You now follow: %(what)s", what=lines[0].title)
    if len(lines) > 1:
        more = said.ngettext("+ %(n)s more", "+ %(n)s more", len(lines) - 1)
        subject = f"{subject} {more}"
    dates = _calendar(session, begun, subscriber.ahead, said, settings)
    rendered = rendering.render(
        "feedsvc.reminders",
        text="reminders/welcome.txt",
        html="reminders/welcome.html",
        language=said,
        settings=settings,
        subject=subject,
        lines=lines,
        has_dates=bool(dates),
        manage_url=links.manage_url(settings, subscriber.uid, said.code),
        stop_url=links.unsubscribe_url(settings, subscriber.uid, said.code),
    )
    return Message(
        message_id=outbox.message_id(settings, slot),
        date=now,
        sender=settings.mail_from,
        to=subscriber.email,
        subject=subject,
        text=rendered.text,
        html=rendered.html,
        language=said.code,
        kind=KIND,
        host=settings.host,
        unsubscribe_url=links.unsubscribe_url(settings, subscriber.uid, said.code),
        calendar=dates,
    )


def _line(
    session: Session, row: Subscription, one: Followed, settings: Settings, now: datetime
) -> Line:
    reader = row.subscriber
    said = language(reader.language)
    found = choices.sentences(one, said)
    if row.offsets:
        found.append(_next(preview.next_reminder(session, row, now), reader, said))
    return Line(
        title=one.title,
        url=Site.of(settings).absolute(one.path, said.code),
        sentences=tuple(found),
        stop=links.unsubscribe_url(settings, reader.uid, said.code, row.uid),
    )


def _next(at: datetime | None, reader: Subscriber, said: Language) -> str:
    if at is None:
        return said.gettext("No deadline is near. You will be told when one is.")
    local = at.astimezone(rules.reader_zone(reader.zone))
    return said.gettext(
        "The next reminder comes on %(day)s, between %(from)s and %(until)s (%(zone)s).",
        **{
            "day": said.date(local.date(), weekday=True),
            "from": said.time(local.time()),
            "until": said.time((local + rules.SPREAD).time()),
            "zone": said.zone(reader.zone),
        },
    )


def _calendar(
    session: Session,
    begun: Sequence[Subscription],
    ahead: Ahead | None,
    said: Language,
    settings: Settings,
) -> bytes:
    """The dates of the call, for whoever follows just one; empty for lists."""
    call = session.get(Call, begun[0].entry_id) if begun[0].entry_id is not None else None
    if call is None or len(begun) > 1:
        return b""
    title = entry_rules.localised(call.translations, said.code, settings.languages).text.title
    events = [
        calendar.date_event(
            call, date, title=title, url=compose.url(call, said, settings), language=said
        )
        for date in call.key_dates
        if calendar.in_calendar(date)
    ]
    if not events:
        return b""
    whole = calendar.with_days_ahead(events, title, ahead, said)
    return calendar.calendar_bytes(settings.named(said.code), whole, language=said.code)
