"""The money of a row: numbers where the source gives numbers, its own words otherwise. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from feedsvc.imports.report import Unusable
from feedsvc.imports.rows import Row

PLACEHOLDER = "amount of 0 or 1 (it fills a form) read as: not said"
ABOVE_BUDGET = "largest award above the total budget, kept as it stands"
WORDS_READ = "amount in words read as a number"
WORDS_KEPT = "amount in words kept as text"

_MONEY = r"\$?\s?(\d[\d,]*(?:\.\d{1,2})?)\s?(million|M)?"
_ONE = re.compile(rf"(?:up to )?{_MONEY}\.?", re.ASCII | re.IGNORECASE)
_TWO = re.compile(rf"(?:between )?{_MONEY} (?:and|to) {_MONEY}\.?", re.ASCII | re.IGNORECASE)
_NONE_NEEDED = {"", "no", "none", "not required"}


@dataclass(frozen=True)
class Amounts:
    """`words` are sentences, for what could not be said in numbers."""

    total_budget: Decimal | None
    award_min: Decimal | None
    award_max: Decimal | None
    expected_awards: int | None
    words: tuple[str, ...]


def read(row: Row, notes: Counter[str]) -> Amounts:
    """Raises: Unusable where a number is something else."""
    low, high = (_said(row.number(name), notes) for name in ("amount_min", "amount_max"))
    total = _said(row.number("total_budget"), notes)
    words = []
    if high is None and (text := row.line("amount_text")):
        low, high, kept = _award(text, notes)
        words += [f"Amount, in the words of the source: {text}"] if kept else []
    if total is None and (text := row.line("total_budget_text")):
        total = _single(text, notes)
        words += [f"Total budget, in the words of the source: {text}"] if total is None else []
    if high is not None and total is not None and high > total:
        notes[ABOVE_BUDGET] += 1
    return Amounts(total, low, high, _whole(row), (*words, *_matching(row)))


def _said(amount: Decimal | None, notes: Counter[str]) -> Decimal | None:
    if amount is not None and amount in (0, 1):
        notes[PLACEHOLDER] += 1
        return None
    return amount


def _award(text: str, notes: Counter[str]) -> tuple[Decimal | None, Decimal | None, bool]:
    """The smallest and the largest award, and whether the text has to be kept."""
    match = _TWO.fullmatch(text)
    if match:
        notes[WORDS_READ] += 1
        low, high = _amount(match[1], match[2]), _amount(match[3], match[4])
        return _said(low, notes), high, False
    single = _single(text, notes)
    return None, single, single is None


def _single(text: str, notes: Counter[str]) -> Decimal | None:
    match = _ONE.fullmatch(text)
    notes[WORDS_READ if match else WORDS_KEPT] += 1
    return _amount(match[1], match[2]) if match else None


def _amount(digits: str, unit: str | None) -> Decimal:
    return Decimal(digits.replace(",", "")) * (1_000_000 if unit else 1)


def _whole(row: Row) -> int | None:
    number = row.number("expected_awards")
    if number is None:
        return None
    if number != number.to_integral_value() or not 0 <= number < 1_000_000:
        raise Unusable(f"expected_awards: “{number:g}” is not a number of awards")
    return int(number) or None


def _matching(row: Row) -> list[str]:
    text = row.line("matching")
    if text.lower() in _NONE_NEEDED:
        return []
    if re.fullmatch(r"0?\.\d{1,3}", text, re.ASCII):  # a spreadsheet's 25%
        text = f"{(Decimal(text) * 100).normalize():f}%"
    return [f"Matching funds, in the words of the source: {text}"]
