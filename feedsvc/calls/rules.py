"""What a call must be, and where it stands at a given time. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from feedsvc.calls import dates
from feedsvc.content import rules as entry_rules
from feedsvc.content.filters import APPLICANTS, DEADLINE_MODELS
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

if TYPE_CHECKING:
    from feedsvc.calls.edits import CallEdit, KeyDateEdit
    from feedsvc.calls.models import Call, CallEvent, KeyDate

ARCHIVED_AFTER = dt.timedelta(days=365)
TOLD_WITHIN = dt.timedelta(days=1)  # of a withdrawal: mails wait for the end of the readers' night
STRUCK_FOR = dt.timedelta(days=60)  # by then every calendar that is in use has asked
SILENT = ("published", "opened")  # events that the call's own entry tells
MODELS_WITHOUT_DEADLINE = ("rolling", "permanent", "until_exhausted", "to_be_announced")
CLOSE_REASONS = ("deadline", "budget_exhausted", "withdrawn", "superseded")
AID_TYPES = (
    "grant", "loan", "recoverable_advance", "guarantee", "equity", "prize", "voucher", "advice",
)  # fmt: skip
SECTIONS = ("eligibility", "how_to_apply", "funding")
FIRST_YEAR, LAST_YEAR = 2000, 2100
AMOUNT_LIMIT = Decimal(10) ** 12
AMOUNTS = ("total_budget", "award_min", "award_max")
RATES = ("cofinancing_min", "cofinancing_max")


def check_deletion(withdrawn_at: dt.datetime | None, *, now: dt.datetime) -> None:
    """Whether a call that readers may have seen may go: what is deleted can be told to nobody.

    Raises: Invalid.
    """
    if withdrawn_at is None or now < withdrawn_at + TOLD_WITHIN:
        words = N_(
            "Readers may follow this call. Take it off the site, which tells them; a day later it can be deleted."
        )
        raise Invalid(Problem("", words))


def status(call: Call, now: dt.datetime, *, closing_soon_days: int = 14) -> str:
    """draft | review | rejected | scheduled | withdrawn, then suspended | cancelled, then
    forecast | open | closing_soon | closed | archived.

    `calls.queries.status_condition` says the same in SQL.
    """
    entry_state = entry_rules.state(call, now)
    if entry_state != "published":
        return entry_state
    if call.cancelled_at is not None:
        return "cancelled"
    if call.suspended_at is not None:
        return "suspended"
    if call.closes_at is not None and call.closes_at <= now - ARCHIVED_AFTER:
        return "archived"
    if call.close_reason or (call.closes_at is not None and call.closes_at <= now):
        return "closed"
    if is_forecast(call, now):
        return "forecast"
    upcoming = next_deadline(call.key_dates, now)
    soon = now + dt.timedelta(days=closing_soon_days)
    return "closing_soon" if upcoming and upcoming.utc_at <= soon else "open"


def is_forecast(call: Call, now: dt.datetime) -> bool:
    """Announced and not open: it opens later, or its dates are to be announced.

    A deadline may be known, or expected, before the opening is.
    """
    if call.opens_at is not None:
        return call.opens_at > now
    return call.deadline_model == "to_be_announced"


def deadlines(key_dates: Iterable[KeyDate]) -> list[KeyDate]:
    """The dates by which something must be handed in, in order."""
    return sorted((d for d in key_dates if d.is_deadline), key=lambda d: d.utc_at)


def next_deadline(key_dates: Iterable[KeyDate], now: dt.datetime) -> KeyDate | None:
    """The first deadline that has not passed."""
    return next((d for d in deadlines(key_dates) if d.utc_at > now), None)


def invited_only(call: Call, now: dt.datetime) -> bool:
    """Whether a two-stage call is open to those alone whose first stage was accepted."""
    first = [d for d in call.key_dates if d.type == "stage_1" and d.mandatory]
    return call.deadline_model == "two_stage" and any(d.utc_at <= now for d in first)


def names_a_day(precision: str) -> bool:
    """Whether calendars can hold such a date: "April 2026" must not become the first of April."""
    return precision in ("minute", "day")


def in_calendars(called_off_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether calendars hold a date at `now`: one that was called off stays for a while, struck.

    A calendar program that merges what it reads would keep for ever what only vanished.
    """
    return called_off_at is None or now < called_off_at + STRUCK_FOR


def is_news(event: CallEvent) -> bool:
    """Whether readers need to know of it; that a call is new they learn from the call itself."""
    return event.material and event.type not in SILENT


def opens_at(instants: Iterable[tuple[str, dt.datetime]]) -> dt.datetime | None:
    """The opening among (type, instant) pairs."""
    return min((at for kind, at in instants if kind == "opens"), default=None)


def closes_at(instants: Iterable[tuple[str, dt.datetime]]) -> dt.datetime | None:
    """The last deadline among (type, instant) pairs."""
    return max((at for kind, at in instants if kind in dates.DEADLINE_TYPES), default=None)


def highest_rate(call: Call) -> Decimal | None:
    """The share of the costs that a call pays at most, in percent."""
    return call.cofinancing_min if call.cofinancing_max is None else call.cofinancing_max


def check(edit: CallEdit) -> None:
    """Whether readers may see it. Raises: Invalid, with every problem at once."""
    problems = [*_draft_problems(edit), *missing(edit)]
    if problems:
        raise Invalid(*problems)


def check_draft(edit: CallEdit) -> None:
    """Whether it can be kept: what a draft says must be right, and much may be missing.

    Raises: Invalid, with every problem at once.
    """
    problems = _draft_problems(edit)
    if problems:
        raise Invalid(*problems)


def missing(edit: CallEdit) -> list[Problem]:
    """What a draft may lack and readers may not."""
    without = N_("Enter the address of the document.")
    return [
        *entry_rules.missing_texts(edit),
        *_missing_deadline(edit),
        *(
            Problem(f"documents.{number}.url", without)
            for number, document in enumerate(edit.documents)
            if not document.url
        ),
    ]


def _draft_problems(edit: CallEdit) -> list[Problem]:
    return [
        *entry_rules.text_problems(edit),
        *_choice_problems(edit),
        *_date_problems(edit.key_dates),
        *_order_problems(edit),
        *_money_problems(edit),
        *_link_problems(edit),
    ]


def _choice_problems(edit: CallEdit) -> list[Problem]:
    problems = []
    if edit.deadline_model not in DEADLINE_MODELS:
        problems.append(Problem("deadline_model", N_("Choose how the call closes.")))
    if edit.close_reason and edit.close_reason not in CLOSE_REASONS:
        problems.append(Problem("close_reason", N_("Choose why the call closed.")))
    for field, values, known in (
        ("applicants", edit.applicants, APPLICANTS),
        ("aid_types", edit.aid_types, AID_TYPES),
    ):
        problems += [
            Problem(field, N_("“%(value)s” does not exist; choose again."), (("value", value),))
            for value in values
            if value not in known
        ]
    if edit.trl_min and edit.trl_max and edit.trl_min > edit.trl_max:
        problems.append(Problem("trl_max", N_("The highest level is below the lowest one.")))
    for field in ("trl_min", "trl_max"):
        level = getattr(edit, field)
        if level is not None and not 1 <= level <= 9:
            problems.append(Problem(field, N_("Technology readiness goes from 1 to 9.")))
    return problems


def _date_problems(key_dates: Sequence[KeyDateEdit]) -> list[Problem]:
    return [problem for number, date in enumerate(key_dates) for problem in _one_date(number, date)]


def is_right(date: KeyDateEdit) -> bool:
    """Whether a date that is being written means an instant."""
    return not _one_date(0, date)


def _one_date(number: int, date: KeyDateEdit) -> list[Problem]:
    at = f"key_dates.{number}"
    if date.type not in dates.KEY_DATE_TYPES:
        return [Problem(f"{at}.type", N_("Choose what happens on this date."))]
    if date.zone not in dates.zones():
        return [Problem(f"{at}.zone", N_("Choose a time zone, like Europe/Luxembourg."))]
    if not FIRST_YEAR <= date.date.year <= LAST_YEAR:
        return [Problem(f"{at}.date", N_("Enter a year from 2000 to 2100."))]
    if date.precision not in dates.PRECISIONS or date.certainty not in dates.CERTAINTIES:
        return [Problem(f"{at}.precision", N_("Choose how exact this date is."))]
    if date.precision == "minute" and date.time is None:
        return [Problem(f"{at}.time", N_("Enter the time, or say that only the day is known."))]
    if date.time is not None and date.precision not in ("minute", "day"):
        return [Problem(f"{at}.time", N_("Leave the time out where the day is not known."))]
    if date.time is not None and not dates.exists(date.date, date.time, date.zone):
        return [
            Problem(
                f"{at}.time",
                N_("Clocks in %(zone)s skip %(time)s on this day (summer time begins). "
                   "Choose another time."),
                (("zone", date.zone), ("time", date.time.strftime("%H:%M"))),
            )
        ]  # fmt: skip
    return []


def _order_problems(edit: CallEdit) -> list[Problem]:
    if _date_problems(edit.key_dates):
        return []
    found = [(number, date, written_instant(date)) for number, date in enumerate(edit.key_dates)]
    closing = [row for row in found if row[1].type in dates.DEADLINE_TYPES]
    opening = opens_at((date.type, at) for _, date, at in found)
    problems = []
    for number, date, at in closing:
        if opening is not None and at <= opening:
            problems.append(
                Problem(
                    f"key_dates.{number}.date",
                    N_(
                        "This deadline is not after the opening of the call. Correct one of the two."
                    ),
                )
            )
        if date.type == "stage_2" and any(
            other.type == "stage_1" and first >= at for _, other, first in closing
        ):
            problems.append(
                Problem(
                    f"key_dates.{number}.date", N_("The second stage must end after the first.")
                )
            )
    return problems


def _missing_deadline(edit: CallEdit) -> list[Problem]:
    if edit.deadline_model in MODELS_WITHOUT_DEADLINE or edit.close_reason:
        return []
    if any(date.type in dates.DEADLINE_TYPES for date in edit.key_dates):
        return []
    return [
        Problem(
            "key_dates",
            N_("Add a deadline, or say that the call is rolling or has no date yet."),
        )
    ]


def written_instant(date: KeyDateEdit) -> dt.datetime:
    """The instant that an edited date means, in UTC."""
    return dates.instant(date.date, date.time, date.zone, kind=date.type, precision=date.precision)


def _money_problems(edit: CallEdit) -> list[Problem]:
    problems = [*_amount_problems(edit), *_rate_problems(edit)]
    if not (len(edit.currency) == 3 and edit.currency.isascii() and edit.currency.isupper()):
        problems.append(Problem("currency", N_("Enter a currency code, like EUR.")))
    if problems:
        return problems
    if _above(edit.award_min, edit.award_max):
        problems.append(Problem("award_max", N_("The funding cap is below the smallest award.")))
    if _above(edit.cofinancing_min, edit.cofinancing_max):
        problems.append(Problem("cofinancing_max", N_("The highest rate is below the lowest one.")))
    if edit.expected_awards is not None and edit.expected_awards < 0:
        problems.append(Problem("expected_awards", N_("Enter a number of projects, 0 or more.")))
    return problems


def _amount_problems(edit: CallEdit) -> Iterator[Problem]:
    for field in AMOUNTS:
        amount = getattr(edit, field)
        if amount is not None and not (amount.is_finite() and 0 <= amount < AMOUNT_LIMIT):
            yield Problem(field, N_("Enter an amount from 0 to 999,999,999,999.99."))
        elif amount is not None and amount != amount.quantize(Decimal("0.01")):
            yield Problem(field, N_("Enter an amount with two decimals at most."))


def _rate_problems(edit: CallEdit) -> Iterator[Problem]:
    for field in RATES:
        rate = getattr(edit, field)
        if rate is not None and not (rate.is_finite() and 0 <= rate <= 100):
            yield Problem(field, N_("Enter a percentage from 0 to 100."))


def _above(low: Decimal | None, high: Decimal | None) -> bool:
    return low is not None and high is not None and low > high


def _link_problems(edit: CallEdit) -> list[Problem]:
    problems = entry_rules.url_problem("apply_url", edit.apply_url)
    problems += entry_rules.url_problem("info_url", edit.info_url)
    for number, document in enumerate(edit.documents):
        problems += entry_rules.url_problem(f"documents.{number}.url", document.url)
    if edit.contact_email and "@" not in edit.contact_email.strip("@"):
        problems.append(
            Problem("contact_email", N_("Enter an e-mail address, like name@example.org."))
        )
    return problems
