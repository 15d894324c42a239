"""What a reader has been told of a call by notices so far, and what that means for the next one.

The rule is pure: for one reader and one call, all items of its notices in their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.models import Notice, NoticeItem
from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED

BEING_SENT = ("leased", "sending")
_PAST: Select[*tuple[Any, ...]] = (
    select(
        NoticeItem.subscriber_id, Notice.call_id, NoticeItem.id, Notice.id, Notice.kind,
        Notice.first_event_id, NoticeItem.state, NoticeItem.mail_id, OutboxMail.state,
        OutboxMail.uncertain, OutboxMail.created_at,
    )
    .join(Notice, Notice.id == NoticeItem.notice_id)
    .outerjoin(OutboxMail, OutboxMail.id == NoticeItem.mail_id)
    .where(
        Notice.call_id.in_(bindparam("calls", expanding=True)),
        NoticeItem.subscriber_id.in_(bindparam("readers", expanding=True)),
    )
    .order_by(Notice.id)
)  # fmt: skip


@dataclass(frozen=True)
class Past:
    """One item of a reader: of which notice, and what has become of it.

    `mail` is the state of its mail, empty without one; `written_at` is when that says how things are.
    """

    item_id: int
    notice_id: int
    kind: str
    first_event_id: int | None
    state: str
    mail: str
    mail_id: int | None
    uncertain: bool
    written_at: datetime | None

    @property
    def has_told(self) -> bool:
        return self.uncertain or self.mail in ("accepted", "bounced")

    @property
    def waits(self) -> bool:
        """Its mail is written, and can still be taken back."""
        return self.mail == "queued" and not self.uncertain


@dataclass(frozen=True)
class Next:
    """What the next mail about the changes of a call tells its reader.

    `since` is the first event that they do not know of, None for none; `again` says that they
    believe the call to be off. `told_at` is when the last mail that told them was written.
    `superseded` are items that the next one tells as well, `take_back` mails that it replaces. `later`
    is set while a mail is just being sent of which the outcome matters.
    """

    since: int | None
    again: bool
    told_at: datetime | None = None
    superseded: tuple[int, ...] = ()
    take_back: tuple[int, ...] = ()
    later: bool = False


def next_change(items: Sequence[Past]) -> Next:
    """`items` are one reader's of one call, by notice; the newest planned one will tell it."""
    known = max((n for n, one in enumerate(items) if one.has_told), default=-1)
    untold = [one for one in items[known + 1 :] if one.kind == CHANGED]
    planned = [one for one in untold if one.state == "planned"]
    return Next(
        since=min((one.first_event_id for one in untold if one.first_event_id), default=None),
        again=known >= 0 and items[known].kind == CALLED_OFF,
        told_at=items[known].written_at if known >= 0 else None,
        superseded=tuple(one.item_id for one in planned[:-1]),
        take_back=tuple(one.mail_id for one in untold if one.waits and one.mail_id is not None),
        later=any(one.mail in BEING_SENT for one in items),
    )


def of(
    session: Session, readers: Collection[int], calls: Collection[int]
) -> dict[tuple[int, int], list[Past]]:
    """By reader and call, every item there ever was, in the order of their notices."""
    if not calls:
        return {}
    rows = session.execute(_PAST, {"calls": calls, "readers": readers})
    found = defaultdict(list)
    for reader, call, item, notice, kind, first, state, mail_id, mail, uncertain, written in rows:
        found[reader, call].append(
            Past(item, notice, kind, first, state, mail or "", mail_id, bool(uncertain), written)
        )
    return found
