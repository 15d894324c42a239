"""Read a file of JSON lines row by row, and the fields of a row by their type. Pure but for
reading the file."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from feedsvc.imports import texts
from feedsvc.imports.report import Unusable

MAX_LINE = 1_000_000  # bytes; a longer line is refused without being kept in memory
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Line:
    """A line of the file: its number from 1, its length in bytes, and the row or why there is
    none."""

    number: int
    size: int
    row: Row | None
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """A JSON object whose fields are read by the type that they must have.

    A field that is absent, null or empty reads as empty. Raises: Unusable for the wrong type.
    """

    values: dict[str, Any]

    def line(self, name: str) -> str:
        """A text on one line, repaired."""
        return texts.line(self.raw(name))

    def paragraphs(self, name: str) -> str:
        return texts.paragraphs(self.raw(name))

    def raw(self, name: str) -> str:
        return self._typed(name, str, "a text") or ""

    def flag(self, name: str) -> bool:
        return bool(self._typed(name, bool, "true or false"))

    def number(self, name: str) -> Decimal | None:
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise Unusable(f"{name}: {_shown(value)} is not a number")
        return Decimal(value)

    def lines(self, name: str) -> list[str]:
        """A list of texts; nulls and empty ones are left out."""
        values = self._typed(name, list, "a list") or []
        return [found for value in values if value and (found := Row({name: value}).line(name))]

    def rows(self, name: str) -> list[Row]:
        values = self._typed(name, list, "a list") or []
        if not all(isinstance(value, dict) for value in values):
            raise Unusable(f"{name}: is not a list of objects")
        return [Row(value) for value in values]

    def date(self, name: str) -> dt.date | None:
        """A day written as 2024-04-30."""
        text = self.raw(name)
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text) if _DATE.fullmatch(text) else _no_date(name, text)
        except ValueError:
            return _no_date(name, text)

    def _typed(self, name: str, kind: type, words: str) -> Any:
        value = self.values.get(name)
        if value is not None and not isinstance(value, kind):
            raise Unusable(f"{name}: {_shown(value)} is not {words}")
        return value


def read(path: Path) -> Iterator[Line]:
    """The lines of the file, one at a time; empty lines carry nothing and are passed over."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE):
            number += 1
            size = len(raw)
            if size == MAX_LINE and not raw.endswith(b"\n"):
                yield Line(number, size + _skip(file), None, f"longer than {MAX_LINE:,} bytes")
            elif raw.strip(b" \t\r\n\xef\xbb\xbf"):
                yield _parsed(number, size, raw)
            else:
                continue


def _parsed(number: int, size: int, raw: bytes) -> Line:
    try:
        value = json.loads(
            raw.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        return Line(number, size, None, f"is not UTF-8 (byte {error.start + 1})")
    except (ValueError, RecursionError) as error:
        return Line(number, size, None, f"is not JSON: {error}")
    if not isinstance(value, dict):
        return Line(number, size, None, "is not a JSON object")
    return Line(number, size, Row(value))


def _skip(file: Any) -> int:
    skipped = 0
    while rest := file.readline(MAX_LINE):
        skipped += len(rest)
        if rest.endswith(b"\n"):
            break
    return skipped


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _no_date(name: str, text: str) -> dt.date:
    raise Unusable(f"{name}: {_shown(text)} is not a date like 2024-04-30")


def _shown(value: object) -> str:
    text = texts.line(str(value))
    return f"“{texts.cut(text, 60)}”"
