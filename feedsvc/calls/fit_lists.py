"""Calls by how they fit a reader: how many there are on each shelf, and pages of them.

The shelves are those of `fit`; on each, calls that answer more of the questions with yes come first,
and of equal ones those that close next. Pages are by keyset, as those of `lists` are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.calls import counts, fit_sets, tally, tally_pages
from feedsvc.calls.fit_sets import Group
from feedsvc.calls.lists import Cursor
from feedsvc.calls.tally import Moment, Snapshot
from feedsvc.content import cursors
from feedsvc.content.filters import Filter
from feedsvc.content.profiles import NOBODY


@dataclass(frozen=True)
class Found:
    """The ids of a page's calls with the shelf of each, and the cursor of the page after it."""

    rows: Sequence[tuple[str, int]]
    next: str | None


def ranking(
    session: Session,
    held: Snapshot,
    wanted: Filter,
    now: datetime,
    closing_soon_days: int = counts.CLOSING_SOON_DAYS,
) -> Ranking:
    """The calls of a filter, by how they fit its profile at one time."""
    at = Moment(held, now, closing_soon_days)
    met = at.conditions(replace(wanted, profile=NOBODY))
    if wanted.q:
        met["q"] = counts.with_words(session, held, wanted.q)
    calls = tally.all_of(met.values(), at.public())
    themes = counts.mentioned(session, held, wanted.profile.themes)
    return Ranking(at, fit_sets.groups(at, calls, wanted.profile, themes))


@dataclass(frozen=True)
class Ranking:
    """Calls in groups that fit alike, the best first. Pure."""

    at: Moment
    groups: Sequence[Group]

    def totals(self) -> Mapping[str, int]:
        """How many calls stand on each shelf."""
        found: Counter[str] = Counter()
        for group in self.groups:
            found[group.shelf] += group.calls.bit_count()
        return found

    def currencies(self) -> Collection[str]:
        """In which calls pay."""
        return self.at.held.values("currency").keys()

    def page(self, shelves: Collection[str], after: str | None, limit: int) -> Found:
        """A page of these shelves. Raises: BadRequest for a cursor that was not made here."""
        first, start = _place(after) if after else (0, None)
        rows: list[tuple[str, int]] = []
        for group in self.groups:
            if group.shelf not in shelves or group.rank < first:
                continue
            if len(rows) == limit:
                return Found(rows, str(group.rank))
            ids, last = tally_pages.page(
                tally_pages.Wanted(self.at, group.calls),
                "deadline",
                start if group.rank == first else None,
                limit - len(rows),
            )
            rows += [(group.shelf, call_id) for call_id in ids]
            if last is not None:
                return Found(rows, f"{group.rank}-{last}")
        return Found(rows, None)


def _place(text: str) -> tuple[int, Cursor | None]:
    """The rank at which a page begins, and the last row before it if that has the same rank."""
    rank, _, row = text.partition("-")
    try:
        return cursors.numbers(rank)[0], Cursor.parse(row) if row else None
    except ValueError:
        raise cursors.incomplete() from None
