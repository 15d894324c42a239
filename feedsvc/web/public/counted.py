"""The counter of a list of calls: one tally of them for every request of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.calls import fit_lists
from feedsvc.calls.counts import Counter
from feedsvc.calls.fit_lists import Ranking
from feedsvc.content.filters import Filter
from feedsvc.web import context
from feedsvc.web.public import answers


@contextmanager
def reading() -> Iterator[Session]:
    """A session for a list, with the time limit of lists.

    The tally is brought up to date before: with many calls its first making may take longer than
    that, which is no fault of the question's.
    """
    db = context.db()
    with db.read() as session:
        context.runtime().teller.tally(session)
    with db.read(limit=answers.LIMIT) as session:
        yield session


def counter(session: Session, wanted: Filter, now: datetime) -> Counter:
    runtime = context.runtime()
    soon = runtime.settings.closing_soon_days
    return Counter(session, runtime.teller.tally(session), wanted, now, soon)


def ranking(session: Session, wanted: Filter, now: datetime) -> Ranking:
    """The calls by how they fit the filter's profile."""
    runtime = context.runtime()
    soon = runtime.settings.closing_soon_days
    return fit_lists.ranking(session, runtime.teller.tally(session), wanted, now, soon)
