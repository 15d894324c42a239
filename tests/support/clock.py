"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Luxembourg, winter time


class FixedClock:
    """Call it for the time, like `feedsvc.clock.now`."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> datetime:
        """Move on by `timedelta(**by)`; returns the new time."""
        self.at += timedelta(**by)
        return self.at
