"""Read what is decided about the site, and so the settings that hold now."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.house import rules
from feedsvc.house.edits import Decided
from feedsvc.house.models import FIRST_STEPS, Decision
from feedsvc.settings import Settings


def decided(session: Session) -> Decided:
    rows = session.execute(select(Decision.name, Decision.value))
    return Decided.of({row.name: row.value for row in rows})


def hides_first_steps(session: Session) -> bool:
    """Whether an administrator has sent the list of first steps away."""
    return session.get(Decision, FIRST_STEPS) is not None


def effective(session: Session, settings: Settings) -> Settings:
    """The settings that hold in this snapshot: the operator's, and what the admin has decided.

    A function of the generation: whatever was made with them is good as long as that is.
    """
    return rules.applied(settings, decided(session))
