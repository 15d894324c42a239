"""The calendar leaf and the badge of a call: its date and its status, each in a few words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date

from feedsvc.calls import dates, rules
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.words import STATUS_NAMES
from feedsvc.i18n import N_
from feedsvc.web.views.reader import Reader

TONES = {"open": "open", "closing_soon": "soon", "forecast": "next"}
# A card says less than a filter: that a call closed long ago is no news.
OTHER_STATUS_NAMES = {
    "archived": N_("Closed"),
    "draft": N_("Draft"),
    "scheduled": N_("Scheduled"),
    "withdrawn": N_("Withdrawn"),
}


@dataclass(frozen=True)
class Leaf:
    """A page torn from a calendar: a line, a figure, a line. `tone` is open|soon|next|shut."""

    top: str
    big: str
    bottom: str
    tone: str


@dataclass(frozen=True)
class Badge:
    """A status in words; `tone` gives it a shape and a colour as well."""

    text: str
    tone: str


def status(call: Call, reader: Reader) -> str:
    return rules.status(call, reader.now, closing_soon_days=reader.closing_soon_days)


def shown_date(call: Call, word: str, reader: Reader) -> KeyDate | None:
    """The date that matters now: the opening, the next deadline, or the last one."""
    if word == "forecast":
        opening = next((d for d in call.key_dates if d.type == "opens"), None)
        return opening or rules.next_deadline(call.key_dates, reader.now)
    upcoming = rules.next_deadline(call.key_dates, reader.now)
    return upcoming or next(reversed(rules.deadlines(call.key_dates)), None)


def leaf(call: Call, reader: Reader) -> Leaf:
    word = status(call, reader)
    tone = TONES.get(word, "shut")
    shown = shown_date(call, word, reader)
    if shown is None:
        return _undated(word, tone, reader)
    day, say = shown.local_date, reader.language
    if shown.precision not in ("minute", "day"):
        return Leaf(str(day.year), _vague(shown, reader), _below_vague(shown, word, reader), tone)
    far = day.year != _today(shown, reader).year
    month = say.month_short(day, year=True) if far else say.month(day, year=False)
    if word == "forecast" and shown.type == "opens":
        month = reader.say(N_("opens %(month)s"), month=month)
    return Leaf(month, str(day.day), _below(shown, word, reader), tone)


def badge(call: Call, reader: Reader) -> Badge:
    """The status; near its next date a call says how many days are left instead."""
    word = status(call, reader)
    tone = TONES.get(word, "shut")
    shown = shown_date(call, word, reader)
    if word in ("closing_soon", "forecast") and shown is not None:
        return Badge(distance(shown, reader), tone)
    return Badge(status_name(word, reader), tone)


def status_name(word: str, reader: Reader) -> str:
    return reader.say(OTHER_STATUS_NAMES.get(word) or STATUS_NAMES[word])


def distance(shown: KeyDate, reader: Reader) -> str:
    """How far a coming date is, in days of its own zone: `Closes in 12 days`."""
    if shown.precision not in ("minute", "day"):
        return _vague_distance(shown, reader)
    days = (shown.local_date - _today(shown, reader)).days
    if shown.type == "opens":
        return _opening(days, reader)
    if days <= 0:
        return reader.say(N_("Closes today"))
    if days == 1:
        return reader.say(N_("Closes tomorrow"))
    return reader.ngettext("Closes in %(n)s day", "Closes in %(n)s days", days)


def days_left(shown: KeyDate, reader: Reader) -> str:
    """The distance as the panel of a call says it: `12 days left`."""
    days = (shown.local_date - _today(shown, reader)).days
    if shown.precision not in ("minute", "day"):
        return _vague_distance(shown, reader)
    if days <= 0:
        return reader.say(N_("Last day: today"))
    return reader.ngettext("%(n)s day left", "%(n)s days left", days)


def machine_date(date: KeyDate) -> str:
    """For `<time datetime>`: an instant in UTC, a day, a month or a year."""
    if date.precision == "year":
        return f"{date.local_date:%Y}"
    if date.precision in ("month", "quarter"):
        return f"{date.local_date:%Y-%m}"
    if date.local_time is None:
        return date.local_date.isoformat()
    return date.utc_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _opening(days: int, reader: Reader) -> str:
    if days <= 0:
        return reader.say(N_("Opens today"))
    if days == 1:
        return reader.say(N_("Opens tomorrow"))
    return reader.ngettext("Opens in %(n)s day", "Opens in %(n)s days", days)


def _vague_distance(shown: KeyDate, reader: Reader) -> str:
    opens = shown.type == "opens"
    return reader.say(N_("Opens later") if opens else N_("Closing date to be confirmed"))


def _today(shown: KeyDate, reader: Reader) -> date:
    return reader.now.astimezone(dates.zone(shown.zone)).date()


def _below(shown: KeyDate, word: str, reader: Reader) -> str:
    if word in ("closed", "archived", "cancelled", "suspended"):
        return status_name(word, reader).lower()
    weekday = reader.language.weekday_short(shown.local_date)
    if shown.certainty == "estimated":
        return reader.say(N_("expected"))
    if shown.local_time is None:
        return weekday
    return f"{weekday} {reader.language.time(shown.local_time)}"


def _below_vague(shown: KeyDate, word: str, reader: Reader) -> str:
    if word == "forecast" and shown.type == "opens":
        return reader.say(N_("opening"))
    return reader.say(N_("expected"))


def _vague(shown: KeyDate, reader: Reader) -> str:
    if shown.precision == "month":
        return reader.language.month_short(shown.local_date)
    if shown.precision == "quarter":
        return reader.say(N_("Q%(n)s"), n=(shown.local_date.month + 2) // 3)
    return "…"


def _undated(word: str, tone: str, reader: Reader) -> Leaf:
    if word == "open":
        return Leaf(reader.say(N_("Open")), "∞", reader.say(N_("any time")), tone)
    if word == "forecast":
        return Leaf(reader.say(N_("Dates")), "…", reader.say(N_("to come")), tone)
    return Leaf(status_name(word, reader), "–", reader.say(N_("no date")), tone)
