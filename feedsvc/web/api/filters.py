"""The protocol's filters, and ours among its custom ones: a row each, read into a `Search`. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from feedsvc.calls.opportunities import MoneySpan, Search, Span
from feedsvc.content import places
from feedsvc.content.filters import CHOICES, MAX_DAYS, Filter
from feedsvc.web.api.members import Json, Problems, T, known, member

CUSTOM = "customFilters"
MOST_VALUES = 100
STANDINGS = {
    "forecasted": "forecast", "open": "open", "closed": "closed", "custom": "halted"
}  # fmt: skip
# Ours by name: the condition of `content.filters.Filter`.
FACETS = {
    "cluster": "cluster",
    "funder": "funder",
    "programme": "programme",
    "applicant": "applicant",
    "deadlineModel": "model",
    "geography": "geography",
}
# And those of one number: the condition, which way it is compared, and the largest that means something.
NUMBERS = {
    "cofinancingFrom": ("cofinancing_from", "gte", 100),
    "closesWithin": ("closes_within", "lte", MAX_DAYS),
    "publishedWithin": ("published_within", "lte", MAX_DAYS),
}
CUSTOM_FILTERS = (*FACETS, *NUMBERS)
IN, NOT_IN, BETWEEN, OUTSIDE = "in", "notIn", "between", "outside"
LARGEST = Decimal(10) ** 15  # beyond every amount that a call can have

_AMOUNT = re.compile(r"-?[0-9]{1,30}\.?[0-9]{0,30}")  # the protocol's decimalString, of some length
_CURRENCY = re.compile("[A-Z]{3}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


def read(wanted: Json, problems: Problems) -> Search:
    """The filters of a search; those that this site has not are left out."""
    search = Search()
    for name, reader in FILTERS.items():
        if (found := member(wanted, name, dict, "filters.", problems)) is not None:
            search = reader(search, found, f"filters.{name}.", problems)
    custom = member(wanted, CUSTOM, dict, "filters.", problems) or {}
    for name in CUSTOM_FILTERS:
        if (found := member(custom, name, dict, f"filters.{CUSTOM}.", problems)) is not None:
            own = _facet if name in FACETS else _number
            search = own(name, search, found, problems)
    return search


def _operation(
    given: Json, operators: tuple[str, ...], kind: type[T], prefix: str, problems: Problems
) -> tuple[str, T | None]:
    """A filter's operator and value."""
    known(given, ("operator", "value"), prefix, problems)
    operator = member(given, "operator", str, prefix, problems, must=True) or ""
    if operator and operator not in operators:
        problems.choose(f"{prefix}operator", operator, operators)
    return operator, member(given, "value", kind, prefix, problems, must=True)


def _words(given: Json, prefix: str, problems: Problems) -> tuple[bool, tuple[str, ...]]:
    """A list of texts, and whether it says what is not wanted."""
    operator, values = _operation(given, (IN, NOT_IN), list, prefix, problems)
    values = values or []
    if len(values) > MOST_VALUES:
        problems.add(f"{prefix}value", f"Choose at most {MOST_VALUES} values.")
    if not all(isinstance(value, str) for value in values):
        problems.add(f"{prefix}value", "Each value must be a text.")
    return operator == NOT_IN, tuple(value for value in values if isinstance(value, str))


def _status(search: Search, given: Json, prefix: str, problems: Problems) -> Search:
    refused, values = _words(given, prefix, problems)
    for value in values:
        if value not in STANDINGS:
            problems.choose(f"{prefix}value", value, STANDINGS)
    kept = [ours for name, ours in STANDINGS.items() if (name in values) is not refused]
    return replace(search, standings=tuple(kept))


def _facet(name: str, search: Search, given: Json, problems: Problems) -> Search:
    """A condition of our own filters, in it or not in it."""
    prefix, facet = f"filters.{CUSTOM}.{name}.", FACETS[name]
    refused, values = _words(given, prefix, problems)
    for value in values:
        if facet in CHOICES and value not in CHOICES[facet]:
            problems.choose(f"{prefix}value", value, CHOICES[facet])
        if facet == "geography" and not places.is_code(value):
            problems.add(f"{prefix}value", f"“{value[:60]}” is no code of a country, nor EU.")
    if facet == "geography":
        values = tuple(value.upper() for value in values)
    if refused:
        alone: Any = {facet: values}
        return replace(search, excluded=(*search.excluded, Filter(**alone))) if values else search
    if not values:
        return replace(search, standings=())  # in an empty list is nothing
    more: Any = {facet: values}
    return replace(search, wanted=replace(search.wanted, **more))


def _number(name: str, search: Search, given: Json, problems: Problems) -> Search:
    """A condition of our own filters that holds from a number on, or up to it."""
    prefix, (condition, operator, most) = f"filters.{CUSTOM}.{name}.", NUMBERS[name]
    _, value = _operation(given, (operator,), int, prefix, problems)
    if value is not None and not 1 <= value <= most:
        problems.add(f"{prefix}value", f"Say a whole number from 1 to {most}.")
    more: Any = {condition: value}
    return replace(search, wanted=replace(search.wanted, **more))


def _closing(search: Search, given: Json, prefix: str, problems: Problems) -> Search:
    operator, value = _operation(given, (BETWEEN, OUTSIDE), dict, prefix, problems)
    low, high = _bounds(value, str, prefix, problems)
    span = Span(
        _date(low, f"{prefix}value.min", problems),
        _date(high, f"{prefix}value.max", problems),
        operator == OUTSIDE,
    )
    return replace(search, closes=span)


def _date(text: str | None, field: str, problems: Problems) -> dt.date | dt.datetime | None:
    """A day, or an instant with its offset."""
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
        if _INSTANT.fullmatch(text):
            return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    problems.add(field, "Write a day, like 2026-04-30, or an instant, like 2026-04-30T17:00:00Z.")
    return None


def _amount_filter(column: str) -> Callable[[Search, Json, str, Problems], Search]:
    def reader(search: Search, given: Json, prefix: str, problems: Problems) -> Search:
        operator, value = _operation(given, (BETWEEN, OUTSIDE), dict, prefix, problems)
        low, high = _bounds(value, dict, prefix, problems)
        least = _money(low, f"{prefix}value.min.", problems)
        most = _money(high, f"{prefix}value.max.", problems)
        currencies = {money.currency for money in (least, most) if money}
        if len(currencies) > 1:
            problems.add(f"{prefix}value", "Say both amounts in one currency.")
        span = Span(
            least.amount if least else None, most.amount if most else None, operator == OUTSIDE
        )
        found = MoneySpan(column, next(iter(currencies), ""), span)
        return replace(search, money=(*search.money, found))

    return reader


def _money(given: Json | None, prefix: str, problems: Problems) -> Money | None:
    if given is None:
        return None
    known(given, ("amount", "currency"), prefix, problems)
    amount = member(given, "amount", str, prefix, problems, must=True)
    currency = member(given, "currency", str, prefix, problems, must=True)
    if amount is not None and not _AMOUNT.fullmatch(amount):
        problems.add(f"{prefix}amount", 'Write a decimal number as a text, like "1000.50".')
        amount = None
    if currency is not None and not _CURRENCY.fullmatch(currency):
        problems.add(f"{prefix}currency", "Write a code of ISO 4217, like EUR.")
    return Money(max(-LARGEST, min(LARGEST, Decimal(amount or 0))), currency or "")


def _bounds(
    value: Json | None, kind: type[T], prefix: str, problems: Problems
) -> tuple[T | None, T | None]:
    """`min` and `max` of a range; one of the two may be left out."""
    if value is None:
        return None, None
    within = f"{prefix}value."
    known(value, ("min", "max"), within, problems)
    low = member(value, "min", kind, within, problems)
    high = member(value, "max", kind, within, problems)
    if value.get("min") is None and value.get("max") is None:
        problems.add(f"{prefix}value", "Say min, max, or both.")
    return low, high


Reader = Callable[[Search, Json, str, Problems], Search]
FILTERS: Mapping[str, Reader] = {
    "status": _status,
    "closeDateRange": _closing,
    "totalFundingAvailableRange": _amount_filter("total_budget"),
    "minAwardAmountRange": _amount_filter("award_min"),
    "maxAwardAmountRange": _amount_filter("award_max"),
}
