"""A filter as readers see it: facets with counts, a chip for each condition, ways to follow. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from feedsvc import urls
from feedsvc.content import conditions
from feedsvc.content.filters import CONDITIONS, FACETS, Filter
from feedsvc.content.profiles import NOBODY
from feedsvc.content.words import APPLICANT_NAMES, KIND_NAMES, MODEL_NAMES, STATUS_NAMES
from feedsvc.i18n import N_
from feedsvc.web.views.reader import Reader

Names = Mapping[str, Mapping[str, str]]  # facet -> value -> name
Counts = Mapping[str, Mapping[str, int]]

# In the order in which people decide.
FACET_TITLES = {
    "kind": N_("Kind"),
    "status": N_("Status"),
    "closes_within": N_("Closes"),
    "cluster": N_("Cluster"),
    "applicant": N_("Who can apply"),
    "award_max_from": N_("Funding cap"),
    "cofinancing_from": N_("Share of costs paid"),
    "geography": N_("Where applicants are"),
    "funder": N_("Funder"),
    "programme": N_("Programme"),
    "published_within": N_("Published"),
    "model": N_("Deadlines"),
    "currency": N_("Currency"),
}
FIRST = ("kind", "status", "closes_within", "cluster", "applicant", "award_max_from")  # unfolded
ONE_OF = (
    "kind",
    "closes_within",
    "award_max_from",
    "cofinancing_from",
    "published_within",
    "currency",
)
IN_ORDER = ("status", "model", "applicant", "cluster")  # of their names; others by frequency
SHOWN = 6  # values of a facet; the others are folded away, but not one or two alone


@dataclass(frozen=True)
class Option:
    """A value that can be ticked; `count` is None where nothing was counted."""

    value: str
    label: str
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A group of values, `one_of` them or several; `rest` is folded away until asked for."""

    name: str
    title: str
    options: tuple[Option, ...]
    rest: tuple[Option, ...]
    one_of: bool = False
    open: bool = True


@dataclass(frozen=True)
class Chip:
    """A condition in words, and the address of the list without it. `name` is its in the filter."""

    label: str
    address: str
    name: str = ""


@dataclass(frozen=True)
class WayOut:
    """The list without one condition, named by `label`, and how many entries it then has."""

    label: str
    count: int
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
    return {
        **said,
        "cluster": clusters,
        "funder": funders,
        "programme": programmes,
        "geography": reader.language.places,
    }


def facets(wanted: Filter, counts: Counts, named: Names, reader: Reader) -> tuple[Facet, ...]:
    """The facets that offer a choice."""
    built = (
        _one_of(name, wanted, counts.get(name, {}), reader)
        if name in ONE_OF
        else _several(name, wanted, counts.get(name, {}), named[name], reader)
        for name in FACET_TITLES
        if name in counts or is_chosen(wanted, name)
    )
    return tuple(
        facet for facet in built if len(facet.options) > 1 or is_chosen(wanted, facet.name)
    )


def is_chosen(wanted: Filter, name: str) -> bool:
    return getattr(wanted, name) not in (None, (), "", NOBODY)


def chips(wanted: Filter, named: Names, list_path: str, reader: Reader) -> tuple[Chip, ...]:
    found = [
        Chip(
            named[name].get(value, value),
            _address(wanted.without(name, value), list_path, reader),
            name,
        )
        for name in FACETS
        for value in getattr(wanted, name)
    ]
    fit = [("profile", reader.say(N_("fit for you")))] if wanted.profile else []
    single = [*_kind(wanted, reader), *fit, *_single_conditions(wanted, reader)]
    return (
        *found,
        *(
            Chip(label, _address(wanted.without(name), list_path, reader), name)
            for name, label in single
        ),
    )


def presets(wanted: Filter, list_path: str, reader: Reader) -> tuple[Chip, ...]:
    """Conditions that many want, added to what is asked already; none that is asked."""
    offered = (
        (N_("Closing in 30 days"), replace(wanted, closes_within=30)),
        (N_("New this week"), replace(wanted, published_within=7)),
        (N_("Opening soon"), replace(wanted, status=("forecast",))),
    )
    return tuple(
        Chip(reader.say(label), _address(more, list_path, reader))
        for label, more in offered
        if more != wanted
    )


def narrowest(wanted: Filter, count: Callable[[Filter], int]) -> tuple[str, int] | None:
    """The condition without which the most entries are left, and how many; None if none helps.

    Taking the only one away would be no way out, but the way back to the beginning.
    """
    wider = ((name, wanted.without(name)) for name in CONDITIONS if is_chosen(wanted, name))
    left = [(name, count(it)) for name, it in wider if it.pairs()]
    best = max(left, key=lambda pair: pair[1], default=None)
    return best if best and best[1] else None


def way_out(
    wanted: Filter,
    found: tuple[str, int] | None,
    chips: Iterable[Chip],
    list_path: str,
    reader: Reader,
) -> WayOut | None:
    """The list without one condition; `found` is its name, and how many entries are left then."""
    if found is None:
        return None
    name, number = found
    label = ", ".join(chip.label for chip in chips if chip.name == name)
    return WayOut(label, number, _address(wanted.without(name), list_path, reader))


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


def _several(
    name: str, wanted: Filter, counts: Mapping[str, int], named: Mapping[str, str], reader: Reader
) -> Facet:
    chosen = set(getattr(wanted, name))
    values = [*counts, *sorted(chosen - counts.keys())]
    if name in IN_ORDER:
        values = [value for value in named if value in counts or value in chosen]
    options = [
        Option(value, named.get(value, value), counts.get(value, 0), value in chosen)
        for value in values
    ]
    shown = len(options) if len(options) <= SHOWN + 2 else SHOWN
    first = [option for place, option in enumerate(options) if place < shown or option.chosen]
    rest = [option for option in options if option not in first]
    return Facet(
        name,
        reader.say(FACET_TITLES[name]),
        tuple(first),
        tuple(rest),
        open=name in FIRST or bool(chosen),
    )


def _one_of(name: str, wanted: Filter, counts: Mapping[str, int], reader: Reader) -> Facet:
    """A facet of which one value holds; the first is that none does."""
    chosen = getattr(wanted, name)
    value = "" if chosen is None else f"{chosen.normalize():f}" if name in AMOUNTS else str(chosen)
    known = {*counts, *([value] if value else [])}
    values = sorted(known, key=Decimal) if name in NUMBERS else [*counts, *(known - counts.keys())]
    options = [Option("", reader.say(ANYTHING[name]), None, not value)]
    options += [
        Option(number, _label(name, number, reader), counts.get(number, 0), number == value)
        for number in values
    ]
    title = reader.say(FACET_TITLES[name])
    is_open = name in FIRST or bool(value)
    # One currency is no choice, and neither is one that leaves what is there.
    if name == "currency" and len(values) < 2 and not value:
        options = []
    return Facet(name, title, tuple(options), (), one_of=True, open=is_open)


def _label(name: str, number: str, reader: Reader) -> str:
    return LABELS[name](number, reader) if name in LABELS else number


AMOUNTS = ("award_max_from",)
ANYTHING = {
    "closes_within": N_("any time"),
    "award_max_from": N_("any amount"),
    "cofinancing_from": N_("any share"),
    "published_within": N_("any time"),
    "currency": N_("any currency"),
    "kind": N_("News and calls"),
}
NUMBERS = ("closes_within", "award_max_from", "cofinancing_from", "published_within")
LABELS: Mapping[str, Callable[[str, Reader], str]] = {
    "kind": lambda kind, reader: reader.say(KIND_NAMES[kind]),
    "closes_within": lambda days, reader: reader.ngettext(
        "in %(n)s day", "in %(n)s days", int(days)
    ),
    "award_max_from": lambda amount, reader: reader.say(
        N_("%(amount)s or more"), amount=reader.language.number(Decimal(amount))
    ),
    "cofinancing_from": lambda rate, reader: reader.say(
        N_("%(amount)s or more"), amount=reader.language.percent(Decimal(rate))
    ),
    "published_within": lambda days, reader: reader.ngettext(
        "in the last day", "in the last %(n)s days", int(days)
    ),
}


def _kind(wanted: Filter, reader: Reader) -> Iterable[tuple[str, str]]:
    """Where the list itself does not say it."""
    return [("kind", reader.say(KIND_NAMES[wanted.kind]))] if wanted.kind else []


def _single_conditions(wanted: Filter, reader: Reader) -> Iterable[tuple[str, str]]:
    if wanted.award_max_from is not None:
        amount = reader.language.number(wanted.award_max_from)
        yield "award_max_from", reader.say(N_("cap of %(amount)s or more"), amount=amount)
    if wanted.currency:
        yield "currency", wanted.currency
    if wanted.cofinancing_from is not None:
        rate = reader.language.percent(wanted.cofinancing_from)
        yield "cofinancing_from", reader.say(N_("%(rate)s of costs or more"), rate=rate)
    if wanted.closes_within is not None:
        days = wanted.closes_within
        yield "closes_within", reader.ngettext("closes in %(n)s day", "closes in %(n)s days", days)
    if wanted.published_within is not None:
        yield "published_within", conditions.within(wanted.published_within, reader.language)
    if wanted.published:
        yield "published", conditions.published(wanted, reader.language)
    if wanted.q:
        yield "q", reader.say(N_("“%(words)s”"), words=wanted.q)


def _address(wanted: Filter, list_path: str, reader: Reader) -> str:
    return reader.path(urls.with_query(list_path, wanted.pairs()))
