"""Profile: how readers describe their organisation, so that calls can be ordered by fit. Pure.

It is a part of a filter and lives where filters live: in an address, in a subscription. No account
holds it, and nothing else is kept of it. Every part may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TypeVar

from feedsvc.content import filter_values
from feedsvc.content.filter_values import APPLICANTS, BadFilter
from feedsvc.i18n import N_
from feedsvc.search import rules as search

NAMES = (
    "my_kind", "my_country", "my_cluster", "my_theme", "my_amount", "my_currency", "my_share",
    "my_trl", "my_days",
)  # fmt: skip
LEVELS = tuple(str(level) for level in range(1, 10))  # of technology readiness
MAX_THEMES = 10
MAX_DAYS = 365
CURRENCY = "EUR"  # of an amount without one
_BETWEEN_THEMES = re.compile(r"[,;\n]")
_SHARE = N_("“%(name)s” takes a whole number of percent from 0 to 100, not “%(value)s”.")
T = TypeVar("T")


@dataclass(frozen=True)
class Profile:
    """Who asks, and for what.

    `themes` are words as a search takes them, any of which may be met. `amount` is what is sought,
    in `currency`; `share` the percent of the costs that the reader can pay; `levels` are those of
    technology readiness that the project goes through; `days` is the time that they need to apply.
    """

    kinds: tuple[str, ...] = ()
    country: str = ""
    clusters: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str = CURRENCY
    share: int | None = None
    levels: tuple[int, ...] = ()
    days: int | None = None

    def __bool__(self) -> bool:
        return self != NOBODY

    def deciding(self) -> Profile:
        """What can rule a call out, as `calls.fit` has it: many readers share it."""
        return Profile(self.kinds, self.country, self.clusters, self.themes)

    def pairs(self) -> list[tuple[str, str]]:
        """The canonical query, as `Filter.pairs` has it."""
        pairs = [("my_kind", kind) for kind in self.kinds]
        pairs += [("my_country", self.country)] if self.country else []
        pairs += [("my_cluster", slug) for slug in self.clusters]
        pairs += [("my_theme", ", ".join(self.themes))] if self.themes else []
        if self.amount is not None:
            pairs += [("my_amount", f"{self.amount.normalize():f}"), ("my_currency", self.currency)]
        pairs += [("my_share", str(self.share))] if self.share is not None else []
        pairs += [("my_trl", str(level)) for level in self.levels]
        return pairs + ([("my_days", str(self.days))] if self.days is not None else [])


NOBODY = Profile()


def read(found: Mapping[str, list[str]]) -> Profile:
    """The profile among the values of a query, by name. Raises: BadFilter.

    A currency alone means nothing: a form sends it beside an amount that was left empty.
    """
    if not any(name in found for name in NAMES):
        return NOBODY
    amount = _one(found, "my_amount", partial(filter_values.amount, "my_amount"))
    currency = _one(found, "my_currency", partial(filter_values.currency, "my_currency"))
    levels = filter_values.chosen("my_trl", found.get("my_trl", []), LEVELS)
    return Profile(
        kinds=filter_values.chosen("my_kind", found.get("my_kind", []), APPLICANTS),
        country=_one(found, "my_country", partial(filter_values.place, "my_country")) or "",
        clusters=filter_values.several("my_cluster", found.get("my_cluster", [])),
        themes=_themes(found.get("my_theme", [])),
        amount=amount,
        currency=CURRENCY if amount is None else currency or CURRENCY,
        share=_one(found, "my_share", filter_values.whole("my_share", 100, _SHARE, least=0)),
        levels=tuple(map(int, levels)),
        days=_one(found, "my_days", filter_values.whole("my_days", MAX_DAYS, filter_values.DAYS)),
    )


def _one(found: Mapping[str, list[str]], name: str, read: Callable[[str], T]) -> T | None:
    return read(filter_values.single(name, found[name])) if name in found else None


def _themes(values: list[str]) -> tuple[str, ...]:
    """The themes in the reader's order, however they were parted. Raises: BadFilter."""
    text = filter_values.text(", ".join(values))
    themes = dict.fromkeys(part.strip() for part in _BETWEEN_THEMES.split(text) if part.strip())
    if len(themes) > MAX_THEMES:
        raise BadFilter(N_("Name at most %(most)s themes in “my_theme”."), most=MAX_THEMES)
    if values and not all(map(search.parse, themes or ("",))):
        raise BadFilter(N_("“%(name)s” holds nothing that can be read."), name="my_theme")
    return tuple(themes)
