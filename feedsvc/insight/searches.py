"""Searches that found nothing: words and days, never who asked.

What people type can name a person. So nothing that looks like an address or a number of something
is kept, words that were asked for once only are shown to nobody and forgotten within a week, and
a day holds so many different words at most.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from feedsvc.insight.models import LostSearch
from feedsvc.markup import one_line
from feedsvc.statements import insert

KEPT, KEPT_ONCE = dt.timedelta(days=90), dt.timedelta(days=7)
LONGEST, MOST_A_DAY = 60, 500
ENOUGH = 2  # times asked for, from which on words are shown
_PRIVATE = re.compile(r"@|\d{5}|://")


@dataclass(frozen=True)
class Lost:
    """Words that found nothing, how often, and the last day."""

    words: str
    asked: int
    last: dt.date


def keepable(words: str) -> str:
    """The words as they are kept; empty for what is not."""
    plain = one_line(words).casefold()
    return plain if 1 < len(plain) <= LONGEST and not _PRIVATE.search(plain) else ""


def record(session: Session, counts: Mapping[str, int], day: dt.date) -> None:
    """Add what a process has counted. A full day takes no new words, and counts on those it has."""
    known = set(session.scalars(select(LostSearch.words).where(LostSearch.day == day)))
    fresh = sorted(counts.keys() - known)[: max(MOST_A_DAY - len(known), 0)]
    for words in sorted(
        [*(counts.keys() & known), *fresh]
    ):  # in order: two must not wait crosswise
        row = insert(session, LostSearch).values(day=day, words=words, asked=counts[words])
        session.execute(
            row.on_conflict_do_update(
                index_elements=["day", "words"],
                set_={"asked": LostSearch.asked + counts[words]},
            )
        )


def lost(session: Session, since: dt.date, *, limit: int) -> list[Lost]:
    """What was asked for more than once since that day and found nothing, the most wanted first."""
    asked, last = func.sum(LostSearch.asked), func.max(LostSearch.day)
    rows = session.execute(
        select(LostSearch.words, asked.label("asked"), last.label("last"))
        .where(LostSearch.day >= since)
        .group_by(LostSearch.words)
        .having(asked >= ENOUGH)
        .order_by(asked.desc(), LostSearch.words)
        .limit(limit)
    )
    return [Lost(row.words, int(row.asked), row.last) for row in rows]


def purge(session: Session, today: dt.date) -> None:
    """Forget what is old, and sooner what was asked for once."""
    once = (
        select(LostSearch.words)
        .group_by(LostSearch.words)
        .having(func.sum(LostSearch.asked) < ENOUGH)
    )
    session.execute(delete(LostSearch).where(LostSearch.day < today - KEPT))
    session.execute(
        delete(LostSearch).where(LostSearch.day < today - KEPT_ONCE, LostSearch.words.in_(once))
    )
