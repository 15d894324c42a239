"""What may be amiss in the key dates of a call. Pure.

What no date can be (an hour that summer time skips) `calls.rules` refuses; here it is about what
can be and is seldom meant: midnight, a holiday, the past, a call open for a week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from feedsvc.calls import dates, rules
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.words import KEY_DATE_NAMES
from feedsvc.content import workdays
from feedsvc.content.lint.finding import Finding, note, warning
from feedsvc.i18n import N_, Language

PLACES = ("LU", "FR", "DE", "BE")  # whose public holidays count
SATURDAY = 5
# 2 CFR 200.204: at least 60 days, never less than 30 unless there is no other way.
LEAST_OPEN = dt.timedelta(days=30)
STAGES = ("stage_1", "stage_2")
MIDNIGHT = dt.time()


@dataclass(frozen=True)
class Name:
    """A key date as the editor calls it, or as its type is called."""

    date: KeyDateEdit

    def said(self, language: Language) -> str:
        own = self.date.labels.get(language.code, "")
        return own or language.gettext(KEY_DATE_NAMES.get(self.date.type, self.date.type))


@dataclass(frozen=True)
class Weekday:
    day: dt.date

    def said(self, language: Language) -> str:
        return language.date(self.day, weekday=True)


@dataclass(frozen=True)
class Holiday:
    """A public holiday with the countries that keep it: `Ascension Day (Luxembourg and France)`."""

    day: dt.date
    places: tuple[str, ...]

    def said(self, language: Language) -> str:
        countries = language.list([language.place(place) for place in self.places])
        name = workdays.name(self.day, self.places[0], language.code)
        return f"{name} ({countries})" if name else countries


def of(edit: CallEdit, *, now: dt.datetime, public_since: dt.datetime | None) -> Iterator[Finding]:
    """`public_since` is None for a call that nobody can see yet."""
    for number, date in enumerate(edit.key_dates):
        if rules.is_right(date):
            yield from _one(f"key_dates.{number}", date, now=now, is_public=bool(public_since))
    yield from _length(edit.key_dates, public_since or now)
    yield from _model(edit)


def _one(place: str, date: KeyDateEdit, *, now: dt.datetime, is_public: bool) -> Iterator[Finding]:
    if date.type in dates.DEADLINE_TYPES:
        yield from _past(place, date, now=now, is_public=is_public)
        yield from _midnight(place, date)
        yield from _day_off(place, date)
        yield from _expected(place, date)
    yield from _twice(place, date)


def _past(place: str, date: KeyDateEdit, *, now: dt.datetime, is_public: bool) -> Iterator[Finding]:
    """A call that is public has its past; a date that is new in it has none."""
    if (not is_public or date.uid is None) and rules.written_instant(date) <= now:
        yield warning(
            f"{place}.date",
            N_("“%(name)s” is in the past: %(day)s."),
            N_("Is the year right?"),
            name=Name(date), day=Weekday(date.date),
        )  # fmt: skip


def _midnight(place: str, date: KeyDateEdit) -> Iterator[Finding]:
    if date.time == MIDNIGHT:
        yield warning(
            f"{place}.time",
            N_("“%(name)s” is at 00:00, the very beginning of %(day)s."),
            N_("Many take it for the night after: write 23:59 of the day that is meant, or leave the time out."),
            name=Name(date), day=Weekday(date.date),
        )  # fmt: skip


def _day_off(place: str, date: KeyDateEdit) -> Iterator[Finding]:
    if not rules.names_a_day(date.precision):
        return
    if date.date.weekday() >= SATURDAY:
        yield warning(
            f"{place}.date",
            N_("“%(name)s” falls on a weekend: %(day)s."),
            N_("Nobody answers questions then: a weekday is kinder."),
            name=Name(date), day=Weekday(date.date),
        )  # fmt: skip
    keeping = tuple(p for p in PLACES if workdays.is_holiday(date.date, p))
    if keeping:
        at_home = warning if keeping[0] == PLACES[0] else note
        yield at_home(
            f"{place}.date",
            N_("“%(name)s” falls on a public holiday: %(holiday)s."),
            N_("Nobody answers questions then: a working day is kinder."),
            name=Name(date), holiday=Holiday(date.date, keeping),
        )  # fmt: skip


def _expected(place: str, date: KeyDateEdit) -> Iterator[Finding]:
    if date.certainty == "estimated" and rules.names_a_day(date.precision):
        yield note(
            f"{place}.certainty",
            N_("“%(name)s” is expected only: %(day)s."),
            N_("Nobody is reminded of it: confirm it once it is certain."),
            name=Name(date), day=Weekday(date.date),
        )  # fmt: skip


def _twice(place: str, date: KeyDateEdit) -> Iterator[Finding]:
    if date.time is None:
        return
    local = dt.datetime.combine(date.date, date.time, dates.zone(date.zone))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        yield note(
            f"{place}.time",
            N_("Clocks show %(time)s twice on this day (summer time ends)."),
            N_("The first of the two is meant here: another time leaves no doubt."),
            time=date.time,
        )


def _length(key_dates: Sequence[KeyDateEdit], seen_from: dt.datetime) -> Iterator[Finding]:
    """How long applicants have, from the opening (or from when they can know) to the first end."""
    known = [
        (number, date, rules.written_instant(date))
        for number, date in enumerate(key_dates)
        if rules.is_right(date) and rules.names_a_day(date.precision)
    ]
    ends = [row for row in known if row[1].type in dates.DEADLINE_TYPES and row[1].mandatory]
    opening = rules.opens_at((date.type, at) for _, date, at in known)
    if not ends:
        return
    number, date, at = min(ends, key=lambda row: row[2])
    begins = opening if opening is not None and opening < at else seen_from
    if begins < at < begins + LEAST_OPEN:
        yield warning(
            f"key_dates.{number}.date",
            N_("“%(name)s” leaves %(days)s days from the opening."),
            N_("Applicants need 30 days at least; give them more, or publish earlier."),
            name=Name(date), days=(at - begins).days,
        )  # fmt: skip


def _model(edit: CallEdit) -> Iterator[Finding]:
    kinds = [date.type for date in edit.key_dates]
    if edit.deadline_model == "two_stage" and not set(STAGES) <= set(kinds):
        yield note(
            "key_dates",
            N_("The call has two stages, but not a date for each."),
            N_("Add when the first and when the second stage closes."),
        )
    needs_opening = edit.deadline_model not in rules.MODELS_WITHOUT_DEADLINE
    if needs_opening and "opens" not in kinds:
        yield note(
            "key_dates",
            N_("It does not say when it opens."),
            N_("It counts as open from its publication on: add the day if it is another one."),
        )
