"""What an editor may want to look at again: a finding refuses nothing, that is for the rules. Pure.

A finding names its field, says what is so, and what to do. Its values are days, amounts and the
like, and are written as the language in which it is said writes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

from feedsvc.i18n import NAMES, Language

WARNING, NOTE = "warning", "note"  # readers may be told something wrong; it could be better


@runtime_checkable
class InWords(Protocol):
    """A value that knows how a language says it."""

    def said(self, language: Language) -> str: ...


@dataclass(frozen=True)
class Word:
    """A message that is translated with the sentence around it."""

    message: str

    def said(self, language: Language) -> str:
        return language.gettext(self.message)


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str

    def said(self, language: Language) -> str:
        return language.money(self.amount, self.currency)


@dataclass(frozen=True)
class Names:
    """Languages of the site, by their codes."""

    codes: tuple[str, ...]

    def said(self, language: Language) -> str:
        return language.list([NAMES[code] for code in self.codes])


@dataclass(frozen=True)
class Finding:
    """`field` is named as in a `Problem`; empty where it is about the entry as a whole."""

    field: str
    severity: str
    message: str
    advice: str
    values: tuple[tuple[str, object], ...] = ()

    def said(self, language: Language) -> str:
        """What is so, and what to do."""
        values = {name: _said(value, language) for name, value in self.values}
        return f"{language.gettext(self.message, **values)} {language.gettext(self.advice)}"


def warning(field: str, message: str, advice: str, **values: object) -> Finding:
    return Finding(field, WARNING, message, advice, tuple(values.items()))


def note(field: str, message: str, advice: str, **values: object) -> Finding:
    return Finding(field, NOTE, message, advice, tuple(values.items()))


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Warnings before notes, each as they were found."""
    return tuple(sorted(findings, key=lambda finding: finding.severity != WARNING))


def _said(value: object, language: Language) -> str:
    if isinstance(value, InWords):
        return value.said(language)
    if isinstance(value, dt.date):
        return language.date(value)
    if isinstance(value, dt.time):
        return language.time(value)
    if isinstance(value, int | Decimal):
        return language.number(value)
    return str(value)
