"""Let SQLite see how the rows of entries are spread. It plans by that, and never looks by itself.

Without, it enters the index of what is published to find the newest edits, and puts a hundred thousand
rows in order. Tables that fill and empty within minutes (mails, what is due) are left out: a plan for
what they held an hour ago is worse than none.
"""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, CallApplicant, CallPlace, KeyDate, call_funder
from feedsvc.content.models import (
    Cluster,
    Entry,
    Organisation,
    Programme,
    Translation,
    entry_cluster,
)
from feedsvc.db import Database

TABLES = tuple(str(table) for table in (
    Entry.__table__, Translation.__table__, entry_cluster, Call.__table__, KeyDate.__table__,
    call_funder, CallApplicant.__table__, CallPlace.__table__, Cluster.__table__,
    Organisation.__table__, Programme.__table__,
))  # fmt: skip
WORTH = 1_000  # entries: any plan is good for fewer
CHANGED = 0.1  # of the entries, come or gone since the last time
_KNOWN = text("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'entry'")
_EVER = text("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'")


def survey(db: Database, *, worth: int = WORTH) -> bool:
    """Look at some hundred rows of each index (`db.ROWS_SURVEYED`) once the entries are others by a tenth.

    Says whether it did. PostgreSQL does so by itself. https://www.sqlite.org/lang_analyze.html
    """
    if not db.is_sqlite:
        return False
    with db.read() as session:
        if not _is_due(session, worth):
            return False
    for table in TABLES:  # each by itself, so that nobody waits for all
        with db.begin() as session:
            session.execute(text(f"ANALYZE {table}"))
    return True


def _is_due(session: Session, worth: int) -> bool:
    number = session.scalar(select(func.count()).select_from(Entry)) or 0
    if number < worth:
        return False
    known = session.scalar(_KNOWN) if session.scalar(_EVER) else None
    return not known or abs(number - known) > CHANGED * known
