"""How long before a date a calendar rings, as an address says it: `alarm=P7D&alarm=PT12H`. Pure.

The values are durations of ISO 8601 in the part that iCalendar knows (RFC 5545 section 3.3.6):
weeks, or days and hours. Calendars bring no alarm unless they are asked to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from feedsvc.errors import BadRequest
from feedsvc.i18n import N_

NEAREST, FARTHEST = timedelta(hours=1), timedelta(days=90)
MOST = 5
_DURATION = re.compile(r"P(?:(\d{1,3})W|(?:(\d{1,3})D)?(?:T(\d{1,4})H)?)")
_HOUR = timedelta(hours=1)


def parse(values: Iterable[str]) -> tuple[timedelta, ...]:
    """The lead times, each once, the longest first. Raises: BadRequest, which names the value."""
    found = tuple(sorted({_duration(value) for value in values if value.strip()}, reverse=True))
    if len(found) > MOST:
        raise BadRequest(
            N_("Choose at most %(most)s values of “%(name)s”."), most=MOST, name="alarm"
        )
    return found


def written(before: timedelta) -> str:
    """A lead time in its one spelling: `P7D`, `P1DT12H`, `PT6H`."""
    hours = before // _HOUR % 24
    return "P" + (f"{before.days}D" if before.days else "") + (f"T{hours}H" if hours else "")


def _duration(value: str) -> timedelta:
    match = _DURATION.fullmatch(value.strip().upper()) if value.isascii() else None
    weeks, days, hours = (int(number or 0) for number in match.groups()) if match else (0, 0, 0)
    found = timedelta(weeks=weeks, days=days, hours=hours)
    if not NEAREST <= found <= FARTHEST:
        raise BadRequest(
            N_(
                "“alarm” takes the time before a date like P7D or PT12H, "
                "from an hour to 90 days, not “%(value)s”."
            ),
            value=value[:60],
        )
    return found
