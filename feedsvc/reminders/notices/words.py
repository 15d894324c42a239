"""What has happened to a call, as mails say it: a fact for the subject line, lines for the text. Pure.

The subject says the new date with its zone, and of the old one what is different about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from feedsvc.calls import dates, event_words, words
from feedsvc.calls.events import DateFact
from feedsvc.calls.net import Change
from feedsvc.i18n import N_, Language
from feedsvc.reminders import phrases
from feedsvc.reminders.phrases import Dated

DEADLINE = {
    "date_extended": N_("Deadline extended to %(new)s (was %(old)s)"),
    "date_brought_forward": N_("Deadline brought forward to %(new)s (was %(old)s)"),
    "time_changed": N_("Deadline now %(new)s (was %(old)s)"),
    "reopened": N_("Open again until %(new)s (was %(old)s)"),
    "date_confirmed": N_("Deadline confirmed: %(new)s"),
    "date_estimated": N_("Deadline no longer certain: %(new)s"),
    "date_set": N_("New deadline: %(new)s"),
    "date_removed": N_("The deadline of %(old)s no longer applies"),
}
OPENING = {
    "date_extended": N_("Opening postponed to %(new)s (was %(old)s)"),
    "date_brought_forward": N_("Opening brought forward to %(new)s (was %(old)s)"),
    "time_changed": N_("Opening now %(new)s (was %(old)s)"),
    "date_confirmed": N_("Opening confirmed: %(new)s"),
    "date_estimated": N_("Opening no longer certain: %(new)s"),
    "date_set": N_("Opening announced: %(new)s"),
    "date_removed": N_("The opening of %(old)s no longer applies"),
}
NAMED = {
    "date_extended": N_("%(name)s: extended to %(new)s (was %(old)s)"),
    "date_brought_forward": N_("%(name)s: brought forward to %(new)s (was %(old)s)"),
    "time_changed": N_("%(name)s: now %(new)s (was %(old)s)"),
    "reopened": N_("%(name)s: now %(new)s (was %(old)s)"),
    "date_confirmed": N_("%(name)s: confirmed, %(new)s"),
    "date_estimated": N_("%(name)s: no longer certain, %(new)s"),
    "date_set": N_("%(name)s: now %(new)s"),
    "date_removed": N_("%(name)s: %(old)s no longer applies"),
}
STAYS = ("date_confirmed", "date_estimated")  # where it was
PASSED = N_("Closed since %(new)s (was open until %(old)s)")


@dataclass(frozen=True)
class Line:
    """One change, ready in one language; what a kind of change has not is empty.

    `month`, `day` and `hour` are those of a calendar leaf. `left` says how long there is to go.
    """

    head: str
    now: str = ""
    was: str = ""
    elsewhere: str = ""
    left: str = ""
    month: str = ""
    day: str = ""
    hour: str = ""


def fact(change: Change, currency: str, said: Language, at: datetime) -> str:
    """`Deadline extended to 12 May 2026, 17:00 Luxembourg time (was 30 April)`."""
    if change.was is None and change.now is None:
        told = event_words.values(change, currency, said)
        head = said.gettext(event_words.head(change))
        if change.type == "eligibility_changed" or not told:
            return head
        return words.labelled(head, told, said)
    return said.gettext(
        _pattern(change, at),
        name=name(change, said),
        new=_new(change.now, said),
        old=_old(change, said),
    )


def line(change: Change, currency: str, said: Language, zone: ZoneInfo, at: datetime) -> Line:
    """The same at length. `zone` is the reader's, `at` when the mail leaves."""
    head = said.gettext(event_words.head(change))
    if change.was is None and change.now is None:
        return Line(head, now=event_words.values(change, currency, said))
    was = words.moment(change.was, said) if change.was and change.type not in STAYS else ""
    if not is_plain(change):
        head = words.labelled(head, name(change, said), said)
    if change.now is None:
        return Line(head, was=was)
    return of_date(change.now, head, said, zone, at, was=was)


def of_date(
    date: Dated, head: str, said: Language, zone: ZoneInfo, at: datetime, *, was: str = ""
) -> Line:
    """A date with its calendar leaf, if it names a day."""
    shown = Line(head, now=words.moment(date, said), was=was)
    if date.precision not in ("minute", "day"):
        return shown
    return Line(
        shown.head,
        shown.now,
        was,
        elsewhere=phrases.elsewhere(date, said, zone),
        left=_left(date, said, at),
        month=said.month(date.local_date, year=False),
        day=str(date.local_date.day),
        hour=phrases.hour(date, said),
    )


def name(change: Change, said: Language) -> str:
    """What the date is called: `First stage closes`."""
    date = change.now or change.was
    return words.key_date_name(date, said) if date else ""


def is_plain(change: Change) -> bool:
    """Whether it is *the* deadline or *the* opening, which need no name."""
    date = change.now or change.was
    return date is not None and date.type in event_words.UNNAMED and not date.labels


def _pattern(change: Change, at: datetime) -> str:
    date = change.now or change.was
    if not is_plain(change):
        return NAMED[change.type]
    if date is not None and date.type == "opens":
        return OPENING[change.type]
    if change.type == "date_brought_forward" and change.now and change.now.utc_at <= at:
        return PASSED
    return DEADLINE[change.type]


def _new(date: DateFact | None, said: Language) -> str:
    if date is None:
        return ""
    if date.precision in ("minute", "day"):
        when = (
            phrases.short(date, said)
            if date.is_deadline or date.local_time
            else said.date(date.local_date)
        )
    else:
        when = words.day(date.local_date, date.precision, said)
    if date.certainty == "estimated":
        return said.gettext("expected %(when)s", when=when)
    return when


def _old(change: Change, said: Language) -> str:
    """Of the old date what is not the same in the new one."""
    was, now = change.was, change.now
    if was is None:
        return ""
    if now is None or was.precision not in ("minute", "day"):
        return words.day(was.local_date, was.precision, said)
    hours = (was.local_time, was.zone) != (now.local_time, now.zone)
    if was.local_date == now.local_date:
        return _time(was, now, said)
    day = said.date(was.local_date, year=was.local_date.year != now.local_date.year)
    return f"{day}, {_time(was, now, said)}" if hours else day


def _time(was: DateFact, now: DateFact, said: Language) -> str:
    time = said.time(was.local_time) if was.local_time else said.gettext("end of day")
    return time if was.zone == now.zone else f"{time} {said.zone(was.zone)}"


def _left(date: Dated, said: Language, at: datetime) -> str:
    """True whenever it is read: it names the day from which it counts."""
    if not date.is_deadline or date.certainty == "estimated" or date.utc_at <= at:
        return ""
    today = at.astimezone(dates.zone(date.zone)).date()
    days = (date.local_date - today).days
    if days <= 0:
        return said.gettext("That is today, %(day)s.", day=said.date(today))
    return said.ngettext(
        "From %(day)s, that leaves %(n)s day.",
        "From %(day)s, that leaves %(n)s days.",
        days,
        day=said.date(today, year=False),
    )
