"""Count working days back from a deadline, by the public holidays of a place. Pure.

An address says it as `workdays=5&holidays=LU`: five working days before each deadline, those of
Luxembourg. Saturdays, Sundays and public holidays do not count, nor does the day of the deadline.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import holidays

from feedsvc.errors import BadRequest
from feedsvc.i18n import N_

MOST = 60
USUAL = 5
# ISO 3166 codes: countries, and the neighbouring regions that have holidays of their own.
PLACES = {
    "LU": N_("Luxembourg"),
    "BE": N_("Belgium"),
    "FR": N_("France"),
    "FR-57": N_("France: Moselle and Alsace"),
    "DE": N_("Germany: holidays of all states"),
    "DE-RP": N_("Germany: Rhineland-Palatinate"),
    "DE-SL": N_("Germany: Saarland"),
}
SATURDAY = 5
SPOKEN = {"en": "en_US"}  # what the holidays package calls a language of ours
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Ahead:
    """How many working days before a deadline, and where those are counted."""

    days: int = USUAL
    place: str = "LU"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As an address says it."""
        return [("workdays", str(self.days)), ("holidays", self.place)]


@dataclass(frozen=True)
class Counted:
    """The day that was found, and the holidays on the way that did not count."""

    day: dt.date
    skipped: tuple[tuple[dt.date, str], ...]  # with their names, empty where none is known


def ahead(days: int | None, place: str) -> Ahead | None:
    """As it is kept; None where nobody asks for it."""
    return Ahead(days, place) if days else None


def parse(values: Mapping[str, str]) -> Ahead | None:
    """What the query string asks for; None if it asks for nothing. Raises: BadRequest."""
    days, place = values.get("workdays", ""), values.get("holidays", "")
    if not days and not place:
        return None
    if days and not (days.isascii() and days.isdigit() and 1 <= int(days[:4]) <= MOST):
        raise BadRequest(
            N_("“workdays” takes a number of working days from 1 to %(most)s, not “%(value)s”."),
            most=MOST, value=days[:60],
        )  # fmt: skip
    if place and place not in PLACES:
        raise BadRequest(
            N_("“%(value)s” is no place whose holidays are known. Choose from: %(known)s."),
            value=place[:60], known=", ".join(PLACES),
        )  # fmt: skip
    return Ahead(int(days) if days else USUAL, place or "LU")


def before(deadline: dt.date, ahead: Ahead, language: str = "en") -> Counted:
    """The day that is so many working days before the deadline's day."""
    day, left, skipped = deadline, ahead.days, []
    while left:
        day -= ONE_DAY
        if day.weekday() >= SATURDAY:
            continue
        if is_holiday(day, ahead.place):
            skipped.append((day, name(day, ahead.place, language)))
        else:
            left -= 1
    return Counted(day, tuple(reversed(skipped)))


def is_holiday(day: dt.date, place: str) -> bool:
    return day in _holidays(place, day.year)


def name(day: dt.date, place: str, language: str) -> str:
    """What the holiday is called in that language, here or at a neighbour; empty if nowhere."""
    places = (place, *(other for other in PLACES if other != place))
    named = (_holidays(other, day.year, SPOKEN.get(language, language)) for other in places)
    found = next((names[day] for names in named if day in names), "")
    return found.replace("Labor", "Labour")  # the package's English is American, ours British


@lru_cache(maxsize=200)
def _holidays(place: str, year: int, language: str | None = None) -> Mapping[dt.date, str]:
    """The holidays of a year; none if they have no names in the `language` that is asked for."""
    country, _, region = place.partition("-")
    found = holidays.country_holidays(country, subdiv=region or None, years=year, language=language)
    return {} if language and language not in found.supported_languages else dict(found)
