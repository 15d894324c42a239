"""Which word was meant: the known one that differs by the fewest slips of a finger. Pure."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST, LONGEST = 4, 30  # characters of words that are worth knowing
LONG = 7  # characters from which on two slips are forgiven, and not one


def is_word(token: str) -> bool:
    """Whether it is learned: numbers and references are not misspelled words."""
    return SHORTEST <= len(token) <= LONGEST and token.isalpha()


def parts(word: str) -> list[str]:
    """Three letters each, its beginning and its end marked: similar words share most of them."""
    marked = f"^{word}$"
    return sorted({marked[place : place + 3] for place in range(len(marked) - 2)})


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is the fewest slips away, if these are few."""
    forgiven = 2 if len(word) >= LONG else 1
    measured = [(slips(word, other), abs(len(word) - len(other)), other) for other in known]
    best = min(measured, default=None)
    return best[2] if best and best[0] <= forgiven else None


def slips(one: str, other: str) -> int:
    """Letters left out, added, mistaken, or two of them swapped (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], wanted):
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
