"""What a reader is to be told by an item of a notice, as the call is now; or that there is nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.calls import net
from feedsvc.calls.models import Call, CallEvent, StruckDate
from feedsvc.calls.net import Change
from feedsvc.content import rules as content
from feedsvc.i18n import N_
from feedsvc.mail import outbox
from feedsvc.reminders.models import Notice, NoticeItem
from feedsvc.reminders.moulds import Shelf, still
from feedsvc.reminders.notices import bursts, compose, history, items, rules
from feedsvc.reminders.notices.compose import Told
from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED
from feedsvc.reminders.notices.history import Past
from feedsvc.settings import Settings

TAKEN_BACK = N_("taken back: a newer mail says how it is now")


@dataclass(frozen=True)
class _Known:
    """What is known of the changes of a call since some event: what they come to, and up to where."""

    changes: tuple[Change, ...]
    up_to: int


@dataclass(frozen=True)
class Kept:
    """What is told, without the rows of a session: for another one, in which it is worded."""

    call_id: int
    struck: tuple[int, ...]
    follows_id: int | None
    rest: Told

    @classmethod
    def of(cls, told: Told) -> Kept:
        return cls(
            told.call.id,
            tuple(row.id for row in told.struck),
            told.follows.id if told.follows else None,
            told,
        )

    def told(self, session: Session) -> Told:
        """Raises: Unready, if a row has gone."""
        return replace(
            self.rest,
            call=still(session.get(Call, self.call_id)),
            struck=[still(session.get(StruckDate, row_id)) for row_id in self.struck],
            follows=still(session.get(Call, self.follows_id)) if self.follows_id else None,
        )


class Desk:
    """What one turn of writing keeps for many readers: changes of calls, and moulds."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings = settings
        self.now = now
        self.shelf = Shelf()
        self._known: dict[tuple[int, int | None], _Known] = {}

    def known(self, session: Session, call_id: int, since: int | None) -> _Known:
        """Asked of the database once; what happens meanwhile the gate sees."""
        key = (call_id, since)
        if key not in self._known:
            events = bursts.events(session, call_id, since) if since else ()
            last = select(func.max(CallEvent.id)).where(CallEvent.call_id == call_id)
            self._known[key] = _Known(net.changes(events), session.scalar(last) or 0)
        return self._known[key]


def told(
    session: Session, item: NoticeItem, past: dict[int, list[Past]], desk: Desk
) -> Told | None:
    """What the reader is to be told by that item; None if nothing, or not now."""
    if item.state != "planned":  # a newer one, which came first, tells it too
        return None
    if item.notice.expires_at <= desk.now:
        _void(item, rules.LATE)
        return None
    if item.notice.kind == CHANGED:
        return _changes(session, item, past[item.notice.call_id], desk)
    call = item.notice.call
    if item.notice.kind == CALLED_OFF:
        struck = _struck(session, call, desk.now)
        return Told(call, struck=struck, reason=_reason(session, call))
    return Told(call, follows=_followed(session, item))


def _changes(session: Session, item: NoticeItem, past: Sequence[Past], desk: Desk) -> Told | None:
    step = history.next_change(past)
    if item.id in step.superseded:
        _void(item, rules.SUPERSEDED)
        return None
    call = item.notice.call
    if step.later or not _take_back(session, step.take_back, call.id, desk.now):
        return None
    known = desk.known(session, call.id, step.since)
    if not known.changes and not step.again:
        items.undo(session, item, desk.now, told_at=step.told_at)
        return None
    item.told_event_id = known.up_to
    struck = _struck(session, call, desk.now, compose.struck_uids(known.changes))
    return Told(call, known.changes, step.again, struck, since=step.since)


def _take_back(session: Session, mail_ids: Sequence[int], call_id: int, now: datetime) -> bool:
    """Take back mails that this one replaces; False if one of them is just leaving.

    What else they told is planned again.
    """
    if not mail_ids:
        return True
    taken = outbox.take_back(session, mail_ids, reason=TAKEN_BACK, now=now)
    rows = session.execute(
        select(NoticeItem.id, Notice.call_id)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .where(NoticeItem.mail_id.in_(taken))
    ).all()
    items.again(session, [row.id for row in rows], now)
    items.void(session, [row.id for row in rows if row.call_id == call_id], rules.SUPERSEDED)
    return len(taken) == len(mail_ids)


def _struck(
    session: Session, call: Call, now: datetime, uids: Collection[str] | None = None
) -> list[StruckDate]:
    """Dates that calendars must strike: those of a call off the site, or the named ones."""
    if not uids and (uids is not None or content.state(call, now) != "withdrawn"):
        return []
    query = (
        select(StruckDate)
        .where(StruckDate.call_uid == call.uid, StruckDate.called_off_at <= now)
        .order_by(StruckDate.uid)
    )
    return list(session.scalars(query.where(StruckDate.uid.in_(uids)) if uids else query))


def _reason(session: Session, call: Call) -> Change | None:
    """Why the call was cancelled, as far as its editor said."""
    event = session.scalars(
        select(CallEvent)
        .where(CallEvent.call_id == call.id, CallEvent.type == "cancelled")
        .order_by(CallEvent.id.desc())
        .limit(1)
    ).one_or_none()
    return Change(event.type, reasons=event.reasons) if event else None


def _followed(session: Session, item: NoticeItem) -> Call | None:
    """The edition of which the reader asked for the next one."""
    if item.subscription is None:
        return None
    return session.get(Call, item.subscription.entry_id)


def _void(item: NoticeItem, reason: str) -> None:
    item.state, item.reason = "void", reason
