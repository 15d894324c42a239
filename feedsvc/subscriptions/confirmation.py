"""The mail that asks the owner of an address whether the wish is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.i18n import Language, language
from feedsvc.mail import outbox, rendering
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.settings import Settings
from feedsvc.subscriptions import links, queries, words
from feedsvc.subscriptions.models import Subscriber
from feedsvc.subscriptions.queries import Followed
from feedsvc.subscriptions.rules import CONFIRM_WITHIN

KIND = "confirmation"
PRIORITY = 0  # somebody waits for it


@dataclass(frozen=True)
class Letter:
    """The mail, written, and its place in the outbox."""

    slot: Slot
    message: Message

    def enqueue(self, session: Session, *, now: datetime) -> int | None:
        return outbox.enqueue(
            session,
            self.slot,
            self.message,
            send_after=now,
            expires_at=now + CONFIRM_WITHIN,
            priority=PRIORITY,
            now=now,
        )


def letter(
    session: Session, subscriber: Subscriber, *, settings: Settings, now: datetime
) -> Letter:
    """What waits to be confirmed, or that nothing does.

    An address that follows all of it already gets its link to change or stop instead.
    """
    latest = max((row.id for row in subscriber.subscriptions), default=0)
    slot = Slot(
        recipient_key=subscriber.uid, kind=KIND, slot_key=f"{now:%Y-%m-%dT%H:%M:%SZ}-{latest}"
    )
    return Letter(slot, message(session, subscriber, slot, settings=settings, now=now))


def message(
    session: Session, subscriber: Subscriber, slot: Slot, *, settings: Settings, now: datetime
) -> Message:
    said = language(subscriber.language)
    waiting = [row for row in subscriber.subscriptions if row.confirmed_at is None]
    rows = queries.followed(session, waiting, said.code, settings)
    subject = _subject(rows, said)
    rendered = rendering.render(
        "feedsvc.subscriptions",
        text="subscriptions/confirmation.txt",
        html="subscriptions/confirmation.html",
        language=said,
        settings=settings,
        subject=subject,
        waiting=[(row, words.sentences(row, said)) for row in rows],
        confirm_url=links.confirm_url(settings, subscriber.uid, said.code, now=now),
        manage_url=links.manage_url(settings, subscriber.uid, said.code),
        data_url=links.data_url(settings, said.code),
    )
    return Message(
        message_id=outbox.message_id(settings, slot),
        date=now,
        sender=settings.mail_from,
        to=subscriber.email,
        subject=f"{subject} – {settings.named(said.code)}",
        text=rendered.text,
        html=rendered.html,
        language=said.code,
        kind=KIND,
        host=settings.host,
    )


def _subject(rows: Sequence[Followed], said: Language) -> str:
    if not rows:
        return said.gettext("You follow this already")
    asked = said.gettext("Please confirm: %(what)s", what=rows[0].title)
    if len(rows) == 1:
        return asked
    return f"{asked} {said.ngettext('+ %(n)s more', '+ %(n)s more', len(rows) - 1)}"
