"""Read the days by which a text says that something is due, in English, French and German. Pure.

`by 30 April 2024 at 17:00`, `au plus tard le mardi 30 avril 2024`, `bis zum 30.04.2024, 17 Uhr`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from feedsvc import i18n

BEFORE, BEHIND = 80, 40  # characters around a day in which it is said what it is

# Words that leave no doubt, and those that are also said of other things.
_DUE = re.compile(
    r"deadline|closing date|closes?\b|close on|due (?:by|on)|no later than|at the latest|apply by"
    r"|submit\w* (?:by|until|before)|submission"
    r"|date limite|clôtur\w*|délai|au plus tard|dépos\w*|jusqu['’]au"
    r"|frist|schluss|stichtag|spätestens|einreich\w*|einzureichen",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?:by|until|till|before|avant|bis)\b[\s,]*(?:(?:the|on|le|au|zum|noon|midi|mittag|um|at|à"
    r"|end|of|day|\(?cet\)?|\(?cest\)?|\d{1,2}(?:[:.h]\d{2}|h)?|am|pm|uhr|\w*day|\w*tag|\w+di)[\s,]+)*$",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\bprojects? (?:must|should|may|can|start|end|run)|start of|eligible costs|incurred"
    r"|projets? (?:doi|peu|démarr|commenc)|début d|vorhaben|projektbeginn|projektstart|decision|décision"
    r"|entscheid",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[;!?\n]|(?<=[^\W\d_])\.\s")
_CLOCK = (
    r"(?P<{0}h>\d{{1,2}})(?:[:.](?P<{0}m>\d{{2}})(?:\s?(?P<{0}p>am|pm|uhr|h))?"
    r"|\s?h\s?(?P<{0}f>\d{{2}})?|\s?(?P<{0}a>am|pm|uhr|heures?))|(?P<{0}n>noon|midi|mittags?)"
)
_TIME_BEHIND = re.compile(
    r"^(?:\s*\([^)]{1,12}\))?[\s,]*(?:at|um|à|by|until|before|bis|avant)?\s*(?:"
    + _CLOCK.format("x")
    + r")(?![\d])",
    re.IGNORECASE,
)
_TIME_BEFORE = re.compile(
    "(?<![\\d.:])(?:"
    + _CLOCK.format("x")
    + r")(?:\s*\(?[A-Z]{2,4}\)?)?[\s,]*(?:on|le|am|the|\w*day|\w*tag|\w+di|,|\s)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Due:
    """A day that a text names as a deadline; `year` and `time` are None where it leaves them out.

    `is_sure` tells a day that can hardly be anything else. `weekday` is what the text says it is.
    """

    day: int
    month: int
    year: int | None
    time: dt.time | None
    weekday: int | None
    is_sure: bool
    words: str

    @property
    def date(self) -> dt.date | None:
        """The whole day; None without a year, or if there is no such day."""
        try:
            return dt.date(self.year, self.month, self.day) if self.year else None
        except ValueError:
            return None

    def names(self, day: dt.date) -> bool:
        return (self.month, self.day) == (day.month, day.day) and self.year in (None, day.year)


def due(plain: str) -> Iterator[Due]:
    """The days of a plain text by which something is to be handed in."""
    for found in _days().finditer(plain):
        before = _SENTENCE.split(plain[max(0, found.start() - BEFORE) : found.start()])[-1]
        is_sure = bool(_DUE.search(before))
        if (is_sure or _UNTIL.search(before)) and not _OTHER.search(before):
            behind = plain[found.end() : found.end() + BEHIND]
            yield _read(found, _time(before, behind), is_sure=is_sure)


def _read(found: re.Match[str], time: dt.time | None, *, is_sure: bool) -> Due:
    year, month, day = (found[name] for name in _PARTS[found.lastgroup or ""])
    number = int(month) if month.isdigit() else i18n.months()[month.casefold()]
    named = i18n.weekdays().get((found["weekday"] or "").casefold())
    return Due(
        int(day), number, int(year) if year else None, time, named, is_sure, found[0].strip(" .")
    )


def _time(before: str, behind: str) -> dt.time | None:
    found = _TIME_BEHIND.search(behind) or _TIME_BEFORE.search(before)
    if found is None:
        return None
    if found["xn"]:
        return dt.time(12)
    hour, minute = int(found["xh"]), int(found["xm"] or found["xf"] or 0)
    half = (found["xp"] or found["xa"] or "").casefold()
    if half in ("am", "pm") and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


# The groups of year, month and day of each way to write one; the last group names the way.
_PARTS = {
    "iso": ("y1", "m1", "d1"),
    "figures": ("y2", "m2", "d2"),
    "words": ("y3", "m3", "d3"),
    "american": ("y4", "m4", "d4"),
}


@cache
def _days() -> re.Pattern[str]:
    months = "|".join(sorted(map(re.escape, i18n.months()), key=len, reverse=True))
    weekdays = "|".join(sorted(map(re.escape, i18n.weekdays()), key=len, reverse=True))
    return re.compile(
        rf"(?:\b(?P<weekday>{weekdays}),?\s+(?:the\s+|den\s+|dem\s+|le\s+)?)?(?:"
        r"\b(?P<y1>\d{4})-(?P<m1>\d{2})-(?P<d1>\d{2})\b(?P<iso>)"
        r"|\b(?P<d2>\d{1,2})[./](?P<m2>\d{1,2})[./](?P<y2>\d{4})\b(?P<figures>)"
        rf"|\b(?P<d3>\d{{1,2}})(?:\.|st|nd|rd|th|er)?\s+(?:of\s+)?(?P<m3>{months})\b\.?"
        r"(?:,?\s+(?P<y3>\d{4})\b)?(?P<words>)"
        rf"|\b(?P<m4>{months})\s+(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y4>\d{{4}})\b)?"
        r"(?P<american>))",
        re.IGNORECASE,
    )
