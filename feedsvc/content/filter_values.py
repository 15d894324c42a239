"""What the values in a query string mean: each is read, or refused by the name that it has there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation

from feedsvc.content import places
from feedsvc.errors import BadRequest
from feedsvc.i18n import N_
from feedsvc.markup import one_line

APPLICANTS = (
    "company", "sme", "start_up", "research", "university", "public_body", "non_profit",
    "municipality", "individual", "school", "tribal", "other",
)  # fmt: skip
MAX_QUERY = 200
MAX_VALUES = 30
DAYS = N_("“%(name)s” takes a number of days from 1 to 365, not “%(value)s”.")
PERCENT = N_("“%(name)s” takes a whole number of percent from 1 to 100, not “%(value)s”.")


class BadFilter(BadRequest):
    """A name or value in the query string that means nothing; the message names it."""


def written(name: str, value: str) -> str:
    """The value as it is meant. One of nothing but control characters must not mean everything."""
    text = one_line(value)
    if not text:
        raise BadFilter(N_("“%(name)s” holds nothing that can be read."), name=name)
    return text


def several(name: str, values: list[str]) -> tuple[str, ...]:
    """Each value once, sorted."""
    if len(values) > MAX_VALUES:
        raise BadFilter(
            N_("Choose at most %(most)s values of “%(name)s”."),
            most=MAX_VALUES,
            name=name,
        )
    return tuple(sorted(set(values)))


def chosen(name: str, values: list[str], known: Iterable[str]) -> tuple[str, ...]:
    """Some of the values that are known."""
    for value in values:
        if value not in known:
            raise unknown(name, value, known)
    return several(name, values)


def single(name: str, values: list[str]) -> str:
    if len(set(values)) > 1:
        raise BadFilter(N_("“%(name)s” takes one value only."), name=name)
    return values[0]


def unknown(name: str, value: str, known: Iterable[str]) -> BadFilter:
    return BadFilter(
        N_("“%(value)s” is no value of the filter “%(name)s”. Choose from: %(known)s."),
        value=value[:60], name=name, known=", ".join(known),
    )  # fmt: skip


def place(name: str, value: str) -> str:
    if not places.is_code(value):
        raise BadFilter(
            N_("“%(name)s” takes a country's code like LU, or EU, not “%(value)s”."),
            name=name,
            value=value[:60],
        )
    return value.upper()


def amount(name: str, value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found < Decimal(10) ** 12:
        raise BadFilter(
            N_("“%(name)s” takes an amount like 100000, not “%(value)s”."),
            name=name,
            value=value[:60],
        )
    return found.quantize(Decimal("0.01"))


def currency(name: str, value: str) -> str:
    if len(value) != 3 or not value.isascii() or not value.isalpha():
        raise BadFilter(
            N_("“%(name)s” takes a code like EUR, not “%(value)s”."), name=name, value=value[:60]
        )
    return value.upper()


def whole(name: str, most: int, sentence: str, *, least: int = 1) -> Callable[[str], int]:
    """A reader of a number from `least` to `most`, and the sentence for what is none."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit()) or not least <= int(value[:6]) <= most:
            raise BadFilter(sentence, name=name, value=value[:60])
        return int(value)

    return read


def text(value: str) -> str:
    if len(value) > MAX_QUERY:
        raise BadFilter(N_("Search for at most %(most)s characters."), most=MAX_QUERY)
    return value
