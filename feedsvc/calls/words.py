"""Calls in words: what a key date, a status and the money are called in a language. Pure.

Feeds, calendars, mails and pages say these things alike because they all ask here.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from feedsvc.calls import rules
from feedsvc.calls.events import DateFact
from feedsvc.calls.models import Call, WrittenDate
from feedsvc.content import words
from feedsvc.i18n import N_, Language

KEY_DATE_NAMES = {
    "opens": N_("Opens"),
    "info_session": N_("Information session"),
    "questions_until": N_("Questions until"),
    "registration": N_("Registration"),
    "letter_of_intent": N_("Letter of intent due"),
    "stage_1": N_("First stage closes"),
    "stage_2": N_("Second stage closes"),
    "cut_off": N_("Cut-off date"),
    "submission": N_("Closes"),
    "interview": N_("Interviews"),
    "decision": N_("Decision"),
    "grant_agreement": N_("Grant agreements"),
    "project_start": N_("Projects start"),
    "project_end": N_("Projects end"),
}
# Beyond those that a reader can filter by.
STATUS_NAMES = {
    **words.STATUS_NAMES,
    "draft": N_("Draft"),
    "scheduled": N_("Scheduled"),
    "withdrawn": N_("Withdrawn"),
}
CLOSE_REASON_NAMES = {
    "deadline": N_("the deadline has passed"),
    "budget_exhausted": N_("the budget is used up"),
    "withdrawn": N_("withdrawn"),
    "superseded": N_("replaced by another call"),
}
AID_NAMES = {
    "grant": N_("Grant"),
    "loan": N_("Loan"),
    "recoverable_advance": N_("Recoverable advance"),
    "guarantee": N_("Guarantee"),
    "equity": N_("Equity"),
    "prize": N_("Prize"),
    "voucher": N_("Voucher"),
    "advice": N_("Advice"),
}


def key_date_name(key_date: WrittenDate | DateFact, language: Language) -> str:
    """The editor's label in that language, or else what its type is called."""
    label = key_date.labels.get(language.code)
    return label or language.gettext(KEY_DATE_NAMES[key_date.type])


def moment(key_date: WrittenDate | DateFact, language: Language) -> str:
    """When, as the call says it: weekday, day, time and zone; never more exact than was written."""
    when = _when(key_date, language)
    if key_date.certainty == "estimated":
        return language.gettext("expected %(when)s", when=when)
    return when


def _when(key_date: WrittenDate | DateFact, language: Language) -> str:
    written = day(key_date.local_date, key_date.precision, language, weekday=True)
    if not rules.names_a_day(key_date.precision):
        return written
    zone = language.zone(key_date.zone)
    if key_date.local_time is not None:
        time = language.time(key_date.local_time)
        return f"{written}, {time} ({zone})"
    if key_date.is_deadline:
        return language.gettext("%(day)s, end of day (%(zone)s)", day=written, zone=zone)
    return written


def day(of: date, precision: str, language: Language, *, weekday: bool = False) -> str:
    """The day, or as much of it as is known: `30 April 2024`, `April 2024`, `2024`."""
    if precision == "year":
        return str(of.year)
    if precision == "quarter":
        return language.gettext("quarter %(n)s of %(year)s", n=(of.month + 2) // 3, year=of.year)
    return language.month(of) if precision == "month" else language.date(of, weekday=weekday)


def labelled(name: str, value: str, language: Language) -> str:
    """`Closes: Tuesday 30 April 2024`, with the colon as the language sets it."""
    return language.gettext("%(name)s: %(value)s", name=name, value=value)


def funding(call: Call, language: Language) -> str:
    """The money of one award: `up to €200,000`; empty when the call does not say."""

    def money(amount: Decimal | None) -> str:
        return "" if amount is None else language.money(amount, call.currency)

    return _span(money(call.award_min), money(call.award_max), language)


def cofinancing(call: Call, language: Language) -> str:
    """The share of the costs that is paid: `up to 70%`, `50% to 70%`; empty when not said."""

    def percent(rate: Decimal | None) -> str:
        return "" if rate is None else language.percent(rate)

    return _span(percent(call.cofinancing_min), percent(call.cofinancing_max), language)


def _span(low: str, high: str, language: Language) -> str:
    """From the one to the other; an end that is not known is empty."""
    if low and high and low != high:
        return language.gettext("%(low)s to %(high)s", low=low, high=high)
    if low == high:
        return high
    if high:
        return language.gettext("up to %(amount)s", amount=high)
    return language.gettext("from %(amount)s", amount=low)
