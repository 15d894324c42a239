"""Who may do what with a picture or a document, and what must be said of it. Pure.

Administrators and editors may do everything. Anybody else may see what readers see, what the entries
have that they may see, and what they brought themselves; and may change only the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from feedsvc.auth.rules import ADMINISTRATOR, EDITOR, Actor
from feedsvc.errors import Problem
from feedsvc.i18n import N_

LONGEST_ALT, LONGEST_TITLE = 300, 200
UNTITLED = N_("Enter a title in one language at least.")
FREE_DAYS = 30  # what nobody used or described in this time was left over from a form


@dataclass(frozen=True, kw_only=True)
class PhotoEdit:
    """What an editor says of a photo; `alts` by language, the focus in percent."""

    alts: Mapping[str, str] = field(default_factory=dict)
    credit: str = ""
    decorative: bool = False
    focus_x: int = 50
    focus_y: int = 50
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentEdit:
    """What an editor says of a document; `titles` by language."""

    titles: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    version: int | None = None


def may_change(actor: Actor, created_by: int | None) -> bool:
    """Whether the actor may change or delete what that account brought."""
    return sees_all(actor) or (actor.id is not None and actor.id == created_by)


def sees_all(actor: Actor) -> bool:
    return actor.role in (ADMINISTRATOR, EDITOR)


def photo_problems(edit: PhotoEdit) -> list[Problem]:
    """What must be put right before the words of a photo are kept."""
    problems = []
    if not edit.decorative and not any(alt.strip() for alt in edit.alts.values()):
        words = N_("Describe what the picture shows, or say that it only decorates.")
        problems.append(Problem("alts", words))
    if not edit.credit.strip():
        problems.append(Problem("credit", N_("Say who made the photo.")))
    outside = [name for name in ("focus_x", "focus_y") if not 0 <= getattr(edit, name) <= 100]
    return [*problems, *(Problem(name, N_("Write a number from 0 to 100.")) for name in outside)]


def document_problems(edit: DocumentEdit) -> list[Problem]:
    if any(title.strip() for title in edit.titles.values()):
        return []
    return [Problem("titles", UNTITLED)]
