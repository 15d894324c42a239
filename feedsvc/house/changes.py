"""Decide about the site. Each act is a row of the audit log, and begins a new generation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.auth import audit
from feedsvc.auth.rules import Actor
from feedsvc.content import generation
from feedsvc.errors import Invalid
from feedsvc.house import queries, rules
from feedsvc.house.edits import Decided, free
from feedsvc.house.models import FIRST_STEPS, Decision
from feedsvc.markup import one_line
from feedsvc.settings import Settings

SUBJECT, THE_ONE = "site", 0  # what the audit log says of it: there is one site


def decide(
    session: Session, wanted: Decided, *, settings: Settings, actor: Actor, now: datetime
) -> Settings:
    """Keep what differs from what holds now; the settings that hold then.

    `settings` are the operator's: what they fix stays as it is. Raises: Invalid.
    """
    wanted = _clean(free(wanted, settings))
    problems = rules.problems(wanted)
    if problems:
        raise Invalid(*problems)
    before = queries.effective(session, settings)
    differing = {
        name: value for name, value in wanted.values().items() if value != getattr(before, name)
    }
    if not differing:
        return before
    generation.advance(session, now)  # first: it makes others who decide wait
    for name, value in differing.items():
        session.merge(Decision(name=name, value=value))
    changes = {
        name: (_shown(getattr(before, name)), _shown(new)) for name, new in differing.items()
    }
    audit.record(session, SUBJECT, THE_ONE, "edited", changes, actor=actor, now=now)
    session.flush()
    return rules.applied(settings, queries.decided(session))


def hide_first_steps(session: Session) -> None:
    """Show the list of first steps no more. It says nothing of the site, so nothing else changes."""
    session.merge(Decision(name=FIRST_STEPS, value="hidden"))


def _clean(wanted: Decided) -> Decided:
    names = wanted.site_names
    return replace(
        wanted,
        site_name=None if wanted.site_name is None else one_line(wanted.site_name),
        site_names=None if names is None else tuple((code, one_line(text)) for code, text in names),
        accent=None if wanted.accent is None else wanted.accent.strip().lower(),
    )


def _shown(value: Any) -> Any:
    """Texts by language as a mapping, which is how the audit log shows them."""
    pairs = isinstance(value, tuple) and all(isinstance(item, tuple) for item in value)
    return dict(value) if pairs else value
