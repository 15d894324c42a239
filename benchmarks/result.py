"""What a benchmark found, and the table of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


class Missing(Exception):
    """A program or file that the benchmark needs is not here; the message says how to get it."""


class Untrue(AssertionError):
    """The client did not receive what the rate would be printed for."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table. `ratio` is better the larger it is; `target` is its floor."""

    name: str
    figure: float | None
    unit: str
    anchor: str = ""
    anchor_figure: float | None = None
    ratio: float | None = None
    target: float | None = None

    @property
    def met(self) -> bool | None:
        if self.target is None or self.ratio is None:
            return None
        return self.ratio >= self.target

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


HEAD = ("benchmark", "figure", "unit", "anchor", "anchor's", "ratio", "target", "met")


def table(results: Sequence[Result]) -> str:
    rows = [HEAD, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in (lines[0], "-" * len(lines[0]), *lines[1:]))


def _row(result: Result) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[result.met]
    return (
        result.name, _number(result.figure), result.unit, result.anchor,
        _number(result.anchor_figure), _number(result.ratio), _number(result.target), met,
    )  # fmt: skip


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
