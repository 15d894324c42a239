"""Read the documentation as a program does: its tables, its code, its links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)


def pages() -> list[Path]:
    """Every page that a reader of the repository finds."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def text(page: str) -> str:
    """A page by its path from the root."""
    return (ROOT / page).read_text(encoding="utf-8")


def tables(page: str) -> Iterator[list[list[str]]]:
    """The tables of a page; a row is its cells, and the heading comes first."""
    rows: list[list[str]] = []
    for line in [*text(page).splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            yield [row for row in rows if set("".join(row)) - set("-: ")]
            rows = []


def table(page: str, *heading: str) -> list[list[str]]:
    """The rows of the one table whose heading begins with those cells."""
    found = [t for t in tables(page) if tuple(t[0][: len(heading)]) == heading]
    assert len(found) == 1, f"{page} has {len(found)} tables headed {heading}"
    return found[0][1:]


def codes(text: str) -> list[str]:
    """What is written as code in a cell or a page, blocks of code left out."""
    return _CODE.findall(_FENCE.sub("", text))


def fences(page: str, kind: str) -> list[str]:
    """The blocks of code of that kind."""
    return [found["text"] for found in _FENCE.finditer(text(page)) if found["kind"] == kind]


def links(path: Path) -> list[str]:
    """The targets of a page's links, those in blocks of code left out."""
    return _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8")))


def anchors(path: Path) -> set[str]:
    """The names by which the headings of a page can be linked to."""
    headings = _HEADING.findall(_FENCE.sub("", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
