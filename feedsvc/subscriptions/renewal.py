"""Ask silent readers whether they still read, once a year or as the operator likes.

Nothing tells whether a mail was opened, so a sign of life is an act: a button on a page of one's
own. Who gives none for so long gets one mail with a button; who does not press it in 30 days
follows nothing any more, and the address is deleted as other unused ones are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.i18n import N_, language
from feedsvc.mail import outbox, rendering
from feedsvc.mail.leases import Leaving
from feedsvc.mail.message import Message
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.outbox import Slot
from feedsvc.settings import Settings
from feedsvc.subscriptions import consent, links, queries, rules
from feedsvc.subscriptions.models import Subscriber, Subscription

KIND = "renewal"
PRIORITY = 3
AT_ONCE = 100  # readers in a transaction, which must not keep the writers of the web waiting
SENT_WITHIN = timedelta(days=7)
SPREAD = 3600  # seconds: mails of one hour leave over the whole of it
LIVES = N_("the reader has shown meanwhile that they still read")
UNHEARD = ("failed", "expired")  # the question never arrived: it is asked again


def ask_silent(
    db: Database, settings: Settings, now: datetime, *, stopping: Callable[[], bool]
) -> int:
    """Put the question into the outbox for each reader who was silent for so long; how many."""
    asked = 0
    while settings.renew_after_days and not stopping():
        with db.begin() as session:
            readers = _claimed(session, settings, now)
            for reader in readers:
                _enqueue(session, reader, settings, now)
        asked += len(readers)
        if len(readers) < AT_ONCE:
            break
    return asked


def end_silent(
    db: Database, settings: Settings, now: datetime, *, stopping: Callable[[], bool]
) -> int:
    """End what readers follow who did not answer for 30 days; how many readers these are."""
    ended, last = 0, 0
    while not stopping():
        with db.begin() as session:
            found = _unanswered(session, now, last)
            for reader, state in found:
                ended += _end(session, reader, state, settings, now)
                last = reader.id
        if len(found) < AT_ONCE:
            break
    return ended


def check(session: Session, mails: Sequence[Leaving], _now: datetime) -> dict[int, str]:
    """The questions that must not leave: a sign of life, whatever it was, has answered them."""
    asked = set(
        session.scalars(
            select(Subscriber.uid).where(
                Subscriber.uid.in_([mail.recipient_key for mail in mails]),
                Subscriber.renewal_sent_at.is_not(None),
            )
        )
    )
    return {mail.id: LIVES for mail in mails if mail.recipient_key not in asked}


def renew(session: Session, subscriber: Subscriber, *, settings: Settings, now: datetime) -> None:
    """The reader's answer: all goes on. Said twice it is the same."""
    if subscriber.renewal_sent_at is not None:
        consent.note(session, subscriber, "renewed", settings, now=now)
    consent.alive(subscriber, now)
    session.flush()


def _claimed(session: Session, settings: Settings, now: datetime) -> list[Subscriber]:
    """Some silent readers, marked as asked: another process does not find them any more."""
    some = (
        select(Subscriber.id)
        .where(*_silent(settings, now))
        .order_by(Subscriber.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    )
    ids = session.scalars(
        update(Subscriber)
        .where(Subscriber.id.in_(some.scalar_subquery()))
        .values(renewal_sent_at=now)
        .returning(Subscriber.id)
    ).all()
    return list(session.scalars(select(Subscriber).where(Subscriber.id.in_(ids))))


def _silent(settings: Settings, now: datetime) -> list[ColumnElement[bool]]:
    follows = exists().where(
        Subscription.subscriber_id == Subscriber.id, Subscription.confirmed_at.is_not(None)
    )
    return [
        Subscriber.active_at <= now - timedelta(days=settings.renew_after_days),
        Subscriber.renewal_sent_at.is_(None),
        or_(Subscriber.paused_until.is_(None), Subscriber.paused_until <= now),
        follows,
    ]


def _unanswered(session: Session, now: datetime, last: int) -> list[tuple[Subscriber, str]]:
    """Readers after `last` whose question left, or ended otherwise, 30 days ago; and how it ended.

    The mail is that of the same instant: both were written in one transaction.
    """
    before = now - rules.RENEW_WITHIN
    rows = session.execute(
        select(Subscriber, OutboxMail.state)
        .join(
            OutboxMail,
            (OutboxMail.recipient_key == Subscriber.uid)
            & (OutboxMail.kind == KIND)
            & (OutboxMail.created_at == Subscriber.renewal_sent_at),
        )
        .where(
            Subscriber.id > last,
            Subscriber.renewal_sent_at <= before,
            OutboxMail.settled_at <= before,
            OutboxMail.state.in_(("accepted", *UNHEARD)),
        )
        .order_by(Subscriber.id)
        .limit(AT_ONCE)
        .with_for_update(of=Subscriber, key_share=True)
    )
    return [(reader, state) for reader, state in rows]


def _end(
    session: Session, reader: Subscriber, state: str, settings: Settings, now: datetime
) -> int:
    reader.renewal_sent_at = None
    if state in UNHEARD or not reader.subscriptions:
        return 0
    for row in list(reader.subscriptions):
        consent.note(session, reader, "lapsed", settings, subscription=row, now=now)
        reader.subscriptions.remove(row)
    return 1


def _enqueue(session: Session, reader: Subscriber, settings: Settings, now: datetime) -> None:
    slot = Slot(recipient_key=reader.uid, kind=KIND, slot_key=f"{now:%Y-%m-%dT%H:%M:%SZ}")
    leaves = rules.next_hour(reader.zone, reader.hour, now=now) + _spread(reader.uid)
    outbox.enqueue(
        session,
        slot,
        message(session, reader, slot, settings=settings, at=leaves),
        send_after=leaves,
        expires_at=leaves + SENT_WITHIN,
        priority=PRIORITY,
        now=now,
    )


def message(
    session: Session, reader: Subscriber, slot: Slot, *, settings: Settings, at: datetime
) -> Message:
    """The question, as it reads when it leaves at `at`."""
    said = language(reader.language)
    subject = said.gettext("Do you still want these mails?")
    followed = [row for row in reader.subscriptions if row.confirmed_at is not None]
    unsubscribe_url = links.unsubscribe_url(settings, reader.uid, said.code)
    rendered = rendering.render(
        "feedsvc.subscriptions",
        text="subscriptions/renewal.txt",
        html="subscriptions/renewal.html",
        language=said,
        settings=settings,
        subject=subject,
        followed=queries.followed(session, followed, said.code, settings),
        until=said.date((at + rules.RENEW_WITHIN).date()),
        renew_url=links.renew_url(settings, reader.uid, said.code, now=at + SENT_WITHIN),
        manage_url=links.manage_url(settings, reader.uid, said.code),
        stop_url=unsubscribe_url,
        data_url=links.data_url(settings, said.code),
    )
    return Message(
        message_id=outbox.message_id(settings, slot),
        date=at,
        sender=settings.mail_from,
        to=reader.email,
        subject=f"{subject} – {settings.named(said.code)}",
        text=rendered.text,
        html=rendered.html,
        language=said.code,
        kind=KIND,
        host=settings.host,
        unsubscribe_url=unsubscribe_url,
    )


def _spread(uid: str) -> timedelta:
    return timedelta(seconds=int(hashlib.sha256(uid.encode()).hexdigest(), 16) % SPREAD)
