"""Where to mark, in a text, what a query asked for. Pure; the page makes the markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from feedsvc.search import rules
from feedsvc.search.rules import Term


@dataclass(frozen=True)
class Segment:
    """A piece of a text, and whether the query asked for it."""

    text: str
    hit: bool


def highlight(text: str, q: str) -> tuple[Segment, ...]:
    """The text in segments; joined they are the text. Hits are whole words."""
    words = list(rules.spans(text))
    hits = _hits([token for token, _, _ in words], rules.parse(q))
    segments: list[Segment] = []
    end = 0
    for start, stop in _merged([(words[i][1], words[i][2]) for i in sorted(hits)], text):
        if start > end:
            segments.append(Segment(text[end:start], hit=False))
        segments.append(Segment(text[start:stop], hit=True))
        end = stop
    if end < len(text):
        segments.append(Segment(text[end:], hit=False))
    return tuple(segments)


def snippet(text: str, q: str, length: int = 200) -> tuple[Segment, ...]:
    """About `length` characters of the text around its first hit, cut between words."""
    if len(text) <= length:
        return highlight(text, q)
    start = _start(text, q, length)
    stop = len(text) if start + length >= len(text) else _blank_before(text, start + length)
    stop = stop if stop > start else start + length  # one endless word
    before, after = "… " if start else "", " …" if stop < len(text) else ""
    return highlight(f"{before}{text[start:stop].strip()}{after}", q)


def _start(text: str, q: str, length: int) -> int:
    """Where a snippet starts: at the text's start when the first hit is near it, or absent."""
    words = list(rules.spans(text))
    hits = _hits([token for token, _, _ in words], rules.parse(q))
    first = words[min(hits)][1] if hits else 0
    if first < length // 2:
        return 0
    near = min(first - length // 3, len(text) - length)
    return _blank_before(text, near) + 1


def _blank_before(text: str, place: int) -> int:
    """The last blank before a place, -1 when there is none."""
    return max(text.rfind(" ", 0, place + 1), text.rfind("\n", 0, place + 1))


def _hits(words: list[str], terms: tuple[Term, ...]) -> set[int]:
    found: set[int] = set()
    for term in terms:
        for start in range(len(words) - len(term.tokens) + 1):
            if _stands_at(term, words, start):
                found.update(range(start, start + len(term.tokens)))
    return found


def _stands_at(term: Term, words: list[str], start: int) -> bool:
    here = words[start : start + len(term.tokens)]
    last = here[-1].startswith(term.tokens[-1]) if term.prefix else here[-1] == term.tokens[-1]
    return last and tuple(here[:-1]) == term.tokens[:-1]


def _merged(spans: list[tuple[int, int]], text: str) -> Iterator[tuple[int, int]]:
    """Neighbouring hits with only a blank between them are marked as one."""
    run: tuple[int, int] | None = None
    for start, stop in spans:
        if run and not text[run[1] : start].strip():
            run = (run[0], stop)
            continue
        if run:
            yield run
        run = (start, stop)
    if run:
        yield run
