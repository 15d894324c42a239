"""Two instants in words, in the language of the page and the zone of the agency."""

from __future__ import annotations

from datetime import datetime

from feedsvc.i18n import N_
from feedsvc.web import context


def span(first: datetime, last: datetime) -> str:
    """`16 April 2026, 08:00 to 08:59`, in the agency's zone."""
    language, zone = context.lang(), context.zone()
    begun, ended = first.astimezone(zone), last.astimezone(zone)
    if begun.date() != ended.date():
        values = {"first": language.instant(first, zone), "last": language.instant(last, zone)}
        return language.gettext(N_("%(first)s to %(last)s"), **values)
    if (begun.hour, begun.minute) == (ended.hour, ended.minute):
        return language.instant(first, zone)
    return language.gettext(
        N_("%(first)s to %(last)s"),
        first=language.instant(first, zone),
        last=language.time(ended.time()),
    )
