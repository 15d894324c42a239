"""Key dates as iCalendar (RFC 5545, RFC 7986). Pure: the same events are the same bytes.

1. A deadline with a time *ends* at the deadline: it is drawn as the half hour before it.
2. A day without a time is an all-day event, never midnight of some zone.
3. A zone is sent as VTIMEZONE with two yearly rules where these say the truth (`calls.zones`);
   otherwise, and for Anywhere on Earth, the event is in UTC and the text names the local time.
   Long lists of transitions make some calendars refuse a file.
4. A date that was called off stays for a while with the status CANCELLED (`rules.in_calendars`).
5. Nothing here reads a clock: DTSTAMP and LAST-MODIFIED are the stored instants.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone

from feedsvc.calls import words, zones
from feedsvc.calls.models import Call, KeyDate, StruckDate, WrittenDate
from feedsvc.calls.rules import names_a_day
from feedsvc.content import workdays
from feedsvc.content.rules import updated
from feedsvc.content.workdays import Ahead
from feedsvc.i18n import AOE, Language
from feedsvc.markup import clean

PRODUCT = "-//feedsvc//Key dates of calls//EN"
# Fixed for ever and the same on every host, so that a move of the site doubles no event.
UID_SUFFIX = "@key-date.feedsvc"
READY = "-ready"  # behind the uid of a deadline: the day by which to be ready for it
BEFORE_DEADLINE = timedelta(minutes=30)
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class DateEvent:
    """One key date, its texts ready in one language.

    `at` is the instant for a date with a time, None for a whole day. `uid` is the key date's;
    `sequence` goes up whenever it moves; `updated_at` is when it was last written.
    """

    uid: str
    summary: str
    description: str = ""
    url: str = ""
    day: date
    at: datetime | None
    zone: str
    is_deadline: bool
    tentative: bool = False
    cancelled: bool = False
    sequence: int = 0
    updated_at: datetime
    categories: tuple[str, ...] = ()
    alarms: tuple[timedelta, ...] = ()  # before a deadline ends, or anything else begins


def in_calendar(date: WrittenDate) -> bool:
    """Whether the date names a day, so that a calendar can hold it."""
    return names_a_day(date.precision)


def date_event(
    call: Call,
    key_date: KeyDate,
    *,
    title: str,
    url: str,
    language: Language,
    alarms: tuple[timedelta, ...] = (),
    fit: Sequence[str] = (),
) -> DateEvent:
    """The event of one key date, in one language.

    `url` is the public page of the call; `fit` says, line by line, why it fits whom the calendar is for.
    """
    told = (key_date.updated_at, key_date.restored_at, updated(call))
    event = _event(
        key_date,
        (title, url, words.funding(call, language), *fit),
        language,
        cancelled=call.cancelled_at is not None,
        updated_at=max(at for at in told if at is not None),
    )
    rings = not event.cancelled and (key_date.is_deadline or key_date.type == "opens")
    return replace(event, alarms=alarms) if rings else event


def struck_event(date: StruckDate, *, title: str, url: str, language: Language) -> DateEvent:
    """The event of a date that no longer stands. `url` is where the call's page is, or was."""
    return _event(date, (title, url, ""), language, cancelled=True, updated_at=date.called_off_at)


def with_days_ahead(
    events: Sequence[DateEvent], title: str, ahead: Ahead | None, language: Language
) -> tuple[DateEvent, ...]:
    """The events of a call of that title, and a day before each deadline, if one is asked for."""
    if ahead is None:
        return tuple(events)
    return (*events, *(_ready(e, title, ahead, language) for e in events if e.is_deadline))


def _ready(deadline: DateEvent, title: str, ahead: Ahead, language: Language) -> DateEvent:
    """Its id is the deadline's: with another number of days it is the same event, moved."""
    name = language.gettext("Internal deadline")
    head = language.gettext("Cancelled: %(name)s", name=name) if deadline.cancelled else name
    told = language.ngettext(
        "%(n)s working day (%(place)s) before this:", "%(n)s working days (%(place)s) before this:",
        ahead.days, place=language.gettext(workdays.PLACES[ahead.place]),
    )  # fmt: skip
    return replace(
        deadline,
        uid=deadline.uid + READY,
        summary=words.labelled(head, title, language),
        description=f"{told}\n{deadline.description}",
        day=workdays.before(deadline.day, ahead).day,
        at=None,
    )


def _event(
    date: WrittenDate,
    call: tuple[str, ...],
    language: Language,
    *,
    cancelled: bool,
    updated_at: datetime,
) -> DateEvent:
    """`call` is its title, its page, its money in words, and lines that say why it fits."""
    title, url, money, *fit = call
    name = words.key_date_name(date, language)
    lines = [words.labelled(name, words.moment(date, language), language)]
    if money:
        lines.append(language.gettext("Funding: %(money)s", money=money))
    head = language.gettext("Cancelled: %(name)s", name=name) if cancelled else name
    return DateEvent(
        uid=date.uid,
        summary=words.labelled(head, title, language),
        description="\n".join([*lines, *fit, url]),
        url=url,
        day=date.local_date,
        at=date.utc_at if date.local_time is not None else None,
        zone=date.zone,
        is_deadline=date.is_deadline,
        tentative=date.certainty == "estimated",
        cancelled=cancelled,
        sequence=date.sequence,
        updated_at=updated_at,
    )


def calendar_bytes(
    name: str, events: Sequence[DateEvent], *, language: str, url: str = "", description: str = ""
) -> bytes:
    """A calendar file: CRLF, lines of 75 octets at most, and the zones that its events need."""
    needed = {event.zone for event in events if is_local(event)}
    head, tail = frame(name, needed, language=language, url=url, description=description)
    return head + b"".join(event_bytes(event) for event in events) + tail


def frame(
    name: str, needed: Collection[str], *, language: str, url: str = "", description: str = ""
) -> tuple[bytes, bytes]:
    """What stands before and after the events of a file that mentions the `needed` zones."""
    return _frame(name, tuple(sorted(needed)), language, url, description)


@lru_cache(maxsize=64)
def _frame(
    name: str, needed: Sequence[str], language: str, url: str, description: str
) -> tuple[bytes, bytes]:
    """Kept: it takes longer than the events of most files, and many files have the same."""
    calendar = Calendar()
    _calendar_head(calendar, clean(name), language, url, clean(description))
    for zone in needed:
        calendar.add_component(Timezone.from_ical(zones.vtimezone(zone)))
    tail = b"END:VCALENDAR\r\n"
    return bytes(calendar.to_ical()).removesuffix(tail), tail


def is_local(item: DateEvent) -> bool:
    """Whether the event is written in its zone's local time: the file needs that zone's rules."""
    if item.at is None or item.zone in (AOE, "UTC", "Etc/UTC"):
        return False
    return zones.holds(item.zone, item.day.year)


def _calendar_head(
    calendar: Calendar, name: str, language: str, url: str, description: str
) -> None:
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name, parameters={"LANGUAGE": language})
    calendar.add("x-wr-calname", name)
    if description:
        calendar.add("description", description, parameters={"LANGUAGE": language})
    if url:
        calendar.add("url", url)
    # A hint only: Google and Outlook keep their own pace.
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")


def event_bytes(item: DateEvent) -> bytes:
    """One VEVENT. It depends on the event alone, so that it can be kept."""
    event = Event()
    event.add("uid", item.uid + UID_SUFFIX)
    event.add("dtstamp", item.updated_at.astimezone(UTC))
    event.add("last-modified", item.updated_at.astimezone(UTC))
    event.add("sequence", item.sequence)
    start, end = _span(item, ZoneInfo(item.zone) if is_local(item) else UTC)
    event.add("dtstart", start)
    if end is not None:
        event.add("dtend", end)
    event.add("summary", clean(item.summary))
    if item.description:
        event.add("description", clean(item.description))
    if item.url:
        event.add("url", item.url)
    if item.categories:
        event.add("categories", [clean(name) for name in item.categories])
    event.add("status", _status(item))
    event.add("transp", "TRANSPARENT")
    for before in item.alarms:
        event.add_component(_alarm(item, before))
    return bytes(event.to_ical())


def _alarm(item: DateEvent, before: timedelta) -> Alarm:
    """A timed deadline ends its event, so the time is counted back from the end there."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", clean(item.summary))
    related = {"RELATED": "END"} if item.is_deadline and item.at is not None else {}
    alarm.add("trigger", -before, parameters=related)
    return alarm


def _span(item: DateEvent, zone: tzinfo) -> tuple[date, date | None]:
    if item.at is None:
        return item.day, item.day + timedelta(days=1)
    at = item.at.astimezone(zone)
    if item.is_deadline:
        # Counted back in UTC: on the day of a clock change local arithmetic would miss the hour.
        return (item.at.astimezone(UTC) - BEFORE_DEADLINE).astimezone(zone), at
    return at, None


def _status(item: DateEvent) -> str:
    if item.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if item.tentative else "CONFIRMED"
