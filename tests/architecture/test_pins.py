"""constraints.txt pins every package that is installed, within the ranges of pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;@]+)")


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    matches = [PIN.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert all(matches), "a pin is a name and a version, nothing else"
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


def ranges() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]


def test_every_range_has_a_pin_inside_it() -> None:
    pinned = pins()
    for wanted in ranges():
        assert pinned[canonicalize_name(wanted.name)] in wanted.specifier, wanted


def applies(wanted: Requirement, extras: set[str]) -> bool:
    return not wanted.marker or any(wanted.marker.evaluate({"extra": e}) for e in ("", *extras))


def test_everything_that_is_needed_is_pinned() -> None:
    pinned, waiting, seen = pins(), ranges(), set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in seen and not wanted.extras:
            continue
        seen.add(name)
        assert name in pinned, f"{name} is not pinned: make pins"
        needs = (Requirement(line) for line in distribution(name).requires or ())
        waiting += [need for need in needs if applies(need, wanted.extras)]
    assert set(pinned) == seen, "pinned, but needed by nothing"
