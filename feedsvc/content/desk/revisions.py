"""Earlier versions of an entry, read from its history: nothing is kept twice.

The history has of each edit what every field was and became, whole. So the version before an edit
is the one after it with the fields put back; step by step that leads from the present to any
earlier one. Pure but for `all_of`, `rows` and `newest`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.auth import audit
from feedsvc.auth.models import History
from feedsvc.content.models import Entry
from feedsvc.errors import NotFound
from feedsvc.i18n import N_

Values = Mapping[str, Any]
WRITTEN = ("created", "edited")
# Rows that an entry has by the dozen: a field of such a name is there or not. Others are always.
ROWS = ("texts.", "key_dates.")
MOST = 300  # versions that are offered; what is older stands in the history


@dataclass(frozen=True)
class Revision:
    """An entry as it was after one edit; `number` is that of the history's row."""

    number: int
    at: datetime
    who: str
    act: str
    fields: int  # that the edit changed
    values: Values


def all_of(session: Session, entry: Entry, present: Values) -> list[Revision]:
    """The versions of an entry, the present one first. One that nobody edited has itself."""
    found = list(read(present, rows(session, entry.kind, entry.id)))
    return found or [Revision(0, entry.updated_at, "", "created", 0, audit.as_json(dict(present)))]


def numbered(found: Sequence[Revision], number: int | None) -> Revision:
    """Raises: NotFound."""
    wanted = next((one for one in found if one.number == number), None)
    if wanted is None:
        raise NotFound(N_("There is no version with this number."))
    return wanted


def rows(session: Session, kind: str, entry_id: int) -> Sequence[History]:
    """The edits of an entry, the newest first (ix_history_subject)."""
    return session.scalars(
        select(History)
        .where(History.subject == kind, History.subject_id == entry_id, History.act.in_(WRITTEN))
        .order_by(History.id.desc())
        .limit(MOST)
    ).all()


def newest(session: Session, kind: str, entry_id: int) -> int:
    """The number of the present version; 0 if nobody has edited it."""
    wanted = select(History.id).where(
        History.subject == kind, History.subject_id == entry_id, History.act.in_(WRITTEN)
    )
    return session.scalar(wanted.order_by(History.id.desc()).limit(1)) or 0


def read(present: Values, edits: Sequence[History]) -> Iterator[Revision]:
    """The versions of an entry, the present one first; `edits` are its rows, the newest first."""
    values: Values = audit.as_json(dict(present))
    for row in edits:
        yield Revision(row.id, row.at, row.actor_name, row.act, len(row.changes), values)
        values = before(values, row.changes)


def before(values: Values, changes: Mapping[str, Sequence[Any]]) -> Values:
    """The version before an edit that made these changes."""
    earlier = dict(values)
    for name, (old, _) in changes.items():
        if old is None and name.startswith(ROWS):
            earlier.pop(name, None)
        else:
            earlier[name] = old
    return earlier


def flat(values: Values) -> dict[str, Any]:
    """With each section of a text as a field of its own, as people compare them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name.endswith(".sections") and isinstance(value, Mapping):
            found |= {f"{name}.{section}": text for section, text in value.items()}
        else:
            found[name] = value
    return found


def folded(values: Values) -> dict[str, Any]:
    """`flat` taken back."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        head, mark, section = name.rpartition(".sections.")
        if mark:
            if value is not None:
                found.setdefault(f"{head}.sections", {})[section] = value
        else:
            found[name] = value
    return found


def merged(mine: Values, theirs: Values, take: frozenset[str]) -> dict[str, Any]:
    """`mine` with those fields as they stand in `theirs`; all three are of `flat` tables."""
    found = {name: value for name, value in mine.items() if name not in take}
    return folded(found | {name: theirs[name] for name in take if name in theirs})
