"""What stands beside the form of an entry: what happened, what was said, what is missing, who is here."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from feedsvc.content import history, rules
from feedsvc.content.desk import reviews
from feedsvc.content.models import Entry
from feedsvc.web import context
from feedsvc.web.admin import checklist, histories
from feedsvc.web.admin.desk import typed
from feedsvc.web.admin.desk.words import SAID
from feedsvc.web.admin.kinds import Kind, loaded

HISTORY_SHOWN = 5


def of(session: Session, kind: Kind, entry: Entry | None) -> dict[str, Any]:
    """For the page; of one that is not written yet there is nothing."""
    if entry is None:
        return {"history": (), "thread": (), "missing": (), "others": ""}
    past = history.of(session, kind.name, entry.id, limit=HISTORY_SHOWN)
    lacking = rules.may_lack(entry, context.now())
    return {
        "history": histories.told(past, context.lang()),
        "thread": reviews.thread(session, entry) if lacking else (),
        "said": SAID,
        "missing": checklist.missing(entry, kind) if lacking else (),
        "others": typed.others(session, entry.id),
    }


def may_lack(kind: Kind, entry_id: int | None) -> bool:
    """Whether fields may be missing in what is saved."""
    if entry_id is None:
        return True
    with context.db().read() as session:
        return rules.may_lack(loaded(session, kind, entry_id), context.now())
