"""Read the amounts and shares that a text promises, in English, French and German. Pure.

`up to EUR 250,000`, `jusqu’à 250 000 €`, `bis zu 250.000 Euro`, `2.5 million euros`, `up to 70 %`.
What is said of the size of a company (turnover, balance sheet) or of de minimis aid is no promise
of the call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

CAP, TOTAL = "cap", "total"  # of one project; of all of them together
BEFORE = 70  # characters in which the words stand that say what an amount is
CURRENCIES = {"€": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "us$": "USD", "£": "GBP"}
SCALES = {
    **dict.fromkeys(("k", "thousand", "mille", "tausend", "tsd"), Decimal(1_000)),
    **dict.fromkeys(("m", "mn", "mio", "million", "millions", "millionen"), Decimal(1_000_000)),
    **dict.fromkeys(
        ("bn", "billion", "milliard", "milliards", "mrd", "milliarde", "milliarden"),
        Decimal(1_000_000_000),
    ),
}

_GAP = "[ \u00a0\u202f]"
_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?"
_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_CURRENCY = r"€|EUR\b|euros?\b|CHF\b|USD\b|US\$|\$|GBP\b|£"
_AMOUNT = re.compile(
    rf"(?:(?P<before>{_CURRENCY}){_GAP}?(?P<n1>{_NUMBER})(?:{_GAP}?(?P<s1>{_SCALE})\b\.?)?)"
    rf"|(?:(?<![\d.,])(?P<n2>{_NUMBER}){_GAP}?(?:(?P<s2>{_SCALE})(?![^\W\d_])\.?)?{_GAP}?"
    rf"(?:d['’]|de{_GAP})?(?P<after>{_CURRENCY}))",
    re.IGNORECASE,
)
_RATE = re.compile(
    rf"(?<![\d.,])(\d{{1,3}}(?:[.,]\d{{1,2}})?){_GAP}?(?:%|per ?cent\b|pour cent\b|prozent\b)",
    re.IGNORECASE,
)
_CAP = re.compile(
    r"(?:up to|at most|no more than|(?:not|never) exceed(?:ing)?|maximum(?: of| is|:)?|max\.?|capped at"
    r"|ceiling (?:of|is)|cap (?:of|is)|jusqu['’]à|au plus|au maximum|maxim(?:um|al|ale) de"
    r"|plafonné\w* à|plafond (?:de|est)|dépasser|bis zu|höchstens|maximal|nicht mehr als"
    r"|obergrenze von)[^\d.;!?]{0,25}$",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"budget|envelope|enveloppe|dotation|fördertopf|gesamtvolumen|fördervolumen", re.IGNORECASE
)
_OTHER = re.compile(
    r"turnover|balance sheet|revenue|de[ -]minimis|chiffre d['’]affaires|bilan\b|umsatz|bilanz"
    r"|own funds|fonds propres|eigenkapital|eigenmittel",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;!?\n]|(?<=[^\W\d_])(?<!max)(?<!mio)(?<!mrd)\.\s", re.IGNORECASE)


@dataclass(frozen=True)
class Promised:
    """An amount with what it is, and the words that say so."""

    amount: Decimal
    currency: str
    what: str
    words: str


@dataclass(frozen=True)
class Share:
    """A share of the costs that is paid at most, in percent."""

    percent: Decimal
    words: str


def promised(plain: str) -> Iterator[Promised]:
    """The amounts of a plain text of which it is said that they are a cap or the whole budget."""
    for found in _AMOUNT.finditer(plain):
        before = _before(plain, found.start())
        cap = _CAP.search(before)
        what = TOTAL if _TOTAL.search(before) else CAP if cap else ""
        if what and not _OTHER.search(before):
            lead = before[cap.start() :] if cap else ""
            yield Promised(_amount(found), _currency(found), what, f"{lead}{found[0]}".strip())


def shares(plain: str) -> Iterator[Share]:
    """The percentages of a plain text that are the most that is paid."""
    for found in _RATE.finditer(plain):
        before = _before(plain, found.start())
        cap = _CAP.search(before)
        if cap and not _OTHER.search(before):
            words = f"{before[cap.start() :]}{found[0]}".strip()
            yield Share(Decimal(found[1].replace(",", ".")), words)


def _before(plain: str, at: int) -> str:
    """The words before a place, as far as they belong to it."""
    return _CLAUSE.split(plain[max(0, at - BEFORE) : at])[-1]


def _amount(found: re.Match[str]) -> Decimal:
    scale = SCALES[(found["s1"] or found["s2"] or "").casefold()] if _scaled(found) else Decimal(1)
    return _number(found["n1"] or found["n2"], decimals=2 if scale == 1 else 3) * scale


def _scaled(found: re.Match[str]) -> bool:
    return bool(found["s1"] or found["s2"])


def _number(text: str, *, decimals: int) -> Decimal:
    """Three figures behind a mark are a group of thousands, unless millions are counted."""
    text = re.sub(r"[ \u00a0\u202f'’]", "", text)
    whole, mark, cents = re.fullmatch(r"(.*?)(?:([.,])(\d+))?", text).groups()  # type: ignore[union-attr]
    if mark and (len(cents) <= 2 or (decimals == 3 and not re.search(r"[.,]", whole))):
        return Decimal(f"{re.sub(r'[.,]', '', whole)}.{cents}")
    return Decimal(re.sub(r"[.,]", "", text))


def _currency(found: re.Match[str]) -> str:
    written = (found["before"] or found["after"]).casefold()
    return CURRENCIES.get(written, written.upper())
