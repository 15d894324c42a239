"""Two versions of an entry beside each other, field by field, with the words that differ marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from feedsvc.calls import snapshots
from feedsvc.content.desk import revisions
from feedsvc.i18n import N_, Language
from feedsvc.web.admin import histories

# Of both texts together: as long as that they are compared word by word, longer ones line by line.
MOST_WORDS, MOST_LINES = 8_000, 2_000
_WORDS, _LINES = re.compile(r"\s+|[^\s]+"), re.compile(r"[^\n]*\n|[^\n]+")
GROUPS = ("texts", "key_dates")  # come first, in this order


@dataclass(frozen=True)
class Piece:
    """Some words; `marked` if the other side has not got them."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Difference:
    """One field that differs."""

    field: str
    label: str
    old: Sequence[Piece]
    new: Sequence[Piece]


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], language: Language, *, only: Iterable[str] = ()
) -> list[Difference]:
    """The fields that differ between two tables of values, in the order of the form."""
    before, after = revisions.flat(old), revisions.flat(new)
    names = set(only) or before.keys() | after.keys()
    return [
        _difference(name, before.get(name), after.get(name), language)
        for name in sorted(names, key=_place)
        if not _same(before.get(name), after.get(name))
    ]


def marked(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    by_line = len(before) + len(after) > MOST_WORDS
    if by_line:
        before, after = _LINES.findall(old), _LINES.findall(new)
        if len(before) + len(after) > MOST_LINES:
            return [Piece(old, True)], [Piece(new, True)]
    # Words that stand everywhere are no anchors: with them it would take seconds.
    matcher = SequenceMatcher(None, before, after, autojunk=not by_line)
    left: list[Piece] = []
    right: list[Piece] = []
    for act, a, b, c, d in matcher.get_opcodes():
        _add(left, "".join(before[a:b]), marked=act != "equal")
        _add(right, "".join(after[c:d]), marked=act != "equal")
    return left, right


def in_words(value: Any, language: Language) -> str:
    """A value of the table, whole."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return language.gettext(N_("yes") if value else N_("no"))
    if isinstance(value, Mapping):
        return _dictionary(value, language)
    if isinstance(value, list | tuple):
        return "\n".join(filter(None, (in_words(item, language) for item in value)))
    return str(value)


def _dictionary(value: Mapping[str, Any], language: Language) -> str:
    if "zone" not in value or "date" not in value:
        return "\n".join(filter(None, (in_words(item, language) for item in value.values())))
    parts = [value["date"], (value.get("time") or "")[:5], value["zone"]]
    if value.get("certainty") == "estimated":
        parts.append(language.gettext(N_("expected")))
    if not value.get("mandatory", True):
        parts.append(language.gettext(N_("Applicants may skip it")))
    if value.get("precision") not in ("minute", "day", None):
        parts.append(f"({value['precision']})")
    labels = (value.get("labels") or {}).values()
    return "\n".join(filter(None, (" ".join(filter(None, parts)), *labels)))


def _difference(name: str, old: Any, new: Any, language: Language) -> Difference:
    if name in snapshots.MONEY:
        old, new = _amount(old), _amount(new)
    left, right = marked(in_words(old, language), in_words(new, language))
    return Difference(name, histories.label(name, [old, new], language), left, right)


def _amount(value: str | None) -> str:
    return "" if value is None else f"{Decimal(value).normalize():f}"


def _same(old: Any, new: Any) -> bool:
    """Nothing and an empty text are the same to a reader."""
    return old == new or (old in (None, "", [], {}) and new in (None, "", [], {}))


def _add(pieces: list[Piece], text: str, *, marked: bool) -> None:
    if text:
        pieces.append(Piece(text, marked))


def _place(name: str) -> tuple[int, str]:
    group = name.partition(".")[0]
    return (GROUPS.index(group) if group in GROUPS else len(GROUPS), name)
