"""A notice that failed for good has told nobody: the reminder in whose place it came is planned.

A notice of a moved date counts as the lead times that have passed (`items.count_as_told`). Where it
was refused, and no later one has told the same, its reader is reminded of the nearest of them. A
mail that may have arrived has told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from feedsvc.calls.models import CallEvent, KeyDate
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import items as reminders
from feedsvc.reminders import rules
from feedsvc.reminders.models import Item, Notice, NoticeItem
from feedsvc.reminders.notices import items
from feedsvc.reminders.notices.audience import HAS_TOLD, UNDER_WAY
from feedsvc.reminders.notices.found import CHANGED
from feedsvc.statements import constant

LATELY = timedelta(hours=6)  # planners run every few seconds; one may have stood still
_FAILED = (
    OutboxMail.state == constant("failed"),
    OutboxMail.settled_at > bindparam("refused_since"),
    OutboxMail.uncertain.is_(False),
)
# Whether the notice of any change failed lately (ix_outbox_mail_failed).
ANY = select(OutboxMail.id).where(*_FAILED, OutboxMail.kind == CHANGED)


def times(now: datetime) -> dict[str, datetime]:
    """The values of ANY."""
    return {"refused_since": now - LATELY}


def remind_instead(session: Session, now: datetime) -> int:
    """Plan the reminders of those whose notice failed lately; how many."""
    values = times(now) | {"floor": now + rules.FLOOR}
    found = session.scalars(_COUNTED_AS_TOLD, values).unique().all()
    planned = reminders.remind_instead(found, now)
    session.flush()
    return planned


def _told_later() -> ColumnElement[bool]:
    """Whether a later notice of the call has told its reader, or is about to."""
    later, notice, mail = aliased(NoticeItem), aliased(Notice), aliased(OutboxMail)
    return exists(
        select(later.id)
        .join(notice, notice.id == later.notice_id)
        .outerjoin(mail, mail.id == later.mail_id)
        .where(
            later.subscriber_id == NoticeItem.subscriber_id,
            later.id > NoticeItem.id,
            notice.call_id == Notice.call_id,
            or_(
                later.state == "planned",
                mail.state.in_({*UNDER_WAY, *HAS_TOLD}),
                mail.uncertain.is_(True),
            ),
        )
    )


# Of each reader and date the nearest lead time first.
_COUNTED_AS_TOLD = (
    select(Item)
    .join(KeyDate, KeyDate.id == Item.key_date_id)
    .join(NoticeItem, NoticeItem.subscriber_id == Item.subscriber_id)
    .join(Notice, Notice.id == NoticeItem.notice_id)
    .join(OutboxMail, OutboxMail.id == NoticeItem.mail_id)
    .where(
        *_FAILED,
        Notice.kind == CHANGED,
        Notice.call_id == KeyDate.call_id,
        exists().where(items.of_notice(CallEvent.key_date_uid == KeyDate.uid)),
        Item.state == "void",
        Item.reason == reminders.TOLD,
        Item.deadline_at == KeyDate.utc_at,
        Item.deadline_at > bindparam("floor"),
        ~_told_later(),
    )
    .order_by(Item.subscriber_id, Item.key_date_id, Item.deadline_at, Item.days)
    .with_for_update(of=Item)
)
