"""Count, for each value that a filter may take, the calls that it would leave; and page them.

Each facet is counted with the other conditions kept. The calls are sets in memory (`tally`); only
the words of a search are asked of the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from threading import Lock

from sqlalchemy.orm import Session

from feedsvc.calls import fit_sets, tally, tally_pages, tally_rows
from feedsvc.calls.lists import Cursor
from feedsvc.calls.tally import LINKED, Moment, Snapshot
from feedsvc.content import generation, places
from feedsvc.content.counts import PUBLISHED, Counts, frequent_first, offered
from feedsvc.content.filters import STATUSES, Filter
from feedsvc.search import index

CLOSING_SOON_DAYS = 14
MOST_WORDS = 200  # searches whose calls are kept

# What is offered to choose from where any number may be asked for.
NUMBERS: Mapping[str, Sequence[int]] = {
    "award_max_from": (10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000),
    "cofinancing_from": (50, 70, 100),
    "closes_within": (7, 30, 90),
    "published_within": PUBLISHED,
}
FACETS = ("status", *LINKED, *NUMBERS)


class Teller:
    """Holds the tally of the newest generation that was asked for. Safe among threads."""

    def __init__(self) -> None:
        self._held = Snapshot()
        self._lock = Lock()

    def tally(self, session: Session) -> Snapshot:
        current = generation.current(session).value
        with self._lock:
            if self._held.generation < current:
                self._held = tally_rows.refreshed(session, self._held, current)
            held = self._held
        # A reader of an older snapshot of the database finds other words: they are not kept.
        return held if held.generation == current else replace(held, words={})


class Counter:
    """Counts the calls of one filter at one time."""

    def __init__(
        self,
        session: Session,
        held: Snapshot,
        wanted: Filter,
        now: datetime,
        closing_soon_days: int = CLOSING_SOON_DAYS,
    ) -> None:
        self._session, self._wanted = session, wanted
        self._at = Moment(held, now, closing_soon_days)
        self._met = self._at.conditions(wanted)
        if wanted.q:
            self._met["q"] = with_words(session, held, wanted.q)
        if wanted.profile:
            themes = mentioned(session, held, wanted.profile.themes)
            self._met["profile"] = fit_sets.not_ruled_out(held, wanted.profile, themes)

    def total(self) -> int:
        return self._left().bit_count()

    def facets(self) -> Counts:
        """The counts of every facet. A value that would leave nothing is left out."""
        everything = self._left()
        found: dict[str, Mapping[str, int]] = {}
        for name in FACETS:
            left = self._left(name) if name in self._met else everything
            counted = [(value, (met & left).bit_count()) for value, met in self._values(name)]
            some = [pair for pair in counted if pair[1]]
            found[name] = frequent_first(some) if name in LINKED else dict(some)
        return found

    def narrowest(self) -> tuple[str, int] | None:
        """The condition without which the most calls are left, and how many; None if none helps."""
        left = [(name, self._left(name).bit_count()) for name in self._met]
        best = max(left, key=lambda pair: pair[1], default=None)
        return best if best and best[1] else None

    def page(self, order: str, after: str | None, limit: int) -> tuple[Sequence[int], str | None]:
        """The ids of a page, and the cursor of the next one. Raises: BadRequest for a cursor that
        was not made here.
        """
        cursor = Cursor.parse(after) if after else None
        titled = 0
        if order == "relevance":
            q = self._wanted.q
            titled = with_words(self._session, self._at.held, q, in_title=True) if q else 0
            order = order if q else "deadline"
        found = tally_pages.Wanted(self._at, self._left(), titled)
        ids, last = tally_pages.page(found, order, cursor, limit)
        return ids, str(last) if last else None

    def _left(self, without: str = "") -> int:
        met = (calls for name, calls in self._met.items() if name != without)
        return tally.all_of(met, self._at.public())

    def _values(self, name: str) -> Iterator[tuple[str, int]]:
        """Each value of a facet with the calls that have it."""
        if name == "status":
            yield from ((word, self._at.status(word)) for word in STATUSES)
        elif name in NUMBERS:
            for number in offered(NUMBERS[name], getattr(self._wanted, name)):
                yield f"{number:f}", self._at.number(name, number)
        else:
            held = self._at.held.values(name)
            union = held.get(places.UNION, 0) if name == "geography" else 0
            for value, calls in held.items():
                yield value, calls | (union if value in places.MEMBERS else 0)


def mentioned(session: Session, held: Snapshot, themes: Iterable[str]) -> int:
    """The calls that hold one of these themes."""
    return reduce(or_, (with_words(session, held, theme) for theme in themes), 0)


def with_words(session: Session, held: Snapshot, q: str, *, in_title: bool = False) -> int:
    """The calls that hold all of these words."""
    kept = held.words.get((q, in_title))
    if kept is None:
        if len(held.words) >= MOST_WORDS:
            held.words.clear()
        kept = index.holding(session, q, held.places, in_title=in_title)
        held.words[q, in_title] = kept
    return kept
