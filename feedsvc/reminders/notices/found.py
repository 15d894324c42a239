"""What was found to be told, before it is kept as a notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.reminders.models import Notice
from feedsvc.reminders.notices import rules
from feedsvc.statements import insert

CHANGED, CALLED_OFF, EDITION = "changed", "cancelled", "edition"


@dataclass(frozen=True, kw_only=True)
class Found:
    """A notice to be kept; the names are those of its columns."""

    key: str
    call_id: int
    kind: str
    due_at: datetime
    expires_at: datetime
    first_event_id: int | None = None
    last_event_id: int | None = None
    state: str = "open"
    reason: str = ""


def keep(session: Session, found: Sequence[Found], now: datetime) -> None:
    """Insert the notices whose key is new. What nobody can be wrong about any more is void."""
    rows = [one if one.expires_at > now else _void(one) for one in found]
    statement = insert(session, Notice).on_conflict_do_nothing()
    session.execute(statement, [asdict(one) for one in rows])


def _void(one: Found) -> Found:
    return replace(one, state="void", reason=one.reason or rules.LATE)
