"""Short dates and times are those of the languages' own rules."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime

from feedsvc.i18n import LOCALES, language

MOMENTS = (datetime(2026, 3, 1, 23, 5, tzinfo=UTC), datetime(1999, 12, 31, 12, tzinfo=UTC))


@pytest.mark.parametrize("code", LOCALES)
@pytest.mark.parametrize("zone", ["Europe/Luxembourg", "America/New_York"])
def test_a_stamp_is_what_the_language_writes(code: str, zone: str) -> None:
    said, there = language(code), ZoneInfo(zone)
    for at in MOMENTS:
        written = format_datetime(at, "short", tzinfo=there, locale=said.locale)
        assert said.stamp(at, there) == written
