"""Who may do what. Pure."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("administrator", "editor")


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, or a process (`id` None) such as the importer or the demo."""

    id: int | None
    name: str
    role: str = "editor"


SYSTEM = Actor(None, "feedsvc", "administrator")


def may_edit(actor: Actor) -> bool:
    """Whether the actor may write, publish and delete entries, clusters and organisations."""
    return actor.role in ROLES
