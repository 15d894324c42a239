"""Words for search: what a text is made of, and what a query asks for. Pure.

Both databases are given the same tokens, made here, so that neither brings its own idea of a
word. A token is a run of letters and digits without case and accents: `Förderfähigkeit` is
`forderfahigkeit`, `Œuvre` is `oeuvre`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

MAX_TOKEN = 40  # characters; longer words are cut the same way in texts and in queries
MAX_TOKENS = 16_000  # PostgreSQL numbers the words of a document up to 16,383
MAX_OCCURRENCES = 255  # ... and remembers 255 places of each word
MAX_BYTES = 400_000  # ... and keeps at most 1 MB of a document
MAX_QUERY = 400  # characters of a query that are read
ELISIONS = {"c", "d", "j", "l", "m", "n", "qu", "s", "t"}  # French: l'énergie
NO_DECOMPOSITION = {
    "æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe", "þ": "th",
}  # fmt: skip

_CHUNK = re.compile(r'"([^"]*)"?|([^\s"]+)')
_APOSTROPHE = re.compile("['’ʼ]")


@dataclass(frozen=True)
class Term:
    """Words that stand next to each other; with `prefix`, the last may go on."""

    tokens: tuple[str, ...]
    prefix: bool


class _Folding(dict[int, str]):
    """What each character becomes: folded letters and digits, nothing, or a space."""

    def __missing__(self, code: int) -> str:
        folded = "".join(_folded(char) for char in _decomposed(chr(code)))
        if len(self) < 20_000:  # texts use a few hundred; a hostile one must not fill memory
            self[code] = folded
        return folded


def _decomposed(char: str) -> str:
    lower = unicodedata.normalize("NFKD", char).casefold()
    return unicodedata.normalize("NFKD", "".join(NO_DECOMPOSITION.get(c, c) for c in lower))


def _folded(char: str) -> str:
    if char.isalnum():
        return char
    joins = unicodedata.category(char)[0] == "M" or unicodedata.category(char) == "Cf"
    return "" if joins else " "  # marks and soft hyphens stand within a word


_FOLDING = _Folding()


def tokens(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return [word[:MAX_TOKEN] for word in text.translate(_FOLDING).split()]


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of a text, folded, with where it starts and ends in the text."""
    word, start, end = "", 0, 0
    for place, char in enumerate(text):
        for piece in _FOLDING[ord(char)]:
            if piece != " ":
                start = start if word else place
                word, end = word + piece, place + 1
            elif word:
                yield word[:MAX_TOKEN], start, end
                word = ""
        if word and not _FOLDING[ord(char)]:
            end = place + 1  # an accent written as its own character belongs to the letter
    if word:
        yield word[:MAX_TOKEN], start, end


def places(title: str, body: str) -> tuple[list[str | None], list[str | None]]:
    """The words to index of a title and a body; None keeps the place of a word left out.

    Within the limits above PostgreSQL and SQLite find the same documents, phrases included.
    """
    seen: Counter[str] = Counter()
    size = 0
    fields: list[list[str | None]] = []
    for text in (title, body):
        kept: list[str | None] = []
        for token in tokens(text)[: MAX_TOKENS - sum(map(len, fields))]:
            seen[token] += 1
            size += len(token.encode())
            kept.append(token if seen[token] <= MAX_OCCURRENCES and size <= MAX_BYTES else None)
        fields.append(kept)
    return fields[0], fields[1]


def parse(q: str) -> tuple[Term, ...]:
    """What a query asks for: every term has to be found. No term: nothing can be found.

    A word also finds longer words that begin with it, from two letters on; words in double quotes
    are found exactly as they stand; words joined by a hyphen, dot or slash stand together.
    """
    terms: dict[Term, None] = {}
    for quoted, chunk in _CHUNK.findall(q[:MAX_QUERY]):
        parts = [quoted] if quoted else _without_elisions(chunk)
        for part in parts:
            words = tuple(tokens(part))
            if words:
                terms[Term(words, prefix=not quoted and len(words[-1]) > 1)] = None
    return tuple(term for term in terms if not _implied(term, terms))


def found(q: str, words: str) -> bool:
    """Whether a text holds every term of `q`; `words` are its tokens, joined by a space."""
    text, terms = f" {words} ", parse(q)
    return bool(terms) and all(
        f" {' '.join(term.tokens)}{'' if term.prefix else ' '}" in text for term in terms
    )


def _without_elisions(chunk: str) -> list[str]:
    parts = [part for part in _APOSTROPHE.split(chunk) if part]
    return [part for part in parts[:-1] if part.casefold() not in ELISIONS] + parts[-1:]


def _implied(term: Term, terms: dict[Term, None]) -> bool:
    """Whether another word begins with this one: who finds `heating` has found `heat`."""
    return (
        term.prefix
        and len(term.tokens) == 1
        and any(
            other != term and any(token.startswith(term.tokens[0]) for token in other.tokens)
            for other in terms
        )
    )
