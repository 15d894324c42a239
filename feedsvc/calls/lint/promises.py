"""Whether the texts of a call say what its fields say: the deadline, the money. Pure.

Readers believe the text, mails and calendars go by the fields: where the two differ somebody is
told a wrong one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from feedsvc.calls import dates, rules
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.lint import amounts, days
from feedsvc.calls.lint.amounts import CAP, Promised
from feedsvc.calls.lint.days import Due
from feedsvc.calls.lint.key_dates import Weekday
from feedsvc.content.lint import texts
from feedsvc.content.lint.finding import Finding, Money, note, warning
from feedsvc.i18n import N_

CORRECT = N_("Readers believe the text, mails and calendars the field: correct one of the two.")


def of(edit: CallEdit) -> Iterator[Finding]:
    for code, text in edit.texts.items():
        for name, plain in texts.parts(text):
            place = f"texts.{code}.{name}"
            for amount in amounts.promised(plain):
                yield from _amount(place, amount, edit)
            for share in amounts.shares(plain):
                yield from _share(place, share, edit)
            for due in days.due(plain):
                yield from _day(place, due, edit)


def _amount(place: str, said: Promised, edit: CallEdit) -> Iterator[Finding]:
    held = {edit.award_max, edit.award_min, edit.total_budget}
    if said.currency != edit.currency or said.amount in held:
        return
    field = edit.award_max if said.what == CAP else edit.total_budget
    if field is None:
        yield note(
            "award_max" if said.what == CAP else "total_budget",
            N_("The text says “%(words)s”, the field is empty.") if said.what == CAP
            else N_("The text says “%(words)s” of the budget, the field is empty."),
            N_("Fill it in: searches, feeds and mails go by the field."),
            words=said.words,
        )  # fmt: skip
        return
    severe = note if said.what == CAP and said.amount < field else warning
    yield severe(
        place,
        N_("The text says “%(words)s”, the funding cap is %(amount)s.") if said.what == CAP
        else N_("The text says “%(words)s”, the total budget is %(amount)s."),
        CORRECT,
        words=said.words, amount=Money(field, edit.currency),
    )  # fmt: skip


def _share(place: str, said: amounts.Share, edit: CallEdit) -> Iterator[Finding]:
    most = edit.cofinancing_max if edit.cofinancing_max is not None else edit.cofinancing_min
    if most is not None and most < said.percent <= 100:
        yield warning(
            place,
            N_("The text says “%(words)s”, the field %(rate)s percent."),
            CORRECT,
            words=said.words, rate=most,
        )  # fmt: skip


def _day(place: str, said: Due, edit: CallEdit) -> Iterator[Finding]:
    if said.date and said.weekday is not None and said.weekday != said.date.weekday():
        yield warning(
            place,
            N_("The text says “%(words)s”, the calendar %(day)s."),
            N_("Correct the day or the weekday."),
            words=said.words, day=Weekday(said.date),
        )  # fmt: skip
        return
    right = [date for date in edit.key_dates if rules.is_right(date)]
    ends = [date for date in right if date.type in dates.DEADLINE_TYPES]
    known = [date for date in right if rules.names_a_day(date.precision)]
    same = [date for date in known if said.names(date.date)]
    if not same and ends and not any(_within(said, date) for date in right):
        yield (warning if said.is_sure else note)(
            place,
            N_("The text says “%(words)s”, which is none of the key dates."),
            CORRECT,
            words=said.words,
        )
    elif same and said.time is not None and not _has_time(said.time, [d.time for d in same]):
        yield warning(
            place,
            N_("The text says %(time)s on %(day)s, the key date %(other)s."),
            CORRECT,
            time=said.time, day=same[0].date, other=same[0].time,
        )  # fmt: skip


def _has_time(time: dt.time, times: list[dt.time | None]) -> bool:
    """Whether one of the dates has that time, or none that could differ."""
    return time in times or not any(times)


def _within(said: Due, date: KeyDateEdit) -> bool:
    """Whether a date of which only month or quarter is known may be that day."""
    first, after = dates.span(date.date, date.precision)
    return said.date is not None and first <= said.date < after
