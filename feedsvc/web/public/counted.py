"""The counter of a list of calls: one tally of them for every request of this process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.calls.counts import Counter
from feedsvc.content.filters import Filter
from feedsvc.web import context


def counter(session: Session, wanted: Filter, now: datetime) -> Counter:
    runtime = context.runtime()
    soon = runtime.settings.closing_soon_days
    return Counter(session, runtime.teller.tally(session), wanted, now, soon)
