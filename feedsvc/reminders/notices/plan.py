"""Tell what happened to calls. In short transactions, each of which may be repeated or cut off:

1. What happened is found and kept as notices (`discover`).
2. Each notice has an item for every reader whom it concerns (`items`).
3. The items of a reader become one mail (`letters`).
4. Who was not told after all is reminded (`refused`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.reminders.models import Notice
from feedsvc.reminders.notices import discover, items, letters, refused
from feedsvc.reminders.notices.found import keep
from feedsvc.settings import Settings
from feedsvc.statements import constant

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(minutes=5)
DUE = (
    select(Notice.id)
    .where(Notice.state == constant("open"), Notice.due_at <= bindparam("now"))
    .order_by(Notice.due_at, Notice.id)
)


def plan(db: Database, settings: Settings, now: datetime) -> int:
    """Put into the outbox what is to be told at `now`; how many mails."""
    with db.read() as session:
        found = discover.discover(session, now)
        due = _due(session, now)
    if found:
        with db.begin() as session:
            keep(session, found, now)
            due = _due(session, now)
    for notice_id in due:
        _plan_one(db, notice_id, now)
    written = letters.write(db, settings, now)
    with db.begin() as session:
        refused.remind_instead(session, now)
    return written


def _due(session: Session, now: datetime) -> Sequence[int]:
    """The open notices, the oldest first: ix_notice_due."""
    return session.scalars(DUE, {"now": now}).all()


def _plan_one(db: Database, notice_id: int, now: datetime) -> None:
    try:
        done = False
        while not done:
            with db.begin() as session:
                _, done = items.plan(session, notice_id, now)
    except Exception:  # one notice that cannot be planned must not stop the others
        log.exception("notice %s could not be planned; again in %s", notice_id, AGAIN_AFTER)
        with db.begin() as session:
            session.execute(
                update(Notice)
                .where(Notice.id == notice_id, Notice.state == constant("open"))
                .values(due_at=now + AGAIN_AFTER)
            )
