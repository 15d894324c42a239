"""What values look like in JSON: each shape reads one, writes one, and says its schema. Pure.

Reading tells everything that is wrong at once, each with the path of its field; what the domain's
rules say comes after that, of what could be read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from feedsvc import i18n
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

Json = dict[str, Any]

MOST_ROWS = 100  # of one list, as in the forms
MOST_PROBLEMS = 100
A_TEXT = N_("This must be a text.")
SHORTER = N_("Shorten this to %(most)s characters.")
AN_AMOUNT = N_('Write an amount as a text with two decimals at most, like "200000.00".')
A_DAY = N_("Write a day like 2027-04-30.")
A_TIME = N_("Write a time of day like 17:00.")

_DECIMAL = re.compile(r"\d{1,15}(\.\d{1,2})?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?")


class Problems:
    """What is wrong, gathered while reading goes on: `count` of all, the first of them in `found`."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.count = 0

    def add(self, at: str, sentence: str, **values: object) -> None:
        self.count += 1
        if (
            self.count <= MOST_PROBLEMS
        ):  # a body of nothing but errors must not make a longer answer
            self.found.append(Problem(at, sentence, tuple(values.items())))

    def settle(self) -> None:
        """Raises: Invalid, if anything was wrong."""
        if self.found:
            raise Invalid(*self.found)


class Shape(Protocol):
    def read(self, value: Any, at: str, problems: Problems) -> Any:
        """The domain's value; anything at all if a problem was added."""

    def write(self, value: Any) -> Any:
        """The value in JSON."""

    def schema(self) -> Json:
        """Its JSON Schema (2020-12)."""


def nullable(schema: Json) -> Json:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


@dataclass(frozen=True)
class Text:
    """Text of at most `most` characters, as its column has it."""

    most: int | None = None

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        if not isinstance(value, str):
            problems.add(at, A_TEXT)
        elif self.most is not None and len(value) > self.most:
            problems.add(at, SHORTER, most=self.most)
        return value

    def write(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        return {"type": "string"} | ({} if self.most is None else {"maxLength": self.most})


@dataclass(frozen=True)
class Choice(Text):
    """One of some values. Whether it is one of them, the domain says in its own words."""

    values: tuple[str, ...] = ()

    def schema(self) -> Json:
        return {"type": "string", "enum": list(self.values)}


@dataclass(frozen=True)
class Pattern(Text):
    """A text of that form; `sentence` says what to write instead of another."""

    form: str = ""
    sentence: str = ""

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        if not isinstance(value, str) or not re.fullmatch(self.form, value, re.ASCII):
            problems.add(at, self.sentence)
        return value

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^{self.form}$"}


@dataclass(frozen=True)
class Whole:
    """A whole number."""

    most: int = 999_999_999

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= self.most:
            problems.add(at, N_("Write a whole number from 0 to %(most)s."), most=self.most)
        return value

    def write(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        return {"type": "integer", "minimum": 0, "maximum": self.most}


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        if not isinstance(value, bool):
            problems.add(at, N_("This must be true or false."))
        return value

    def write(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Amount:
    """Money, or a rate in percent: a decimal number as a text, for JSON's numbers are binary."""

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value) or not value.isascii():
            problems.add(at, AN_AMOUNT)
            return None
        return Decimal(value)

    def write(self, value: Any) -> Any:
        return f"{value:.2f}"

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^{_DECIMAL.pattern}$"}


@dataclass(frozen=True)
class Day:
    """A day of the calendar, as ISO 8601 writes it."""

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return dt.date.fromisoformat(value)
        except ValueError:
            pass
        problems.add(at, A_DAY)
        return None

    def write(self, value: Any) -> Any:
        return value.isoformat()

    def schema(self) -> Json:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class Time:
    """A time of day on the 24-hour clock, without a zone: that is a field of its own."""

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        try:
            if isinstance(value, str) and _TIME.fullmatch(value):
                return dt.time.fromisoformat(value)
        except ValueError:
            pass
        problems.add(at, A_TIME)
        return None

    def write(self, value: Any) -> Any:
        return value.isoformat("seconds" if value.second else "minutes")

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^{_TIME.pattern}$"}


@dataclass(frozen=True)
class Told:
    """A value that is only ever told: `as_json` writes it, `kind` is its schema."""

    kind: Json
    as_json: Callable[[Any], Any]

    def read(self, value: Any, at: str, problems: Problems) -> Any:  # noqa: ARG002 whatever it is
        problems.add(at, N_("This cannot be set here."))

    def write(self, value: Any) -> Any:
        return self.as_json(value)

    def schema(self) -> Json:
        return self.kind


def utc(at: dt.datetime) -> str:
    """An instant as ISO 8601 writes it."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


INSTANT = Told({"type": "string", "format": "date-time"}, utc)


@dataclass(frozen=True)
class Many:
    """A list; each value once, unless they are `rows`."""

    of: Shape
    rows: bool = False

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        if not isinstance(value, list):
            problems.add(at, N_("This must be a list."))
            return ()
        if len(value) > MOST_ROWS:
            problems.add(at, N_("Give at most %(most)s of them."), most=MOST_ROWS)
            return ()
        if not self.rows:
            for n, one in enumerate(value):
                if one in value[:n]:
                    problems.add(f"{at}.{n}", N_("This stands here twice."))
        return tuple(self.of.read(one, f"{at}.{n}", problems) for n, one in enumerate(value))

    def write(self, value: Any) -> Any:
        return [self.of.write(one) for one in value]

    def schema(self) -> Json:
        once = {} if self.rows else {"uniqueItems": True}
        return {"type": "array", "items": self.of.schema(), "maxItems": MOST_ROWS, **once}


@dataclass(frozen=True)
class Languages:
    """An object with a value for each language in which there is one. null takes one away."""

    of: Shape

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        if not is_object(value, at, i18n.LOCALES, problems):
            return {}
        return {
            code: self.of.read(one, f"{at}.{code}", problems)
            for code, one in value.items()
            if one is not None and code in i18n.LOCALES
        }

    def write(self, value: Mapping[str, Any]) -> Any:
        return {code: self.of.write(value[code]) for code in i18n.LOCALES if code in value}

    def schema(self) -> Json:
        return {
            "type": "object",
            "properties": {code: nullable(self.of.schema()) for code in i18n.LOCALES},
            "additionalProperties": False,
        }


def is_object(value: Any, at: str, names: Iterable[str], problems: Problems) -> bool:
    """Whether it is an object; what it has beside those names is a problem each."""
    if not isinstance(value, dict):
        problems.add(at, N_("This must be an object."))
        return False
    prefix = f"{at}." if at else ""
    for name in value:
        if name not in names:
            words = N_("There is no field “%(name)s” here; choose from: %(names)s.")
            problems.add(prefix + name[:60], words, name=name[:60], names=", ".join(names))
    return True
