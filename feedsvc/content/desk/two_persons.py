"""The rule of two persons, for sites that have it: what one has edited, another lets go.

What is scheduled and edited once more waits again. A correction of what is public is seen at once.
A program edits for a person, and is no second one: so form and interface ask the same questions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.content import rules
from feedsvc.content.desk import reviews
from feedsvc.content.models import Entry
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.settings import Settings

LAST = N_("You edited this last. Somebody else has to read it and let it go.")


def bars(session: Session, entry: Entry, *, actor: Actor, settings: Settings) -> bool:
    """Whether the actor may not let readers see it, for having edited it last."""
    if not settings.two_persons or actor.id is None:
        return False
    return reviews.last_writer(session, entry) == actor.id


def check(session: Session, entry: Entry, *, actor: Actor, settings: Settings) -> None:
    """Raises: Invalid, if that bars the actor."""
    if bars(session, entry, actor=actor, settings=settings):
        raise Invalid(Problem("", LAST))


def scheduled_version(entry: Entry | None, now: datetime) -> int | None:
    """Before an edit: the version of what is scheduled; None for anything else."""
    is_scheduled = entry is not None and rules.state(entry, now) == "scheduled"
    return entry.version if entry is not None and is_scheduled else None


def hold(
    session: Session,
    entry: Entry,
    scheduled: int | None,
    withdraw: Callable[..., object],
    *,
    actor: Actor,
    settings: Settings,
    now: datetime,
) -> bool:
    """After the edit of what was `scheduled`: whether it has become a draft again, by `withdraw`."""
    if scheduled in (None, entry.version):
        return False
    if not bars(session, entry, actor=actor, settings=settings):
        return False
    withdraw(session, entry.id, actor=actor, now=now)
    return True
