"""The last look before digests leave: does all that they tell still stand, and is it still asked for?

A digest that holds no longer as a whole is stopped as a whole: what still stands is told by another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session

from feedsvc.content import queries as content
from feedsvc.content.models import Entry
from feedsvc.i18n import N_
from feedsvc.mail.leases import Leaving
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.models import DigestEntry, DigestPart
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription

ENDED = N_("the reader has ended this")
PAUSED = N_("the reader has paused all mail")
OTHERWISE = N_("something in it is not as it tells any more; it is written anew")


def check(session: Session, mails: Sequence[Leaving], now: datetime) -> dict[int, str]:
    """By mail why it must not leave. What is written anew begins where the stopped mail began."""
    ids = {mail.id for mail in mails}
    asked, ended = _parts(session, ids)
    reasons = dict.fromkeys(ids - asked, ENDED)
    reasons |= dict.fromkeys(_paused(session, ids - reasons.keys(), now), PAUSED)
    standing = ids - reasons.keys()
    fallen = (_fallen(session, standing, now) | ended) & standing
    session.execute(
        update(DigestPart)
        .where(DigestPart.mail_id.in_(fallen), DigestPart.subscription_id.is_not(None))
        .values(again=True)
        .execution_options(synchronize_session=False)
    )
    return reasons | dict.fromkeys(fallen, OTHERWISE)


def _parts(session: Session, ids: Collection[int]) -> tuple[set[int], set[int]]:
    """The mails of which something is still asked for, and those of which something has ended."""
    rows = session.execute(
        select(DigestPart.mail_id, Subscription.digest)
        .outerjoin(Subscription, Subscription.id == DigestPart.subscription_id)
        .where(DigestPart.mail_id.in_(ids))
    ).all()
    asked = {mail_id for mail_id, digest in rows if digest}
    return asked, {mail_id for mail_id, digest in rows if not digest}


def _paused(session: Session, ids: Collection[int], now: datetime) -> set[int]:
    return set(
        session.scalars(
            select(OutboxMail.id)
            .join(Subscriber, Subscriber.uid == OutboxMail.recipient_key)
            .where(OutboxMail.id.in_(ids), Subscriber.paused_until > now)
        )
    )


def _fallen(session: Session, ids: Collection[int], now: datetime) -> set[int]:
    """Mails about an entry that was deleted, withdrawn or changed since, or that its reader muted."""
    muted = exists().where(
        CallMute.call_id == DigestEntry.entry_id, CallMute.subscriber_id == Subscriber.id
    )
    as_told = and_(content.public(now), Entry.revision == DigestEntry.revision)
    return set(
        session.scalars(
            select(DigestEntry.mail_id)
            .join(OutboxMail, OutboxMail.id == DigestEntry.mail_id)
            .join(Subscriber, Subscriber.uid == OutboxMail.recipient_key)
            .outerjoin(Entry, and_(Entry.id == DigestEntry.entry_id, as_told))
            .where(DigestEntry.mail_id.in_(ids), or_(Entry.id.is_(None), muted))
            .distinct()
        )
    )
