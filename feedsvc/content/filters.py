"""Filter: which entries a list holds. Parsed from, and printed to, a query string here only.

The same query string gives the web page, every feed format, and is what a subscription stores.
A value that no list can have is refused by name (`BadFilter`), never ignored: a reader who
mistypes a filter must not be shown, or mailed, everything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from feedsvc.content import places
from feedsvc.errors import BadRequest
from feedsvc.i18n import N_
from feedsvc.markup import one_line

KINDS = ("news", "call")
STATUSES = (
    "forecast",
    "open",
    "closing_soon",
    "closed",
    "archived",
    "suspended",
    "cancelled",
)
DEADLINE_MODELS = (
    "single_stage", "two_stage", "multiple_cut_off", "rolling", "permanent",
    "until_exhausted", "to_be_announced",
)  # fmt: skip
APPLICANTS = (
    "company", "sme", "start_up", "research", "university", "public_body", "non_profit",
    "municipality", "individual", "school", "tribal", "other",
)  # fmt: skip
MAX_QUERY = 200
MAX_VALUES = 30
MAX_DAYS = 365
_MONTH_OR_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?")


class BadFilter(BadRequest):
    """A name or value in the query string that means nothing; the message names it."""


@dataclass(frozen=True)
class Filter:
    """A conjunction of conditions; a condition with several values holds for any of them.

    `award_max_from` keeps calls whose funding cap is at least that amount, in the call's own
    currency; `cofinancing_from` those that pay at least that many percent of the costs.
    `geography` holds codes of countries, and EU: a call that is open to the Union is to its members.
    `closes_within` counts days from now to the next deadline, `published_within` back from now.
    `published` is a month or a year of UTC, `2026-03` or `2026`: what an archive holds must not
    depend on a setting.
    """

    kind: str | None = None
    cluster: tuple[str, ...] = ()
    funder: tuple[str, ...] = ()
    programme: tuple[str, ...] = ()
    applicant: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    geography: tuple[str, ...] = ()
    award_max_from: Decimal | None = None
    currency: str | None = None
    cofinancing_from: int | None = None
    closes_within: int | None = None
    published_within: int | None = None
    published: str | None = None
    q: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """The canonical query: fixed order of names, sorted values, nothing that says nothing."""
        pairs: list[tuple[str, str]] = []
        if self.kind:
            pairs.append(("kind", self.kind))
        for name in FACETS:
            pairs.extend((name, value) for value in sorted(set(getattr(self, name))))
        if self.award_max_from is not None:
            pairs.append(("award_max_from", f"{self.award_max_from.normalize():f}"))
        for name in SINGLE:
            value = getattr(self, name)
            if value is not None and value != "":
                pairs.append((name, str(value)))
        return pairs

    def query(self) -> str:
        return urlencode(self.pairs())

    def digest(self) -> str:
        """A stable name of what the filter means, for unique keys."""
        return hashlib.sha256(self.query().encode()).hexdigest()

    def without(self, name: str, value: str | None = None) -> Filter:
        """The filter with one condition, or one value of it, taken away."""
        if name in FACETS and value is not None:
            kept: dict[str, Any] = {name: tuple(v for v in getattr(self, name) if v != value)}
            return replace(self, **kept)
        return replace(self, **{name: getattr(Filter, name)})

    def standing(self) -> Filter:
        """What stays true of an entry as time passes: for subscriptions, which know the time."""
        return replace(self, status=(), closes_within=None, published_within=None)

    @property
    def published_between(self) -> tuple[datetime, datetime] | None:
        """The first instant of the time in `published`, and the first one after it (UTC)."""
        if self.published is None:
            return None
        year, _, month = self.published.partition("-")
        first = datetime(int(year), int(month or 1), 1, tzinfo=UTC)
        months = first.year * 12 + first.month - 1 + (1 if month else 12)
        return first, datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)

    @property
    def only_calls(self) -> bool:
        """Whether a condition is used that only calls can meet."""
        return self.kind == "call" or any(
            (self.funder, self.programme, self.applicant, self.status, self.model, self.geography,
             self.award_max_from is not None, self.currency, self.cofinancing_from is not None,
             self.closes_within is not None)
        )  # fmt: skip


FACETS = ("cluster", "funder", "programme", "applicant", "status", "model", "geography")
SINGLE = ("currency", "cofinancing_from", "closes_within", "published_within", "published", "q")
NAMES = ("kind", *FACETS, "award_max_from", *SINGLE)
CHOICES = {"status": STATUSES, "model": DEADLINE_MODELS, "applicant": APPLICANTS}


def parse(pairs: Iterable[tuple[str, str]], *, ignore: tuple[str, ...] = ()) -> Filter:
    """The filter that a query string asks for; empty values mean nothing was chosen.

    Names in `ignore` belong to the page (a cursor, a sort order). Whether a cluster, funder or
    programme exists is `content.queries.checked_filter`'s to say. Raises: BadFilter.
    """
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in ignore:
            continue
        if name not in NAMES:
            raise BadFilter(
                N_("There is no filter called “%(name)s”. The filters are: %(known)s."),
                name=name[:60], known=", ".join(NAMES),
            )  # fmt: skip
        if value.strip():
            found.setdefault(name, []).append(_written(name, value))
    values: dict[str, object] = {
        name: _facet(name, found[name]) for name in FACETS if name in found
    }
    for name, read in _READERS.items():
        if name in found:
            values[name] = read(_single(name, found[name]))
    return Filter(**values)  # type: ignore[arg-type]


def _written(name: str, value: str) -> str:
    """The value as it is meant. One of nothing but control characters must not mean everything."""
    text = one_line(value)
    if not text:
        raise BadFilter(N_("“%(name)s” holds nothing that can be read."), name=name)
    return text


def _facet(name: str, values: list[str]) -> tuple[str, ...]:
    if len(values) > MAX_VALUES:
        raise BadFilter(
            N_("Choose at most %(most)s values of “%(name)s”."),
            most=MAX_VALUES,
            name=name,
        )
    if name == "geography":
        return tuple(sorted(set(map(_place, values))))
    for value in values:
        if name in CHOICES and value not in CHOICES[name]:
            raise _unknown(name, value, CHOICES[name])
    return tuple(sorted(set(values)))


def _place(value: str) -> str:
    if not places.is_code(value):
        raise BadFilter(
            N_("“geography” takes a country's code like LU, or EU, not “%(value)s”."),
            value=value[:60],
        )
    return value.upper()


def _single(name: str, values: list[str]) -> str:
    if len(set(values)) > 1:
        raise BadFilter(N_("“%(name)s” takes one value only."), name=name)
    return values[0]


def _unknown(name: str, value: str, known: Iterable[str]) -> BadFilter:
    return BadFilter(
        N_("“%(value)s” is no value of the filter “%(name)s”. Choose from: %(known)s."),
        value=value[:60], name=name, known=", ".join(known),
    )  # fmt: skip


def _kind(value: str) -> str:
    if value not in KINDS:
        raise _unknown("kind", value, KINDS)
    return value


def _amount(value: str) -> Decimal:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 12:
        raise BadFilter(
            N_("“award_max_from” takes an amount like 100000, not “%(value)s”."),
            value=value[:60],
        )
    return amount.quantize(Decimal("0.01"))


def _currency(value: str) -> str:
    if len(value) != 3 or not value.isascii() or not value.isalpha():
        raise BadFilter(N_("“currency” takes a code like EUR, not “%(value)s”."), value=value[:60])
    return value.upper()


def _whole(name: str, most: int, sentence: str) -> Callable[[str], int]:
    """A reader of a number from 1 to `most`, and the sentence for what is none."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit()) or not 1 <= int(value[:6]) <= most:
            raise BadFilter(sentence, name=name, value=value[:60])
        return int(value)

    return read


def _published(value: str) -> str:
    if not _MONTH_OR_YEAR.fullmatch(value):
        raise BadFilter(
            N_("“published” takes a month like 2026-03 or a year like 2026, not “%(value)s”."),
            value=value[:60],
        )
    return value


def _text(value: str) -> str:
    if len(value) > MAX_QUERY:
        raise BadFilter(N_("Search for at most %(most)s characters."), most=MAX_QUERY)
    return value


_DAYS = N_("“%(name)s” takes a number of days from 1 to 365, not “%(value)s”.")
_PERCENT = N_("“%(name)s” takes a whole number of percent from 1 to 100, not “%(value)s”.")
_READERS: dict[str, Callable[[str], object]] = {
    "kind": _kind,
    "award_max_from": _amount,
    "currency": _currency,
    "cofinancing_from": _whole("cofinancing_from", 100, _PERCENT),
    "closes_within": _whole("closes_within", MAX_DAYS, _DAYS),
    "published_within": _whole("published_within", MAX_DAYS, _DAYS),
    "published": _published,
    "q": _text,
}
