"""Nobody overwrites what they have not seen: changes name the version that they are made to.

RFC 9110 section 13.1.1 (If-Match, compared strongly) and RFC 6585 section 3 (428).
"""

from __future__ import annotations

from collections.abc import Sequence

from feedsvc.errors import Conflict, FeedsvcError
from feedsvc.i18n import N_
from feedsvc.web.api.editor.asked import ANYTHING, Asked, Json

MOST_TOLD = 100  # changes
MOST_DIGITS = 19  # of a number that databases hold


class Blind(FeedsvcError):
    """A change that does not say which version it is made to: 428."""


class Stale(Conflict):
    """Somebody was faster: 412. `version` is the one that is there, `changes` led to it."""

    def __init__(self, version: int, changes: Sequence[Json]) -> None:
        who = changes[0]["who"] if changes else "feedsvc"
        super().__init__(N_("%(who)s changed this since you read it."), who=who)
        self.version = version
        self.changes = list(changes)


def named(asked: Asked) -> None:
    """Raises: Blind."""
    if asked.tags is None:
        raise Blind(
            N_("Say in If-Match which version you change: the ETag that you read, or * for any.")
        )


def is_present(asked: Asked, version: int) -> bool:
    """Whether what is there is what the sender has seen, if they say what that is."""
    return asked.tags is None or bool({ANYTHING, str(version)} & asked.tags)


def behind(asked: Asked, version: int) -> int:
    """How many changes the sender has not seen, as far as that can be told."""
    numbers = [
        int(tag)
        for tag in asked.tags or ()
        if tag.isascii() and tag.isdigit() and len(tag) < MOST_DIGITS
    ]
    seen = max((number for number in numbers if number < version), default=version - 1)
    return min(version - seen, MOST_TOLD)
