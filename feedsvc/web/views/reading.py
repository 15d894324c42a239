"""An article as it is read: how long it takes, and where its pull quotes stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedsvc.content.models import Translation

WORDS_A_MINUTE = 220
_HEADING = re.compile(r"##? .*")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:", re.MULTILINE)  # of a link, for the whole text


@dataclass(frozen=True)
class Piece:
    """Some Markdown, and the quotes that stand after it."""

    body: str
    quotes: tuple[Mapping[str, str], ...] = ()


def minutes(text: Translation) -> int:
    """How many minutes it takes to read, at least one."""
    return max(1, round(len(text.body.split()) / WORDS_A_MINUTE))


def pieces(text: Translation) -> tuple[Piece, ...]:
    """The text in pieces, its quotes spread among them: the first after the first part.

    A quote stands where the text draws breath, before a heading; what has no place comes last.
    """
    parts, quotes = _parts(text.body), list(text.quotes)
    if not quotes:
        return (Piece(text.body),)
    found = [Piece(part, tuple(quotes[n : n + 1])) for n, part in enumerate(parts[:-1])]
    return (*_joined(found), Piece(parts[-1], tuple(quotes[len(parts) - 1 :])))


def _parts(body: str) -> Sequence[str]:
    """Cut before each heading, but not inside of code, nor where a link is defined for all of it."""
    if _DEFINITION.search(body):
        return [body]
    parts: list[str] = []
    lines: list[str] = []
    is_code = False
    for line in body.splitlines():
        is_code ^= bool(_FENCE.match(line))
        if not is_code and _HEADING.fullmatch(line) and "".join(lines).strip():
            parts.append("\n".join(lines))
            lines = []
        lines.append(line)
    return [*parts, "\n".join(lines)]


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces between which nothing stands are one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and not joined[-1].quotes:
            joined[-1] = Piece(f"{joined[-1].body}\n{piece.body}", piece.quotes)
        else:
            joined.append(piece)
    return joined
