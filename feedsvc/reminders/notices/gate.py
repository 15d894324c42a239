"""The last look before a notice leaves: is what it says still so, and may its reader still be told?

A mail of which something has fallen is stopped as a whole; what still stands in it is planned again
and told by another mail. One whose facts have changed again is written anew, with how they are now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, not_, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, CallEvent
from feedsvc.calls.rules import SILENT
from feedsvc.content import queries as content
from feedsvc.i18n import N_
from feedsvc.mail.leases import Leaving
from feedsvc.reminders.models import Notice, NoticeItem
from feedsvc.reminders.notices import audience, items, rules
from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED, EDITION
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription

KINDS = (CHANGED, CALLED_OFF, EDITION)
NOTHING = N_("there is nothing in it to tell")
MOVED_ON = N_("what it tells has changed again; it is written anew")
SAID = {
    rules.UNSUBSCRIBED: N_("the reader has ended this"),
    rules.MUTED: N_("the reader wants to hear no more of this call"),
    rules.PAUSED: N_("the reader wants no mail for a while"),
    rules.CANCELLED: N_("the call was cancelled meanwhile"),
    rules.UNPUBLISHED: N_("the call was taken off the site meanwhile"),
    rules.STANDS_AGAIN: N_("the call goes ahead after all"),
    rules.LATE: N_("nobody can be wrong about it any more"),
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """How things are for one item at the moment of sending."""

    kind: str
    muted: bool
    paused: bool
    followed: bool
    cancelled: bool
    withdrawn: bool
    late: bool
    moved_on: bool


COLUMNS = tuple(field.name for field in fields(Facts))


def fallen(facts: Facts) -> str:
    """Why that item must not be told, or not like this; empty if it may be."""
    if facts.muted or facts.paused or not facts.followed:
        return rules.MUTED if facts.muted else rules.PAUSED if facts.paused else rules.UNSUBSCRIBED
    off = facts.cancelled or facts.withdrawn
    if facts.kind == CALLED_OFF and not off:
        return rules.STANDS_AGAIN
    if facts.kind != CALLED_OFF and off:
        return rules.UNPUBLISHED if facts.withdrawn else rules.CANCELLED
    if facts.late:
        return rules.LATE
    return rules.SUPERSEDED if facts.kind == CHANGED and facts.moved_on else ""


def check(session: Session, mails: Sequence[Leaving], now: datetime) -> dict[int, str]:
    """Of these mails about calls, those that must not leave, with the reason.

    What falls is void in the same transaction, what still stands is planned again.
    """
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = session.execute(_facts([mail.id for mail in mails], now)).mappings()
    for row in rows.all():
        facts = Facts(**{name: row[name] for name in COLUMNS})
        if not facts.followed:
            facts = replace(facts, followed=_follows_otherwise(session, row["item_id"]))
        found[row["mail_id"]][row["item_id"]] = fallen(facts)
    verdicts = {mail.id: _judge(session, mail, found[mail.id], now) for mail in mails}
    return {mail_id: reason for mail_id, reason in verdicts.items() if reason}


def _judge(session: Session, mail: Leaving, verdicts: Mapping[int, str], now: datetime) -> str:
    """The reason of the mail by those of its items; empty if it may leave."""
    if not verdicts:
        return NOTHING
    reasons = {reason for reason in verdicts.values() if reason}
    if not reasons:
        return ""
    # A mail that may have arrived has told what it says: the next one tells what has changed since.
    final = {
        item_id: reason
        for item_id, reason in verdicts.items()
        if reason and (reason != rules.SUPERSEDED or mail.uncertain)
    }
    for reason in set(final.values()):
        items.void(session, [n for n, why in final.items() if why == reason], reason)
    items.again(session, [n for n in verdicts if n not in final], now)
    return MOVED_ON if rules.SUPERSEDED in reasons else SAID[min(reasons)]


def _follows_otherwise(session: Session, item_id: int) -> bool:
    """Whether another subscription covers what one that ended had covered."""
    item = session.get_one(NoticeItem, item_id)
    readers = audience.of(session, item.notice).where(Subscriber.id == item.subscriber_id)
    other = session.execute(readers).one_or_none()
    if other is not None:
        item.subscription_id = other[1]
    return other is not None


def _facts(mail_ids: Sequence[int], now: datetime) -> Select[*tuple[Any, ...]]:
    """One row for each item of these mails (ix_notice_item_mail_id)."""
    wanted = exists().where(
        Subscription.id == NoticeItem.subscription_id,
        or_(Notice.kind != EDITION, Subscription.next_edition.is_(True)),
    )
    muted = exists().where(
        CallMute.subscriber_id == NoticeItem.subscriber_id, CallMute.call_id == Notice.call_id
    )
    moved_on = exists().where(
        CallEvent.call_id == Notice.call_id,
        CallEvent.id > NoticeItem.told_event_id,
        CallEvent.type.not_in(SILENT),
    )
    return (
        select(
            NoticeItem.id.label("item_id"),
            NoticeItem.mail_id.label("mail_id"),
            Notice.kind.label("kind"),
            muted.label("muted"),
            and_(Subscriber.paused_until.is_not(None), Subscriber.paused_until > now).label(
                "paused"
            ),
            wanted.label("followed"),
            Call.cancelled_at.is_not(None).label("cancelled"),
            not_(content.public(now)).label("withdrawn"),
            (Notice.expires_at <= now).label("late"),
            moved_on.label("moved_on"),
        )
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .join(Call, Call.id == Notice.call_id)
        .join(Subscriber, Subscriber.id == NoticeItem.subscriber_id)
        .where(NoticeItem.mail_id.in_(mail_ids))
    )
