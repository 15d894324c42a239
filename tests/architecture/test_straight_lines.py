"""The two straight lines in docs/architecture.md name functions that exist as they are written.

A row of a table names a file and, behind it, what is in it: `calls/changes.py edit_call(session,
call_id, edit, *, actor, now)`. Parameters are checked when the row writes them.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
STEP = re.compile(r"^\|\s*\d+\s*\|\s*`(?P<file>[\w/]+)\.py (?P<name>\w+)(?:\((?P<rest>[^)]*)\))?`")
LINES = 2
FEWEST_STEPS = 6


@dataclass(frozen=True)
class Step:
    module: str
    name: str
    parameters: tuple[str, ...]


def tables() -> list[list[Step]]:
    """The steps of each table; a table ends at the first line that is no row."""
    found: list[list[Step]] = [[]]
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        match = STEP.match(line)
        if match:
            found[-1].append(_step(match))
        elif not line.startswith("|") and found[-1]:
            found.append([])
    return [steps for steps in found if steps]


def _step(match: re.Match[str]) -> Step:
    written = (part.strip() for part in (match["rest"] or "").split(","))
    names = tuple(part for part in written if part and part not in ("*", "/", "..."))
    return Step("feedsvc." + match["file"].replace("/", "."), match["name"], names)


def test_both_lines_are_drawn() -> None:
    assert len(tables()) == LINES
    assert all(len(steps) >= FEWEST_STEPS for steps in tables())


@pytest.mark.parametrize("number", range(LINES))
def test_every_step_is_a_real_function(number: int) -> None:
    for step in tables()[number]:
        thing = getattr(import_module(step.module), step.name, None)
        assert thing is not None, f"{step.module} has no {step.name}"
        if step.parameters:
            assert set(step.parameters) <= set(inspect.signature(thing).parameters), step
