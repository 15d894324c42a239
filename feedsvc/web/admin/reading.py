"""Read dates, times, amounts and rates as people type them in English, French and German. Pure.

Every function takes a text that is not empty and raises ValueError with a sentence that says what
to type instead. Nothing is guessed: what can mean two things is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from feedsvc import i18n
from feedsvc.i18n import N_

ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
FIGURES = re.compile(r"(\d{1,2})[./ -]+(\d{1,2})[./ -]+(\d{4})")
WORDS = re.compile(
    r"(?:[^\W\d]+,?\.? )?(?:the )?(\d{1,2})(?:\.|st|nd|rd|th|er)? ([^\W\d]+)\.?,? (\d{4})"
)
CLOCK = re.compile(r"(\d{1,2})(?: ?[:.h] ?(\d{2})?)? ?(am|pm|a\.m\.|p\.m\.|uhr|h)?")
GROUPS = re.compile(r"\d{1,3}(?:[ ',.’]\d{3})+")
SIZE = re.compile(r"(\d{1,6}(?:[.,]\d{1,4})?) ?(kb|ko|mb|mo)")
PLAIN = re.compile(r"\d+(?:[.,]\d{1,2})?")

DATE_ADVICE = N_("Enter a date like 30 April 2027 or 2027-04-30.")
TIME_ADVICE = N_("Enter a time like 17:00. For the end of the day write 23:59.")
AMOUNT_ADVICE = N_("Enter the amount in figures, like 200 000 or 1500.50.")
RATE_ADVICE = N_("Enter a percentage in figures, like 60 or 62.5.")
SIZE_ADVICE = N_("Enter a size like 340 kB or 1.2 MB.")
NUMBER_ADVICE = N_("Enter a whole number in figures, like 12.")


def date(text: str) -> dt.date:
    """`2027-04-30`, `30 April 2027`, `30. April 2027`, `30 avril 2027`, `30/04/2027`.

    Figures are read day first; a date whose month is beyond 12 is refused, not turned around.
    """
    year, month, day = _parts(" ".join(text.split()).casefold())
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(DATE_ADVICE) from None


def time(text: str) -> dt.time:
    """`17:00`, `17.00`, `17h00`, `17 h`, `5 pm`, `17 Uhr`; hours alone need a word behind them."""
    found = CLOCK.fullmatch(" ".join(text.split()).casefold())
    if found is None or (found[2] is None and found[3] is None and "h" not in found[0]):
        raise ValueError(TIME_ADVICE)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise ValueError(TIME_ADVICE)
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise ValueError(TIME_ADVICE)
    return dt.time(hour, minute)


def amount(text: str) -> Decimal:
    """`200000`, `200 000`, `200,000`, `200.000`, `1'500.50`, `1.500,50`.

    Money has two decimals at most, so three figures behind a separator are a group of thousands.
    """
    text = " ".join(text.split())
    whole, mark, cents = _split_cents(text)
    if GROUPS.fullmatch(whole) and not whole.startswith("0") and _one_separator(whole, mark):
        digits = re.sub(r"\D", "", whole)
    elif PLAIN.fullmatch(text):
        return Decimal(text.replace(",", "."))
    else:
        raise ValueError(AMOUNT_ADVICE)
    return Decimal(f"{digits}.{cents or 0}")


def rate(text: str) -> Decimal:
    """A percentage: `60`, `60 %`, `62,5`."""
    text = text.replace("%", "").strip()
    if not PLAIN.fullmatch(text):
        raise ValueError(RATE_ADVICE)
    return Decimal(text.replace(",", "."))


def size(text: str) -> int:
    """The size of a file in bytes: `340 kB`, `1.2 MB`, `1,2 Mo`."""
    found = SIZE.fullmatch(" ".join(text.split()).casefold())
    if found is None:
        raise ValueError(SIZE_ADVICE)
    unit = 1000 if found[2].startswith("k") else 1_000_000
    return int(Decimal(found[1].replace(",", ".")) * unit)


def number(text: str) -> int:
    """A whole number of up to nine figures."""
    text = re.sub(r"\s", "", text)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(NUMBER_ADVICE)
    return int(text)


def _parts(text: str) -> tuple[int, int, int]:
    """Year, month and day, in figures."""
    if found := ISO_DATE.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := FIGURES.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if (found := WORDS.fullmatch(text)) and found[2] in i18n.months():
        return int(found[3]), i18n.months()[found[2]], int(found[1])
    raise ValueError(DATE_ADVICE)


def _split_cents(text: str) -> tuple[str, str, str]:
    """The part before the decimal mark, the mark, and one or two decimals behind it."""
    found = re.fullmatch(r"(.*)([.,])(\d{1,2})", text)
    return (found[1], found[2], found[3]) if found else (text, "", "")


def _one_separator(whole: str, mark: str) -> bool:
    """Whether groups are set apart by one sign only, and not by the decimal mark."""
    separators = set(re.sub(r"\d", "", whole))
    return len(separators) == 1 and mark not in separators
