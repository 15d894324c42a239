"""Who may do what with an entry, in which state, and whose. Pure.

Administrators and editors may do everything with every entry. An editor of clusters may do so with
the entries of these clusters: one that belongs to any other cluster as well, or to none, is not
theirs. An author may see what they have written, change and delete it as long as it is a draft that
nobody has seen, and ask for it to be read; while it is being read they may take that back, and what
was refused they may delete. To publish takes an editor.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR, CLUSTER_EDITOR, EDITOR, Actor
from feedsvc.content import rules
from feedsvc.errors import Forbidden, Invalid, NotFound, Problem
from feedsvc.i18n import N_

if TYPE_CHECKING:
    from feedsvc.content.models import Entry

# See its form, preview and history; change it; ask for a review of it, or take that back; publish,
# withdraw or cancel it, answer reviews, and see who was told of it; delete it.
SEE, EDIT, SUBMIT, PUBLISH, DELETE = "see", "edit", "submit", "publish", "delete"
ACTS = (SEE, EDIT, SUBMIT, PUBLISH, DELETE)
AUTHORS = {"draft": (SEE, EDIT, SUBMIT, DELETE), "review": (SEE, SUBMIT), "rejected": (SEE, DELETE)}
REFUSED = N_("Your account may not do this. Ask an administrator.")


@dataclass(frozen=True)
class Facts:
    """What the rights of an entry depend on: its state, its clusters' ids, the account it is of."""

    state: str
    clusters: frozenset[int]
    created_by: int | None


def facts(entry: Entry, now: datetime) -> Facts:
    clusters = frozenset(cluster.id for cluster in entry.clusters)
    return Facts(rules.state(entry, now), clusters, entry.created_by)


def may(actor: Actor, act: str, about: Facts) -> bool:
    """Whether the actor may do that with the entry."""
    return act in allowed(actor, about)


def allowed(actor: Actor, about: Facts) -> Collection[str]:
    """All that the actor may do with the entry."""
    if actor.role in (ADMINISTRATOR, EDITOR):
        return ACTS
    if actor.role == CLUSTER_EDITOR:
        theirs = bool(about.clusters) and about.clusters <= actor.clusters
        return ACTS if theirs else ()
    if actor.role == AUTHOR and actor.id is not None and about.created_by == actor.id:
        return AUTHORS.get(about.state, (SEE,))
    return ()


def require(actor: Actor, act: str, about: Facts | None) -> None:
    """Raises: NotFound for an entry that is not there, or that the actor may not even see; Forbidden."""
    if about is None or not may(actor, SEE, about):
        raise NotFound(N_("There is no entry with this number."))
    if not may(actor, act, about):
        raise Forbidden(REFUSED)


def check_written(actor: Actor, written: Facts) -> None:
    """Refuse a change that would make the entry somebody else's. Raises: Invalid (clusters)."""
    if not may(actor, EDIT, written):
        raise Invalid(
            Problem("clusters", N_("Choose at least one cluster, and only those you may edit."))
        )


def sees_all(actor: Actor) -> bool:
    """Whether no entry is hidden from the actor."""
    return actor.role in (ADMINISTRATOR, EDITOR)
