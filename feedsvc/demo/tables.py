"""Read a TOML table strictly: every key must be known, and of its kind. Pure.

A typing error in a file of content is told with the file's name, never passed over: a deadline
under a misspelt key would otherwise be missing in silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from feedsvc.errors import FeedsvcError

T = TypeVar("T")


class BadContent(FeedsvcError):
    """A file of content cannot be read; the message names the file and the key."""


class Table:
    """A table whose values are taken one by one; `done` refuses what nobody took."""

    def __init__(self, values: dict[str, Any], where: str, *, today: dt.date) -> None:
        self._values = dict(values)
        self._where = where
        self._today = today

    def text(self, key: str) -> str:
        return self._take(key, str) or ""

    def flag(self, key: str) -> bool:
        return bool(self._take(key, bool))

    def whole(self, key: str) -> int | None:
        return self._take(key, int)

    def amount(self, key: str) -> Decimal | None:
        """A number, whole or with decimals."""
        value = self._take(key, int | Decimal)
        return None if value is None else Decimal(value)

    def time(self, key: str) -> dt.time | None:
        return self._take(key, dt.time)

    def day(self, key: str) -> dt.date:
        """A date; a whole number means so many days from today. Raises: BadContent if absent."""
        value = self._take(key, dt.date | int)
        if value is None:
            raise self._bad(key, "is missing")
        return self._today + dt.timedelta(days=value) if isinstance(value, int) else value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values: Sequence[Any] = self._take(key, list) or ()
        if not all(isinstance(value, str) for value in values):
            raise self._bad(key, "must be a list of texts")
        return tuple(values)

    def words(self, key: str) -> dict[str, str]:
        """A table of texts: by language, or by section."""
        found: dict[str, Any] = self._take(key, dict) or {}
        if not all(isinstance(value, str) for value in found.values()):
            raise self._bad(key, "must hold texts only")
        return found

    def table(self, key: str) -> Table | None:
        found = self._take(key, dict)
        return None if found is None else self._inner(found, key)

    def tables(self, key: str) -> list[Table]:
        """A list of tables (`[[key]]`), empty when absent."""
        found: Sequence[Any] = self._take(key, list) or ()
        if not all(isinstance(value, dict) for value in found):
            raise self._bad(key, "must be a list of tables")
        return [self._inner(value, f"{key}.{number}") for number, value in enumerate(found)]

    def done(self) -> None:
        """Raises: BadContent, naming a key that means nothing here."""
        for key in self._values:
            raise self._bad(key, "means nothing here")

    def _take(self, key: str, kind: type[T] | Any) -> T | Any:
        value = self._values.pop(key, None)
        is_other_kind = isinstance(value, bool) and kind is not bool  # True is an int to Python
        if value is not None and (is_other_kind or not isinstance(value, kind)):
            raise self._bad(key, "is not of the right kind")
        return value

    def _inner(self, values: dict[str, Any], key: str) -> Table:
        return Table(values, f"{self._where}, {key}", today=self._today)

    def _bad(self, key: str, what: str) -> BadContent:
        return BadContent("%(where)s: “%(key)s” %(what)s", where=self._where, key=key, what=what)
