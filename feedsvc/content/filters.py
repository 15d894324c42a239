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
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from feedsvc.content import filter_values, profiles
from feedsvc.content.filter_values import APPLICANTS as APPLICANTS
from feedsvc.content.filter_values import MAX_QUERY as MAX_QUERY
from feedsvc.content.filter_values import BadFilter as BadFilter
from feedsvc.content.profiles import NOBODY, Profile
from feedsvc.i18n import N_

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
MAX_DAYS = 365
_MONTH_OR_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Filter:
    """A conjunction of conditions; a condition with several values holds for any of them.

    `award_max_from` keeps calls whose funding cap is at least that amount, in the call's own
    currency; `cofinancing_from` those that pay at least that many percent of the costs.
    `geography` holds codes of countries, and EU: a call that is open to the Union is to its members.
    `closes_within` counts days from now to the next deadline, `published_within` back from now.
    `published` is a month or a year of UTC, `2026-03` or `2026`: what an archive holds must not
    depend on a setting. `profile` is the reader's own description: it keeps the calls that do not
    rule such a reader out (`calls.fit`).
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
    profile: Profile = NOBODY

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
        return pairs + self.profile.pairs()

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
             self.closes_within is not None, self.profile)
        )  # fmt: skip


FACETS = ("cluster", "funder", "programme", "applicant", "status", "model", "geography")
SINGLE = ("currency", "cofinancing_from", "closes_within", "published_within", "published", "q")
OWN_NAMES = ("kind", *FACETS, "award_max_from", *SINGLE)
NAMES = (*OWN_NAMES, *profiles.NAMES)  # in a query string
CONDITIONS = (*OWN_NAMES, "profile")  # of a filter: a description is one
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
            found.setdefault(name, []).append(filter_values.written(name, value))
    values: dict[str, object] = {
        name: _facet(name, found[name]) for name in FACETS if name in found
    }
    for name, read in _READERS.items():
        if name in found:
            values[name] = read(filter_values.single(name, found[name]))
    return Filter(**values, profile=profiles.read(found))  # type: ignore[arg-type]


def _facet(name: str, values: list[str]) -> tuple[str, ...]:
    if name in CHOICES:
        return filter_values.chosen(name, values, CHOICES[name])
    if name == "geography":
        values = [filter_values.place(name, value) for value in values]
    return filter_values.several(name, values)


def _kind(value: str) -> str:
    return filter_values.chosen("kind", [value], KINDS)[0]


def _published(value: str) -> str:
    if not _MONTH_OR_YEAR.fullmatch(value):
        raise BadFilter(
            N_("“published” takes a month like 2026-03 or a year like 2026, not “%(value)s”."),
            value=value[:60],
        )
    return value


def _days(name: str) -> Callable[[str], int]:
    return filter_values.whole(name, MAX_DAYS, filter_values.DAYS)


_READERS: dict[str, Callable[[str], object]] = {
    "kind": _kind,
    "award_max_from": lambda value: filter_values.amount("award_max_from", value),
    "currency": lambda value: filter_values.currency("currency", value),
    "cofinancing_from": filter_values.whole("cofinancing_from", 100, filter_values.PERCENT),
    "closes_within": _days("closes_within"),
    "published_within": _days("published_within"),
    "published": _published,
    "q": filter_values.text,
}
