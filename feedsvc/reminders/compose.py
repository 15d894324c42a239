"""Write the reminder itself: the fact first, then what to do, why it came and how to end it.

What is the same for many readers is rendered once, with marks where a reader's own links belong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from feedsvc import markup, urls
from feedsvc.calls import calendar, dates, words
from feedsvc.calls import rules as call_rules
from feedsvc.calls.calendar import DateEvent
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import rules as entry_rules
from feedsvc.content import workdays
from feedsvc.content.workdays import PLACES, Ahead
from feedsvc.i18n import Language, language
from feedsvc.mail import rendering
from feedsvc.reminders import occasions, phrases, rules
from feedsvc.reminders.models import Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions.queries import Followed
from feedsvc.urls import Site

KIND = "reminder"
MOST_SHOWN = 45  # calls in one mail; more are counted, and linked as a list
# Gmail cuts a mail at about 102 kB of HTML, and with it the links that end it. So titles are
# shortened to so many characters, and only the first calls have a leaf of a calendar.
TITLE, WITH_LEAF = 160, 15
MANAGE, STOP_ALL = "@@manage@@", "@@stop-all@@"


@dataclass(frozen=True)
class Told:
    """One deadline as the mail says it, ready in one language.

    `headline` is the fact (`Closes in 7 days`), `when` the date with its zone, `elsewhere` the
    reader's own time where that differs. `language` is set where the title is in another one.
    `ready` says by when a reader who wants to be ready earlier is to be.
    `mute` is the mark of the link to hear no more of the call, `leaf` whether its date is drawn.
    """

    headline: str
    title: str
    language: str
    url: str
    when: str
    elsewhere: str
    ready: str
    funding: str
    note: str
    month: str
    day: str
    hour: str
    short: str
    mute: str = ""
    leaf: bool = True
    fit: str = ""


@dataclass(frozen=True)
class Draft:
    """A mail for all readers who get the same, with marks for what is each one's own.

    `mutes` are the uids of the calls that have a link to hear no more of them, in their order.
    `bulk` mail can wait.
    """

    subject: str
    text: str
    html: str
    calendar: bytes
    mutes: tuple[str, ...] = ()
    bulk: bool = False


def stop_mark(number: int) -> str:
    """Where the link goes that ends the subscription with that number in the list."""
    return f"@@stop-{number}@@"


def mute_mark(number: int) -> str:
    """Where the link goes by which a reader hears no more of the call with that number."""
    return f"@@mute-{number}@@"


def draft(
    due: Sequence[Occasion],
    because: Sequence[Followed],
    *,
    code: str,
    reader_zone: str,
    ahead: Ahead | None = None,
    settings: Settings,
    at: datetime,
    fits: Mapping[int, str] | None = None,
) -> Draft:
    """The mail about these occasions, nearest deadline first, as it reads when it leaves at `at`.

    With `ahead` it names the day by which to be ready for each, and the calendar holds it. `fits`
    says by call why it fits the reader.
    """
    said = language(code)
    zone = rules.reader_zone(reader_zone)
    shown = due[:MOST_SHOWN]
    told = [
        replace(
            _told(one, said, zone, settings, at),
            ready=_ready(one.key_date, ahead, said, at),
            mute=mute_mark(number),
            leaf=number < WITH_LEAF,
            fit=(fits or {}).get(one.call_id, ""),
        )
        for number, one in enumerate(shown)
    ]
    subject = _subject(told, len(due), said)
    rendered = rendering.render(
        "feedsvc.reminders",
        text="reminders/reminder.txt",
        html="reminders/reminder.html",
        language=said,
        settings=settings,
        subject=subject,
        told=told,
        more=len(due) - len(told),
        calls_url=Site.of(settings).absolute("/calls/", code),
        because=[(row, stop_mark(number)) for number, row in enumerate(because)],
        manage_url=MANAGE,
        stop_url=STOP_ALL,
    )
    return Draft(
        subject, rendered.text, rendered.html, _calendar(shown, ahead, said, settings),
        mutes=tuple(one.call.uid for one in shown),
    )  # fmt: skip


def _told(
    occasion: Occasion,
    said: Language,
    zone: ZoneInfo,
    settings: Settings,
    at: datetime,
) -> Told:
    call, key_date = occasion.call, occasion.key_date
    shown = entry_rules.localised(call.translations, said.code, settings.languages)
    return Told(
        headline=_headline(key_date, said, at),
        title=markup.shortened(shown.text.title, TITLE),
        language=shown.language if shown.is_fallback else "",
        url=url(call, said, settings),
        when=words.moment(key_date, said),
        elsewhere=phrases.elsewhere(key_date, said, zone),
        ready="",
        funding=words.funding(call, said),
        note=_note(call, key_date, said),
        month=said.month(key_date.local_date, year=False),
        day=str(key_date.local_date.day),
        hour=phrases.hour(key_date, said),
        short=phrases.short(key_date, said),
    )


def _headline(key_date: KeyDate, said: Language, at: datetime) -> str:
    """`Closes in 7 days`, `First stage closes tomorrow`."""
    what = words.key_date_name(key_date, said)
    days = rules.days_left(occasions.deadline_of(key_date), at)
    if days <= 0:
        return said.gettext("%(what)s today", what=what)
    if days == 1:
        return said.gettext("%(what)s tomorrow", what=what)
    return said.ngettext("%(what)s in %(n)s day", "%(what)s in %(n)s days", days, what=what)


def _ready(key_date: KeyDate, ahead: Ahead | None, said: Language, at: datetime) -> str:
    """`Your internal deadline: Thursday 23 April 2026 (5 working days before, Luxembourg)`."""
    if ahead is None or not key_date.is_deadline or not call_rules.names_a_day(key_date.precision):
        return ""
    day = workdays.before(key_date.local_date, ahead).day
    values = {"day": said.date(day, weekday=True), "place": said.gettext(PLACES[ahead.place])}
    if day < at.astimezone(dates.zone(key_date.zone)).date():
        return said.ngettext(
            "Your internal deadline was %(day)s (%(n)s working day before, %(place)s)",
            "Your internal deadline was %(day)s (%(n)s working days before, %(place)s)",
            ahead.days,
            **values,
        )
    return said.ngettext(
        "Your internal deadline: %(day)s (%(n)s working day before, %(place)s)",
        "Your internal deadline: %(day)s (%(n)s working days before, %(place)s)",
        ahead.days,
        **values,
    )


def _note(call: Call, key_date: KeyDate, said: Language) -> str:
    if key_date.type == "stage_2":
        return said.gettext("For applicants whose first stage was accepted.")
    if key_date.type == "opens":
        closes = call_rules.next_deadline(call.key_dates, key_date.utc_at)
        return said.gettext("Deadline: %(when)s", when=words.moment(closes, said)) if closes else ""
    return ""


def _subject(told: Sequence[Told], total: int, said: Language) -> str:
    first = told[0]
    fact = said.gettext(
        "%(fact)s: %(title)s (%(when)s)", fact=first.headline, title=first.title, when=first.short
    )
    if total == 1:
        return fact
    more = said.ngettext("+ %(n)s more", "+ %(n)s more", total - 1)
    return f"{fact} {more}"


def url(call: Call, said: Language, settings: Settings) -> str:
    """The page of the call in that language."""
    shown = entry_rules.localised(call.translations, said.code, settings.languages)
    return Site.of(settings).absolute(urls.call(shown.text.slug), said.code)


def _calendar(
    due: Sequence[Occasion], ahead: Ahead | None, said: Language, settings: Settings
) -> bytes:
    events: list[DateEvent] = []
    for one in due:
        shown = entry_rules.localised(one.call.translations, said.code, settings.languages)
        title = shown.text.title
        event = calendar.date_event(
            one.call, one.key_date, title=title, url=url(one.call, said, settings), language=said
        )
        events += calendar.with_days_ahead([event], title, ahead, said)
    return calendar.calendar_bytes(settings.named(said.code), events, language=said.code)
