"""The rule of two persons, for sites that have it: what one has edited, another lets go.

What is scheduled and edited once more waits again. A correction of what is public is seen at once.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from feedsvc.content import rules
from feedsvc.content.desk import reviews
from feedsvc.content.models import Entry
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.kinds import Kind

HELD = N_("Saved. It is a draft again: somebody else has to let it go.")


def check(session: Session, entry: Entry) -> None:
    """Whether the actor may let readers see it. Raises: Invalid."""
    if context.settings().two_persons:
        reviews.check_second_person(session, entry, actor=actor())


def bars(session: Session, entry: Entry) -> bool:
    """Whether the actor may not, for having edited it last."""
    return context.settings().two_persons and reviews.last_writer(session, entry) == actor().id


def scheduled_version(session: Session, entry_id: int | None) -> int | None:
    """Before an edit: the version of what is scheduled; None for anything else."""
    entry = session.get(Entry, entry_id) if entry_id is not None else None
    if entry is None or rules.state(entry, context.now()) != "scheduled":
        return None
    return entry.version


def hold(session: Session, kind: Kind, entry: Entry, scheduled: int | None) -> bool:
    """After the edit of what was `scheduled`: whether it has become a draft again."""
    if scheduled in (None, entry.version) or not bars(session, entry):
        return False
    kind.withdraw(session, entry.id, actor=actor(), now=context.now())
    return True
