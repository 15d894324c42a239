"""Languages: catalogues, and dates, money and counts as each language writes them.

Catalogues are the .po files in `locale/`, compiled in memory when first used: there is no
compiled file that could be older than its source. English is the source language.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache, reduce
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

LOCALE_PATH = Path(__file__).parent / "locale"
LOCALES = {"en": "en_GB", "fr": "fr_FR", "de": "de_DE"}
NAMES = {"en": "English", "fr": "Français", "de": "Deutsch"}
AOE = "AoE"
ALL = "all"  # in place of a language: every text in every language in which it exists


def N_(message: str) -> str:
    """Mark a message for the catalogues where it is defined; it is translated where it is shown."""
    return message


@cache
def zones() -> frozenset[str]:
    """The IANA names of time zones, without `localtime` and `Factory`, which name no place.

    Asked once and kept: `ZoneInfo(key)` opens paths, and fails in four different ways for what is
    no zone.
    """
    return frozenset(available_timezones() - {"localtime", "Factory"})


@dataclass(frozen=True)
class Language:
    """How one language says things. Get it from `language(code)`."""

    code: str

    @property
    def name(self) -> str:
        """The language's name in itself."""
        return NAMES[self.code]

    @property
    def locale(self) -> Locale:
        return _locale(self.code)

    def gettext(self, message: str, **values: object) -> str:
        text = _catalogue(self.code).gettext(message) if message else ""
        return text % values if values else text

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        return _catalogue(self.code).ngettext(one, many, n) % {
            "n": self.number(n),
            **values,
        }

    def date(self, day: dt.date, *, weekday: bool = False, year: bool = True) -> str:
        """A day in words: `30 April 2024`, with the weekday `Tuesday 30 April 2024`."""
        return _date(self.code, day, _date_pattern(self.code, day.day, weekday, year))

    def month(self, day: dt.date, *, year: bool = True) -> str:
        return _date(self.code, day, "MMMM y" if year else "MMMM")

    def month_short(self, day: dt.date, *, year: bool = False) -> str:
        """`Apr`, with the year `Apr 2024`: for narrow places."""
        return _date(self.code, day, "MMM y" if year else "MMM")

    def weekday_short(self, day: dt.date) -> str:
        """`Tue`."""
        return _date(self.code, day, "EEE")

    def time(self, moment: dt.time) -> str:
        """A time of day on the 24-hour clock: `17:00`."""
        return _time(self.code, moment)

    def instant(self, at: dt.datetime, zone: ZoneInfo) -> str:
        """An instant as a reader in `zone` writes it: `30 April 2024, 17:00`."""
        local = at.astimezone(zone)
        return f"{self.date(local.date())}, {self.time(local.time())}"

    def placed(self, at: dt.datetime, zone: ZoneInfo) -> str:
        """An instant and whose clock says so: `30 April 2024, 17:00 (Luxembourg time)`."""
        return f"{self.instant(at, zone)} ({self.zone(zone.key)})"

    def zone(self, zone: str) -> str:
        """A zone by its city: `Luxembourg time`; AoE in words."""
        if zone == AOE:
            return self.gettext("Anywhere on Earth (UTC-12)")
        if zone in ("UTC", "Etc/UTC"):
            return "UTC"
        return self.gettext("%(city)s time", city=_city(zone, self.locale))

    def city(self, zone: str) -> str:
        """The city that an IANA zone is named after: `Luxemburg`."""
        return _city(zone, self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        """Money by the language's rules, without cents when there are none: `€200,000`."""
        return _money(self.code, amount, currency)

    def size(self, count: int) -> str:
        """The size of a file: `340 kB`, `1.2 MB`; in French `1,2 Mo`."""
        unit, scale = ("megabyte", 1_000_000) if count >= 1_000_000 else ("kilobyte", 1000)
        rounded = round(count / scale, 1 if count < 10 * scale else 0)
        return format_unit(rounded, f"digital-{unit}", "short", locale=self.locale)

    def number(self, value: int | Decimal) -> str:
        return _number(self.code, value)

    def called(self, code: str) -> str:
        """What a language is called in this one: `French`, `français`, `Französisch`."""
        return str(self.locale.languages.get(code, code))

    def place(self, code: str) -> str:
        """A country, or the European Union, by its code."""
        return self.places.get(code, code)

    @property
    def places(self) -> Mapping[str, str]:
        """What countries and other places are called, by their codes."""
        return cast("Mapping[str, str]", self.locale.territories)

    def percent(self, value: int | Decimal) -> str:
        """`value` in percent: 60 is written `60%` or `60 %`."""
        return _percent(self.code, value)

    def list(self, items: list[str]) -> str:
        """`a, b and c`."""
        return format_list(items, locale=self.locale)

    def clauses(self, parts: Sequence[str]) -> str:
        """Half-sentences in one, the semicolon set as the language sets it."""
        pair = N_("%(before)s; %(after)s")
        return reduce(lambda told, part: self.gettext(pair, before=told, after=part), parts or [""])

    def stamp(self, at: dt.datetime, zone: ZoneInfo) -> str:
        """Short date and time for tables: `02/03/2026, 10:00`."""
        local = at.astimezone(zone)
        time = _short_time(self.code, local.hour, local.minute)
        return _short(self.code) % {"date": _short_date(self.code, local.date()), "time": time}


@lru_cache
def language(code: str) -> Language:
    """The language of that code. Raises: KeyError for one that feedsvc does not speak."""
    if code not in LOCALES:
        raise KeyError(code)
    return Language(code)


@cache
def months() -> Mapping[str, int]:
    """Names and short names of the months in every language, in lower case and without a full stop."""
    found: dict[str, int] = {}
    for code in LOCALES:
        for forms in _locale(code).months.values():
            for width in ("wide", "abbreviated"):
                found |= {name.casefold().rstrip("."): n for n, name in forms[width].items()}
    return found


@cache
def weekdays() -> Mapping[str, int]:
    """Names of the days of the week in every language, in lower case; Monday is 0."""
    return {
        name.casefold(): n
        for code in LOCALES
        for n, name in _locale(code).days["format"]["wide"].items()
    }


@lru_cache
def _locale(code: str) -> Locale:
    return Locale.parse(LOCALES[code])


@lru_cache
def _catalogue(code: str) -> NullTranslations:
    path = LOCALE_PATH / code / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


# A page says some hundred dates and numbers, and the next one mostly the same. What is written is the
# same for ever; how many are kept is bounded, for amounts come from readers too.
_kept = lru_cache(maxsize=4096)


@_kept
def _date(code: str, day: dt.date, pattern: str) -> str:
    return format_date(day, pattern, locale=_locale(code))


@_kept
def _time(code: str, moment: dt.time) -> str:
    return format_time(moment, "HH:mm", locale=_locale(code))


@_kept
def _short_date(code: str, day: dt.date) -> str:
    return format_date(day, "short", locale=_locale(code))


@_kept
def _short_time(code: str, hour: int, minute: int) -> str:
    return format_time(dt.time(hour, minute), "short", locale=_locale(code))


@cache
def _short(code: str) -> str:
    """How a short date and a short time stand together."""
    pattern = str(get_datetime_format("short", locale=_locale(code)))
    return pattern.replace("'", "").format("%(time)s", "%(date)s")


@_kept
def _money(code: str, amount: Decimal, currency: str) -> str:
    whole = amount == amount.to_integral_value()
    pattern = _whole_currency_pattern(code) if whole else None
    return format_currency(
        amount, currency, pattern, locale=_locale(code), currency_digits=not whole
    )


@_kept
def _number(code: str, value: int | Decimal) -> str:
    return format_decimal(value, locale=_locale(code))


@_kept
def _percent(code: str, value: int | Decimal) -> str:
    pattern = "#,##0.##%" if code == "en" else None
    return format_percent(value / 100, pattern, locale=_locale(code), decimal_quantization=False)


def _date_pattern(code: str, number: int, weekday: bool, year: bool) -> str:
    # French counts the first of a month and no other day (« 1er janvier, 2 janvier »); CLDR does not.
    first = "d'er' MMMM" if code == "fr" and number == 1 else "d MMMM"
    day = "d. MMMM" if code == "de" else first
    before = {"de": "EEEE, ", "fr": "EEEE ", "en": "EEEE "}[code] if weekday else ""
    return before + day + (" y" if year else "")


@lru_cache
def _whole_currency_pattern(code: str) -> str:
    return "¤#,##0" if code == "en" else "#,##0\N{NO-BREAK SPACE}¤"


@lru_cache
def _city(zone: str, locale: Locale) -> str:
    info = locale.time_zones.get(zone, {})
    return str(info.get("city") or zone.rpartition("/")[2].replace("_", " "))
