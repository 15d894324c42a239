"""Dates as mails say them: short for a subject line, on a calendar leaf, in the reader's own time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from feedsvc.calls.events import DateFact
from feedsvc.calls.models import WrittenDate
from feedsvc.i18n import AOE, Language

Dated = WrittenDate | DateFact


def short(key_date: Dated, said: Language) -> str:
    """The date for the subject line: `30 April 2026, 17:00 Luxembourg time`."""
    day, zone = said.date(key_date.local_date), said.zone(key_date.zone)
    if key_date.local_time is None and not key_date.is_deadline:
        return day
    if key_date.local_time is None:
        return said.gettext("%(day)s, end of day, %(zone)s", day=day, zone=zone)
    time = said.time(key_date.local_time)
    return said.gettext("%(day)s, %(time)s %(zone)s", day=day, time=time, zone=zone)


def hour(key_date: Dated, said: Language) -> str:
    """What stands below the day on a calendar leaf: `Thu 17:00`."""
    weekday = said.weekday_short(key_date.local_date)
    if key_date.local_time is None:
        return weekday
    return f"{weekday} {said.time(key_date.local_time)}"


def elsewhere(key_date: Dated, said: Language, zone: ZoneInfo) -> str:
    """The reader's own time, unless their clock shows the same as that of the deadline."""
    if key_date.local_time is None and key_date.zone != AOE:
        return ""
    local = key_date.utc_at.astimezone(zone)
    written = (key_date.local_date, key_date.local_time)
    if (local.date(), local.time()) == written:
        return ""
    when = said.instant(key_date.utc_at, zone)
    return said.gettext("That is %(when)s, %(zone)s.", when=when, zone=said.zone(zone.key))
