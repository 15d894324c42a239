"""Read the members of a JSON object one by one, and gather all that is wrong with them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from feedsvc.web.api.errors import Trouble, meaningless

Json = dict[str, Any]
T = TypeVar("T")


class Problems:
    """What is wrong, gathered while reading goes on."""

    def __init__(self) -> None:
        self._found: list[Trouble] = []

    def add(self, field: str, message: str) -> None:
        self._found.append(Trouble(field, message))

    def choose(self, field: str, value: str, choices: Iterable[str]) -> None:
        self.add(field, f"“{value[:60]}” is none of: {', '.join(choices)}.")

    def settle(self) -> None:
        """Raises: Refused, if anything was wrong."""
        if self._found:
            raise meaningless(self._found)


def known(given: Iterable[str], names: tuple[str, ...], prefix: str, problems: Problems) -> None:
    """Refuse what is given beside those names."""
    for name in given:
        if name not in names:
            problems.add(
                prefix + name[:60], f"There is no “{name[:60]}” here; choose: {', '.join(names)}."
            )


NAMES = {str: "a text", int: "a whole number", dict: "an object", list: "a list"}


def member(
    values: Json, name: str, kind: type[T], prefix: str, problems: Problems, *, must: bool = False
) -> T | None:
    """An object's member of that kind; None for null, for what is missing, and for what is wrong."""
    value = values.get(name)
    if value is None:
        if must:
            problems.add(prefix + name, f"Say {NAMES[kind]}.")
        return None
    if not isinstance(value, kind) or isinstance(value, bool):
        problems.add(prefix + name, f"This must be {NAMES[kind]}.")
        return None
    return value
