"""What may be followed, and how a filter and a call find each other. Pure.

A filter is stored as the conjunctions of its values, `12|*|*|sme|*`: one key for each combination
of one value per facet, `*` where the filter says nothing. A call has the keys of every combination
of its own values and `*`. The two meet where a key is equal, which a database finds by an index,
however many filters there are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from feedsvc import i18n
from feedsvc.content import workdays
from feedsvc.content.filters import Filter
from feedsvc.content.workdays import Ahead
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

OFFSET_CHOICES = (30, 14, 7, 3, 2, 1)  # days before a deadline
WORDING = "2026-11"  # version of the words by which readers consent; new words, new version
CONFIRM_WITHIN = timedelta(hours=72)
ONE_CONFIRMATION_IN = timedelta(hours=24)
RENEW_WITHIN = timedelta(days=30)  # to answer whether one still reads
UNUSED_KEPT = timedelta(days=7)  # an address that follows nothing, or never confirmed
MOST_PENDING = 20  # what anybody may ask for at an address before its owner says yes
MOST_FOLLOWED = 200  # subscriptions of one reader
LONGEST_PAUSE = timedelta(days=366)
DIGESTS = ("", "instant", "daily", "weekly")  # of what is new or changed; the empty one is none
MOST_KEYS = 500
LONGEST_ADDRESS = 254  # characters, RFC 5321 section 4.5.3.1.3 less the angle brackets
KEYED = ("cluster", "funder", "programme", "applicant", "model", "geography")
ANY = "*"


@dataclass(frozen=True)
class Following:
    """What a reader follows: calls that meet any of the filters, and calls by uid.

    Two that hold the same are equal, whenever the reader last changed them (`changed_at`).
    """

    reader_uid: str
    filters: tuple[Filter, ...]
    calls: tuple[str, ...]
    changed_at: datetime = field(compare=False)


def address(text: str) -> str:
    """The address as it is kept: the domain as A-label, all in lower case.

    Raises: Invalid. Local parts outside ASCII are refused: few relays carry them.
    """
    try:
        found = validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError:
        raise Invalid(Problem("email", _what_is_wrong(text.strip()))) from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


_ADDRESSES = re.compile(r"[^\s<>@:;,()]+@[^\s<>@:;,()]+")


def masked(address: str) -> str:
    """Enough of the address for its owner, too little for who else sees it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def without_addresses(text: str) -> str:
    """What a mail server said, but not to whom: it likes to repeat that."""
    return _ADDRESSES.sub("…", text)


@dataclass(frozen=True)
class Choice:
    """What is told of a subscription, and when: lead times in days, a digest, a next edition."""

    offsets: tuple[int, ...] = ()
    digest: str = ""
    next_edition: bool = False


def choice(wanted: Choice, allowed: Collection[int] = OFFSET_CHOICES, *, of_a_call: bool) -> Choice:
    """The choice in order; lead times may be missing if something else is chosen. Raises: Invalid.

    Of a call there is no digest, and of a list no next edition.
    """
    if wanted.digest not in DIGESTS or (of_a_call and wanted.digest):
        raise Invalid(Problem("digest", N_("Choose from the digests that are offered.")))
    if wanted.next_edition and not of_a_call:
        raise Invalid(Problem("next_edition", N_("Only a call can have a next edition.")))
    if not wanted.offsets and (wanted.digest or wanted.next_edition):
        return wanted
    return Choice(offsets(wanted.offsets, allowed), wanted.digest, wanted.next_edition)


def check_news(wanted: Choice) -> None:
    """News has no deadline: there is a digest of it, and nothing else. Raises: Invalid."""
    if wanted.offsets:
        raise Invalid(
            Problem("digest", N_("News has no deadlines. Choose how often to get it, and no days."))
        )
    if not wanted.digest:
        raise Invalid(Problem("digest", N_("Choose how often to get the news.")))


def _what_is_wrong(typed: str) -> str:
    """A sentence for the refusals that a person cannot guess, and one for the others."""
    local, _, domain = typed.rpartition("@")
    if "@" in local and any(mark in typed for mark in ",; "):
        return N_("Enter one address only.")
    if len(typed) > LONGEST_ADDRESS:
        return N_("This address is too long: an address has at most 254 characters.")
    if domain.startswith("["):
        return N_("Enter an address with a name behind the @ instead of numbers.")
    if local.startswith('"'):
        return N_("Mail servers refuse addresses in quotation marks. Enter another one.")
    if local and domain and not local.isascii():
        return N_("Before the @, mail servers take plain letters without accents only.")
    return N_("Enter an e-mail address, like name@example.org.")


def offsets(days: Iterable[int], allowed: Collection[int] = OFFSET_CHOICES) -> tuple[int, ...]:
    """The chosen lead times, longest first. Raises: Invalid."""
    chosen = tuple(sorted(set(days), reverse=True))
    if not chosen:
        raise Invalid(Problem("offsets", N_("Choose at least one reminder.")))
    if set(chosen) - set(allowed):
        raise Invalid(Problem("offsets", N_("Choose from the days that are offered.")))
    return chosen


def ahead(days: int, place: str) -> Ahead:
    """To be ready so many working days before a deadline; none for 0. Raises: Invalid."""
    if not 0 <= days <= workdays.MOST:
        raise Invalid(
            Problem(
                "workdays",
                N_("Enter a number of working days up to %(most)s, or leave this empty."),
                (("most", workdays.MOST),),
            )
        )
    if place not in workdays.PLACES:
        raise Invalid(Problem("holidays", N_("Choose from the places that are offered.")))
    return Ahead(days, place)


def choices(defaults: Iterable[int]) -> tuple[int, ...]:
    """The lead times on offer: the usual ones and the operator's own, longest first."""
    return tuple(sorted({*OFFSET_CHOICES, *defaults}, reverse=True))


def zone(name: str) -> str:
    """An IANA time zone. Raises: Invalid."""
    if name not in i18n.zones():
        raise Invalid(Problem("zone", N_("Choose a time zone from the list.")))
    return name


def hour(value: int) -> int:
    """The hour of the reader's day in which mails leave. Raises: Invalid."""
    if not 0 <= value <= 23:
        raise Invalid(Problem("hour", N_("Choose an hour from the list.")))
    return value


def next_hour(reader_zone: str, hour: int, *, now: datetime) -> datetime:
    """When that hour of the reader's day begins the next time, in UTC."""
    zone = ZoneInfo(reader_zone)
    day = now.astimezone(zone).date()
    begins = [
        datetime.combine(day + timedelta(days=n), time(hour), zone).astimezone(UTC) for n in (0, 1)
    ]
    return next(at for at in begins if at > now)


def end_of_pause(day: date, reader_zone: str, *, now: datetime) -> datetime:
    """The beginning of that day for the reader: from then on mails come again. Raises: Invalid."""
    end = datetime.combine(day, time(), ZoneInfo(reader_zone))
    if end <= now:
        raise Invalid(
            Problem("pause", N_("The day on which mails come again must be in the future."))
        )
    if end > now + LONGEST_PAUSE:
        raise Invalid(Problem("pause", N_("Choose a day within the next twelve months.")))
    return end


def filter_keys(facets: Mapping[str, Collection[str]]) -> list[str]:
    """The conjunctions of a filter's values by facet. Raises: Invalid for too many of them."""
    values = [sorted(facets.get(name, ())) or [ANY] for name in KEYED]
    keys = _joined(values, MOST_KEYS)
    if len(keys) > MOST_KEYS:
        raise Invalid(
            Problem("filter", N_("This filter combines too much. Choose fewer values at once."))
        )
    return keys


def key_values(keys: Iterable[str]) -> dict[str, set[str]]:
    """The values by facet that `filter_keys` made keys of."""
    columns = zip(*(key.split("|") for key in keys), strict=True)
    return {name: set(column) - {ANY} for name, column in zip(KEYED, columns, strict=False)}


def entry_keys(facets: Mapping[str, Collection[str]]) -> list[str]:
    """Every key by which a filter can find something with these values."""
    return _joined([[*sorted(facets.get(name, ())), ANY] for name in KEYED])


def _joined(values: list[list[str]], most: int | None = None) -> list[str]:
    """All combinations, or one more than `most` of them."""
    keys = []
    for combination in product(*values):
        keys.append("|".join(combination))
        if most is not None and len(keys) > most:
            break
    return keys
