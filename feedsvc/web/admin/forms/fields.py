"""Fields for the values that the domain has: days, times, zones, amounts, rates, numbers, lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from feedsvc.calls import dates
from feedsvc.i18n import AOE, N_
from feedsvc.web import context
from feedsvc.web.admin import reading
from feedsvc.web.admin.forms.base import Read


class DateField(Read):
    """A day. A text that a browser's date input could not show stands in a plain input."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, read=reading.date, input_type="date", **options)

    def _value(self) -> str:
        if self.data is not None:
            return str(self.data.isoformat())
        return super()._value()

    @property
    def native(self) -> bool:
        return self.data is not None or not super()._value()


class TimeField(Read):
    """A time of day on the 24-hour clock."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, read=reading.time, input_type="time", **options)

    def _value(self) -> str:
        if self.data is not None:
            return str(self.data.strftime("%H:%M"))
        return super()._value()

    @property
    def native(self) -> bool:
        return self.data is not None or not super()._value()


class ZoneField(Read):
    """A time zone by its IANA name or AoE, whatever the case; the agency's own at first."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, read=_zone, default=lambda: context.settings().timezone, **options)


class AmountField(Read):
    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, read=reading.amount, write=_grouped, **options)


class RateField(Read):
    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, read=reading.rate, write=_plain, **options)


class NumberField(Read):
    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, read=reading.number, **options)


class SizeField(Read):
    """The size of a file, in bytes; people write it in kilobytes or megabytes."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, read=reading.size, write=_in_units, **options)


class CountriesField(Read):
    """Countries by their codes (ISO 3166-1 alpha-2, EU for the Union), separated by commas."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, read=_codes, write=", ".join, **options)


def _zone(text: str) -> str:
    if text in dates.zones():
        return text
    by_lower = {zone.casefold(): zone for zone in dates.zones()}
    found = by_lower.get(text.casefold().replace(" ", "_"))
    if found is None:
        raise ValueError(N_("Choose a time zone, like Europe/Luxembourg."))
    return found


def zone_names() -> list[str]:
    """What the zone input suggests: the agency's own zone, AoE, UTC, then places by name."""
    first = list(dict.fromkeys((context.settings().timezone, AOE, "UTC")))
    places = sorted(zone for zone in dates.zones() if "/" in zone and not zone.startswith("Etc/"))
    return first + [zone for zone in places if zone not in first]


def _grouped(value: Decimal) -> str:
    """As the field shows it: `200 000`, `1 500.50`."""
    whole = value == value.to_integral_value()
    return f"{value:,.{0 if whole else 2}f}".replace(",", " ")


def _in_units(size: int) -> str:
    """`1.2 MB`, `340 kB`: as `reading.size` reads it."""
    return f"{size / 1_000_000:.4g} MB" if size >= 1_000_000 else f"{size / 1000:.4g} kB"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _codes(text: str) -> list[str]:
    codes = [part.strip().upper() for part in text.split(",") if part.strip()]
    if not all(len(code) == 2 and code.isascii() and code.isalpha() for code in codes):
        raise ValueError(N_("Write each country by its code of two letters, like LU, BE."))
    return codes
