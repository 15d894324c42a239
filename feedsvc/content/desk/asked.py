"""Which entries a list of the desk holds, and in which order: read from its address, and written to it.

The address is all there is to know of a list: it can be kept, sent to somebody, and saved under a
name. A value that means nothing is refused by its name there (`BadFilter`). Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from feedsvc.content import filter_values
from feedsvc.content.filter_values import DAYS, BadFilter
from feedsvc.content.filters import MAX_DAYS
from feedsvc.i18n import N_

STATES = ("draft", "review", "rejected", "scheduled", "published", "withdrawn")
MINE = "me"  # the author that everybody is to themselves
ORDERS = ("title", "updated", "published", "deadline")
NEWEST = "-updated"
SEVERAL = ("cluster", "funder", "programme")
SINGLE = ("state", "author", "missing", "closes_within", "updated_within", "q", "sort")
OF_CALLS = ("funder", "programme", "closes_within")
AUTHORS = N_("“%(name)s” takes “me” or the number of an account, not “%(value)s”.")


@dataclass(frozen=True)
class Asked:
    """A conjunction of conditions; one with several values holds for any of them.

    `author` is MINE or the number of an account, `missing` a language that an entry lacks.
    `closes_within` counts days from now to the next deadline, `updated_within` back from now.
    `sort` is one of ORDERS, from the first to the last; with `-` before it, the other way.
    """

    state: str = ""
    cluster: tuple[str, ...] = ()
    funder: tuple[str, ...] = ()
    programme: tuple[str, ...] = ()
    author: str = ""
    missing: str = ""
    closes_within: int | None = None
    updated_within: int | None = None
    q: str = ""
    sort: str = NEWEST

    def until(self, now: dt.datetime) -> dt.datetime:
        """The end of the days within which a call closes."""
        return now + dt.timedelta(days=self.closes_within or 0)

    def pairs(self) -> list[tuple[str, str]]:
        """The canonical query: fixed order, sorted values, nothing that says nothing."""
        pairs = [(name, value) for name in SEVERAL for value in getattr(self, name)]
        singles = ((name, getattr(self, name)) for name in SINGLE)
        return pairs + [
            (name, str(value)) for name, value in singles if value != getattr(Asked, name)
        ]

    def by_name(self) -> dict[str, list[str]]:
        """The same, each name with its values."""
        found: dict[str, list[str]] = {}
        for name, value in self.pairs():
            found.setdefault(name, []).append(value)
        return found

    def query(self) -> str:
        return urlencode(self.pairs())

    def without(self, name: str, value: str | None = None) -> Asked:
        """With one condition, or one value of it, taken away."""
        if name in SEVERAL and value is not None:
            return self.but(**{name: tuple(v for v in getattr(self, name) if v != value)})
        return self.but(**{name: getattr(Asked, name)})

    def but(self, **changes: Any) -> Asked:
        return replace(self, **changes)

    @property
    def order(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def falling(self) -> bool:
        """Whether the last come first."""
        return self.sort.startswith("-")

    @property
    def ends_in_order(self) -> bool:
        """Whether those that close within some days are the begin of all in the order."""
        return self.closes_within is not None and self.order == "deadline"

    @property
    def is_narrowed(self) -> bool:
        """Whether it holds less than everything."""
        return self.but(sort=NEWEST) != Asked()


def names(kind: str) -> tuple[str, ...]:
    """What the address of a list of that kind may name."""
    known = (*SEVERAL, *SINGLE)
    return known if kind == "call" else tuple(name for name in known if name not in OF_CALLS)


def orders(kind: str) -> tuple[str, ...]:
    return ORDERS if kind == "call" else tuple(name for name in ORDERS if name != "deadline")


def parse(
    pairs: Iterable[tuple[str, str]],
    *,
    kind: str,
    languages: Sequence[str],
    ignore: Sequence[str] = (),
) -> Asked:
    """What an address asks for; empty values mean nothing was chosen. `ignore` is the page's own.

    Whether a cluster, funder or programme exists is `content.queries.checked_filter`'s to say.
    Raises: BadFilter.
    """
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in ignore:
            continue
        if name not in names(kind):
            raise BadFilter(
                N_("There is no filter called “%(name)s”. The filters are: %(known)s."),
                name=name[:60], known=", ".join(names(kind)),
            )  # fmt: skip
        if value.strip():
            found.setdefault(name, []).append(filter_values.written(name, value))
    values: dict[str, Any] = {
        name: filter_values.several(name, found[name]) for name in SEVERAL if name in found
    }
    for name, read in _readers(kind, languages).items():
        if name in found:
            values[name] = read(filter_values.single(name, found[name]))
    return Asked(**values)


def _readers(kind: str, languages: Sequence[str]) -> dict[str, Callable[[str], object]]:
    ways = [way + order for order in orders(kind) for way in ("", "-")]
    return {
        "state": _one_of("state", STATES),
        "author": _author,
        "missing": _one_of("missing", languages),
        "closes_within": filter_values.whole("closes_within", MAX_DAYS, DAYS),
        "updated_within": filter_values.whole("updated_within", MAX_DAYS, DAYS),
        "q": filter_values.text,
        "sort": _one_of("sort", ways),
    }


def _one_of(name: str, known: Iterable[str]) -> Callable[[str], str]:
    return lambda value: filter_values.chosen(name, [value], known)[0]


def _author(value: str) -> str:
    if value == MINE or (value.isascii() and value.isdigit() and len(value) < 18):
        return value
    raise BadFilter(AUTHORS, name="author", value=value[:60])
