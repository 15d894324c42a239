"""What instant a written date means. Pure.

A deadline without a time closes at the end of that day in its zone; an opening, and everything
else, begins at the start of it. `AoE` (anywhere on Earth) is UTC-12 all year round.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

from feedsvc import i18n
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import AOE, N_

DEADLINE_TYPES = ("letter_of_intent", "stage_1", "stage_2", "cut_off", "submission")
KEY_DATE_TYPES = (
    "opens", "info_session", "questions_until", "registration", *DEADLINE_TYPES, "interview",
    "decision", "grant_agreement", "project_start", "project_end",
)  # fmt: skip
REMOVED = "removed"  # the type of one that is no date of its call any more
PRECISIONS = ("minute", "day", "month", "quarter", "year")
CERTAINTIES = ("confirmed", "estimated")
ANYWHERE_ON_EARTH = dt.timezone(dt.timedelta(hours=-12), AOE)


@cache
def zones() -> frozenset[str]:
    """The zones that a deadline may be written in: those with a name, and AoE."""
    return i18n.zones() | {AOE}


def zone(name: str) -> dt.tzinfo:
    return ANYWHERE_ON_EARTH if name == AOE else ZoneInfo(name)


def instant(
    day: dt.date, time: dt.time | None, zone_name: str, *, kind: str, precision: str
) -> dt.datetime:
    """The instant in UTC. A time that a clock shows twice (autumn) is its first occurrence."""
    tz = zone(zone_name)
    if time is not None:
        return dt.datetime.combine(day, time, tz).astimezone(dt.UTC)
    first, after = span(day, precision)
    start = after if kind in DEADLINE_TYPES else first
    return dt.datetime.combine(start, dt.time(), tz).astimezone(dt.UTC)


def written(text: str, zone_name: str, *, field: str = "at") -> dt.datetime:
    """The instant that somebody wrote (ISO 8601); without a zone it is one of `zone_name`.

    Raises: Invalid (field).
    """
    try:
        at = dt.datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone(zone_name))).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        words = N_("Write a time like 2026-04-23T09:00, or with a zone: 2026-04-23T09:00+02:00.")
        raise Invalid(Problem(field, words)) from None


def span(day: dt.date, precision: str) -> tuple[dt.date, dt.date]:
    """The first day of what the date names, and the first day after it."""
    if precision in ("minute", "day"):
        return day, day + dt.timedelta(days=1)
    months = {"month": 1, "quarter": 3, "year": 12}[precision]
    start = (day.month - 1) // months * months
    after = start + months
    return (
        day.replace(month=start + 1, day=1),
        dt.date(day.year + after // 12, after % 12 + 1, 1),
    )


def exists(day: dt.date, time: dt.time, zone_name: str) -> bool:
    """Whether clocks in the zone show that time on that day; in spring an hour is left out."""
    local = dt.datetime.combine(day, time, zone(zone_name))
    return local.astimezone(dt.UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(
        tzinfo=None
    )
