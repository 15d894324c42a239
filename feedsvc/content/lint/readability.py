"""How hard a text is to read, in a way that holds for English, French and German alike. Pure.

LIX (Björnsson 1968): words in a sentence on average, and words of more than six letters in percent.
It counts no syllables, which every language does in its own way. German builds longer words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ENOUGH = 80  # words: of fewer an average says nothing
LONG_WORD = 6  # letters; longer ones count
LONG_SENTENCE = 45  # words
HARD = {"en": 58, "fr": 60, "de": 66}  # newspapers stand at 45 to 55, laws at 60 and more

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
# A stop ends a sentence before a capital, and not behind a figure: “30. April”, “Art. 5”.
_END = re.compile(r"(?<=[^\W\d_)”»\"][.!?…])\s+(?=[“«\"(]?[A-ZÀ-ÝÄÖÜ])|\n+")


@dataclass(frozen=True)
class Reading:
    """The index, and the longest sentence if it is too long."""

    index: int
    longest: str

    def is_hard(self, language: str) -> bool:
        return self.index > HARD.get(language, HARD["en"])


def of(plain: str) -> Reading | None:
    """How a plain text reads; None for one too short to say."""
    sentences = [words for part in _END.split(plain) if (words := _WORD.findall(part))]
    number = sum(len(words) for words in sentences)
    longest = max(_END.split(plain), key=lambda part: len(_WORD.findall(part)))
    if len(_WORD.findall(longest)) <= LONG_SENTENCE:
        longest = ""
    if number < ENOUGH:
        return Reading(0, longest) if longest else None
    long = sum(len(word) > LONG_WORD for words in sentences for word in words)
    return Reading(round(number / len(sentences) + 100 * long / number), longest.strip())
