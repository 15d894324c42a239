"""A filter as readers see it: facets with counts, a chip for each condition, ways to follow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from feedsvc import urls
from feedsvc.content import conditions
from feedsvc.content.filters import FACETS, Filter
from feedsvc.content.words import APPLICANT_NAMES, MODEL_NAMES, STATUS_NAMES
from feedsvc.i18n import N_
from feedsvc.web.views.reader import Reader

Names = Mapping[str, Mapping[str, str]]  # facet -> value -> name
Counts = Mapping[str, Mapping[str, int]]

FACET_TITLES = {
    "status": N_("Status"),
    "cluster": N_("Cluster"),
    "applicant": N_("Who can apply"),
    "funder": N_("Funder"),
    "programme": N_("Programme"),
    "model": N_("Deadlines"),
}
SHOWN = 7  # values of a facet; the others are folded away
PRESETS = (30, 90)  # days


@dataclass(frozen=True)
class Option:
    """A value that can be ticked; `count` is None where nothing was counted."""

    value: str
    label: str
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A group of values; `rest` is folded away until asked for."""

    name: str
    title: str
    options: tuple[Option, ...]
    rest: tuple[Option, ...]


@dataclass(frozen=True)
class Chip:
    """A condition in words, and the address of the list without it."""

    label: str
    address: str


@dataclass(frozen=True)
class Follow:
    """The same list in other forms; addresses are for this reader's language."""

    atom: str
    rss: str
    json: str
    calendar: str
    csv: str
    mail: str


def names(
    clusters: Mapping[str, str],
    funders: Mapping[str, str],
    programmes: Mapping[str, str],
    reader: Reader,
) -> Names:
    """What every value of every facet is called."""
    fixed = {"status": STATUS_NAMES, "model": MODEL_NAMES, "applicant": APPLICANT_NAMES}
    said = {
        facet: {value: reader.say(name) for value, name in words.items()}
        for facet, words in fixed.items()
    }
    return {**said, "cluster": clusters, "funder": funders, "programme": programmes}


def facets(wanted: Filter, counts: Counts, named: Names, reader: Reader) -> tuple[Facet, ...]:
    """The facets that offer a choice, in the order in which people decide."""
    built = (
        _facet(name, wanted, counts.get(name, {}), named[name], reader) for name in FACET_TITLES
    )
    return tuple(facet for facet in built if len(facet.options) > 1 or getattr(wanted, facet.name))


def closing_options(
    wanted: Filter, counts: Mapping[int, int], reader: Reader
) -> tuple[Option, ...]:
    """Presets for `closes_within`; one that was typed by hand is offered as well."""
    days = sorted({*PRESETS, *([wanted.closes_within] if wanted.closes_within else [])})
    chosen = wanted.closes_within
    anytime = Option("", reader.say(N_("any time")), None, chosen is None)
    return (anytime, *(_closing(number, counts.get(number), chosen, reader) for number in days))


def chips(wanted: Filter, named: Names, list_path: str, reader: Reader) -> tuple[Chip, ...]:
    found = [
        Chip(
            named[name].get(value, value), _address(wanted.without(name, value), list_path, reader)
        )
        for name in FACETS
        for value in getattr(wanted, name)
    ]
    return (*found, *single_chips(wanted, list_path, reader))


def single_chips(wanted: Filter, list_path: str, reader: Reader) -> tuple[Chip, ...]:
    """The chips of conditions that have one value and are no facets."""
    return tuple(
        Chip(label, _address(wanted.without(name), list_path, reader))
        for name, label in _single_conditions(wanted, reader)
    )


def follow(list_path: str, wanted: Filter, reader: Reader, *, mail: Filter | None = None) -> Follow:
    """`mail` is what a subscription would hold, where that differs from the list's query."""

    def as_feed(extension: str) -> str:
        return reader.path(urls.with_query(urls.feed(list_path, extension), wanted.pairs()))

    standing = (mail or wanted).standing().without("published")  # mail is about what is to come
    return Follow(
        atom=as_feed("atom"),
        rss=as_feed("rss"),
        json=as_feed("json"),
        calendar=as_feed("ics"),
        csv=as_feed("csv"),
        mail=reader.path(urls.with_query("/subscribe", standing.pairs())),
    )


def _facet(
    name: str, wanted: Filter, counts: Mapping[str, int], named: Mapping[str, str], reader: Reader
) -> Facet:
    chosen = set(getattr(wanted, name))
    values = [*counts, *sorted(chosen - counts.keys())]
    if name in ("status", "model", "applicant"):  # these have an order of their own
        values = [value for value in named if value in counts or value in chosen]
    if name == "cluster":
        values = [value for value in named if value in counts or value in chosen]
    options = [
        Option(value, named.get(value, value), counts.get(value, 0), value in chosen)
        for value in values
    ]
    first = [option for place, option in enumerate(options) if place < SHOWN or option.chosen]
    rest = [option for option in options if option not in first]
    return Facet(name, reader.say(FACET_TITLES[name]), tuple(first), tuple(rest))


def _closing(days: int, count: int | None, chosen: int | None, reader: Reader) -> Option:
    label = reader.ngettext("in %(n)s day", "in %(n)s days", days)
    return Option(str(days), label, count, days == chosen)


def _single_conditions(wanted: Filter, reader: Reader) -> Iterable[tuple[str, str]]:
    if wanted.award_max_from is not None:
        amount = reader.language.number(wanted.award_max_from)
        yield "award_max_from", reader.say(N_("cap of %(amount)s or more"), amount=amount)
    if wanted.currency:
        yield "currency", wanted.currency
    if wanted.closes_within is not None:
        days = wanted.closes_within
        yield "closes_within", reader.ngettext("closes in %(n)s day", "closes in %(n)s days", days)
    if wanted.published:
        yield "published", conditions.published(wanted, reader.language)
    if wanted.q:
        yield "q", reader.say(N_("“%(words)s”"), words=wanted.q)


def _address(wanted: Filter, list_path: str, reader: Reader) -> str:
    return reader.path(urls.with_query(list_path, replace(wanted, kind=None).pairs()))
