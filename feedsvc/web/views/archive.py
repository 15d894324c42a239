"""The archive of news: years, their months, and how much there is in each. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from feedsvc import urls
from feedsvc.content.filters import Filter
from feedsvc.web.views.reader import Reader


@dataclass(frozen=True)
class Time:
    """A year or a month: its name, the list of it, and whether that is the one shown."""

    name: str
    count: int
    address: str
    is_shown: bool


@dataclass(frozen=True)
class Year:
    """A year and those of its months that have news."""

    year: Time
    months: tuple[Time, ...]


def years(
    found: Sequence[tuple[int, int, int]], wanted: Filter, list_path: str, reader: Reader
) -> tuple[Year, ...]:
    """`found` are (year, month, number), the newest first. Nothing where there is one month only."""
    if len(found) < 2:
        return ()

    def time(name: str, value: str, count: int) -> Time:
        query = replace(wanted, published=value, kind=None).pairs()
        address = reader.path(urls.with_query(list_path, query))
        return Time(name, count, address, wanted.published == value)

    return tuple(
        Year(
            time(str(year), str(year), sum(number for *_, number in months)),
            tuple(
                time(_name(year, month, reader), f"{year}-{month:02}", number)
                for _, month, number in reversed(months)
            ),
        )
        for year, months in ((key, list(rows)) for key, rows in groupby(found, lambda row: row[0]))
    )


def _name(year: int, month: int, reader: Reader) -> str:
    return reader.language.month(dt.date(year, month, 1), year=False)
