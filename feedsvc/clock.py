"""The one place that reads the clock. Everything else is handed `now`."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, aware, in UTC, without microseconds."""
    return datetime.now(UTC).replace(microsecond=0)
