"""Write the digests of some readers: one mail for each, whatever found what is in it.

A reader's row is locked while their digests are written. In that transaction the mail is put into
the outbox and what was told moves on, so that both happen or neither, and once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from feedsvc.i18n import N_
from feedsvc.mail import outbox
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.digests import posting, readers, rules, slots
from feedsvc.reminders.digests.posting import Desk, Told
from feedsvc.reminders.digests.rules import Known, Part
from feedsvc.reminders.digests.slots import DAILY, INSTANT
from feedsvc.reminders.models import DigestPart
from feedsvc.reminders.moulds import Unready
from feedsvc.subscriptions.models import Subscriber, Subscription

log = logging.getLogger(__name__)

TAKEN_BACK = N_("taken back: the next digest tells it")


def write(session: Session, ids: Sequence[int], desk: Desk) -> int:
    """Write what is due to these readers; how many mails."""
    rows = readers.locked(session, ids, desk.now)
    parts = _waiting(session, [sub for row in rows for sub in row.subscriptions], desk.now)
    _take_back(session, parts, desk.now)
    told = readers.known(session, rows, desk.lately.entries.keys())
    return sum(_write_safely(session, row, told[row.id], desk) for row in rows)


def _waiting(
    session: Session, subscriptions: Iterable[Subscription], now: datetime
) -> Sequence[DigestPart]:
    """Parts of digests that should have left by now and have not, or were stopped at the gate.

    One that may have arrived already is left alone: it is repeated as it is, or not at all.
    """
    return session.scalars(
        select(DigestPart)
        .join(OutboxMail, OutboxMail.id == DigestPart.mail_id)
        .where(
            DigestPart.subscription_id.in_([row.id for row in subscriptions]),
            or_(
                DigestPart.again.is_(True),
                and_(
                    OutboxMail.state == "queued",
                    OutboxMail.uncertain.is_(False),
                    OutboxMail.dated_at < now,
                ),
            ),
        )
    ).all()


def _take_back(session: Session, parts: Sequence[DigestPart], now: datetime) -> None:
    """What waits is told by the mail that is written now: its subscriptions begin where it began."""
    waiting = {part.mail_id for part in parts if not part.again}
    taken = set(outbox.take_back(session, waiting, reason=TAKEN_BACK, now=now))
    for part in parts:
        if part.again or part.mail_id in taken:
            _begin_again(session, part)
            part.again = False


def _begin_again(session: Session, part: DigestPart) -> None:
    """What the mail of this part was to tell has not been told."""
    row = session.get(Subscription, part.subscription_id) if part.subscription_id else None
    if row is not None and (row.digested_until is None or row.digested_until > part.since):
        row.digested_until = part.since


def _write_safely(session: Session, reader: Subscriber, known: Known, desk: Desk) -> int:
    """What cannot be written has not been told: it is tried again when the next digest is due."""
    due = {row: slot for row in reader.subscriptions if (slot := _due(row, reader, desk))}
    written = 0
    try:
        with session.begin_nested():
            for rows in _by_mail(due):
                told = _told(reader, rows, known, desk)
                if told.content and posting.enqueue(session, reader, told, desk):
                    written += 1
                known = known.with_told(posting.last_events(told.content, desk))
                for row, slot in rows.items():
                    row.digested_until = slot
    except Unready:  # the same, or at the next turn
        return 0
    except Exception:  # one mail that cannot be written must not stop the others
        log.exception("no digest could be written for reader %s", reader.uid)
        return 0
    return written


def _due(row: Subscription, reader: Subscriber, desk: Desk) -> datetime | None:
    """The time at which a digest of it came due, unless what came until then was told."""
    if not row.digest or row.filter_id is None or row.digested_until is None:
        return None
    slot = slots.latest(row.digest, reader.zone, reader.hour, desk.round)
    return slot if row.digested_until < slot else None


def _by_mail(due: dict[Subscription, datetime]) -> list[dict[Subscription, datetime]]:
    """Those of the reader's hour go together; what is told as it happens goes before."""
    instant = {row: slot for row, slot in due.items() if row.digest == INSTANT}
    others = {row: slot for row, slot in due.items() if row not in instant}
    return [rows for rows in (instant, others) if rows]


def _told(
    reader: Subscriber, due: Mapping[Subscription, datetime], known: Known, desk: Desk
) -> Told:
    parts = {row: _part(row, reader, slot, desk) for row, slot in due.items()}
    because = [row for row, part in parts.items() if rules.content([part], known)]
    slot = max(due.values())
    digest = INSTANT if INSTANT in {row.digest for row in due} else DAILY
    return Told(
        content=rules.content(parts.values(), known),
        because=tuple(sorted(because, key=lambda row: row.id)),
        digest=digest,
        slot=slot,
        at=slots.mailed_at(digest, slot, reader.uid, reader.zone, desk.now),
    )


def _part(row: Subscription, reader: Subscriber, slot: datetime, desk: Desk) -> Part:
    begun = [at for at in (row.confirmed_at, reader.paused_until) if at is not None]
    found = desk.lately.by_filter.get(row.filter_id or 0, ())
    return Part(found, since=row.digested_until or slot, begun_at=max(begun), until=slot)
