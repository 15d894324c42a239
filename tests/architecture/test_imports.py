"""The import contracts of pyproject.toml hold, and the database is never asked for the time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import feedsvc

PACKAGE = Path(feedsvc.__file__).parent
DATABASE_CLOCK = re.compile(
    r"func\.now\(|CURRENT_TIMESTAMP|CURRENT_DATE|server_onupdate", re.IGNORECASE
)


def test_layers_and_homes_of_libraries_are_kept() -> None:
    """In a process of its own: the linter sets up logging anew, and silences ours with it."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_the_database_is_never_asked_for_the_time() -> None:
    found = [str(path) for path in PACKAGE.rglob("*.py") if DATABASE_CLOCK.search(path.read_text())]
    assert found == []


def test_a_package_says_nothing_by_itself() -> None:
    """`__init__.py` files hold at most a docstring, or what a framework needs to find there."""
    loud = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.glob("*/__init__.py")
        if path.read_text() and path.parent.name not in ("web", "migrations")
    ]
    assert loud == []
