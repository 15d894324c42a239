"""The rule of two persons, for sites that have it: a program edits for a person, and is no second one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from feedsvc.content import rules
from feedsvc.content.desk import reviews
from feedsvc.content.models import Entry
from feedsvc.web.api.editor.asked import Asked
from feedsvc.web.api.editor.things import Thing


def check(session: Session, asked: Asked) -> None:
    """Whether the account may let readers see what the address names. Raises: Invalid."""
    if asked.settings.two_persons:
        reviews.check_second_person(session, asked.found, actor=asked.actor)


def scheduled_version(asked: Asked) -> int | None:
    """Before an edit: the version of what is scheduled; None for anything else."""
    row = asked.found
    is_scheduled = isinstance(row, Entry) and rules.state(row, asked.now) == "scheduled"
    return row.version if is_scheduled else None


def hold(session: Session, thing: Thing, asked: Asked, scheduled: int | None) -> None:
    """After the edit of what was `scheduled`: it is a draft again, until somebody else lets it go."""
    row = asked.found
    if scheduled in (None, row.version) or not asked.settings.two_persons:
        return
    if reviews.last_writer(session, row) == asked.actor.id:
        assert thing.withdraw is not None
        thing.withdraw(session, row.id, actor=asked.actor, now=asked.now)
