"""What fits a reader, as they see it: the form of their description, and calls with reasons. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from feedsvc import urls
from feedsvc.calls import fit, fit_words
from feedsvc.calls.fit_words import Told
from feedsvc.calls.models import Call
from feedsvc.content import places
from feedsvc.content.filters import Filter
from feedsvc.content.profiles import CURRENCY, LEVELS, Profile
from feedsvc.content.words import APPLICANT_NAMES
from feedsvc.i18n import N_
from feedsvc.web.views import cards
from feedsvc.web.views.cards import CallCard
from feedsvc.web.views.reader import Reader

# What each kind of applicant is called by one that is it.
KINDS = {
    **APPLICANT_NAMES,
    "company": N_("Large company (250 people or more)"),
    "sme": N_("Small or medium-sized company"),
    "start_up": N_("Start-up"),
    "research": N_("Research organisation"),
    "university": N_("University"),
    "public_body": N_("Public body"),
    "non_profit": N_("Non-profit organisation"),
    "municipality": N_("Municipality"),
    "individual": N_("Person without an organisation"),
    "school": N_("School"),
    "tribal": N_("Tribal organisation"),
    "other": N_("Something else"),
}
SHELVES = {
    fit.FITS: N_("What fits you"),
    fit.WITH_OBSTACLE: N_("What fits, with an obstacle"),
    fit.SAYS_LITTLE: N_("What says too little to tell"),
    fit.MISSES: N_("What does not fit you"),
    fit.OVER: N_("What is over"),
}
NOTES = {
    fit.WITH_OBSTACLE: N_("You can take part, but something is in the way that you may change."),
    fit.SAYS_LITTLE: N_("Nothing speaks against these calls, and nothing for them: read them."),
    fit.MISSES: N_("Such an organisation cannot take part, or the call is about something else."),
}


@dataclass(frozen=True)
class Choice:
    """A value of the form that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Form:
    """The description as a form; `others` are conditions that the form does not offer."""

    kinds: tuple[Choice, ...]
    union: tuple[Choice, ...]
    countries: tuple[Choice, ...]
    clusters: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    currencies: tuple[Choice, ...]
    themes: str
    amount: str
    share: str
    days: str
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Row:
    """A call with the reasons why it fits, or does not."""

    card: CallCard
    reasons: tuple[Told, ...]


@dataclass(frozen=True)
class Shelf:
    """Calls that fit alike, under a title of their own."""

    name: str
    title: str
    note: str
    count: int
    rows: tuple[Row, ...]


def form(
    wanted: Filter,
    clusters: Mapping[str, str],
    currencies: Collection[str],
    reader: Reader,
) -> Form:
    """The form as it was sent; `clusters` are names by slugs."""
    profile = wanted.profile

    def choices(named: Iterable[tuple[str, str]], chosen: Collection[str]) -> tuple[Choice, ...]:
        return tuple(Choice(value, label, value in chosen) for value, label in named)

    union, others = _countries(reader)
    country, levels = (profile.country,), [str(level) for level in profile.levels]
    offered = sorted({*currencies, profile.currency, CURRENCY})
    mine = {name for name, _ in profile.pairs()}
    return Form(
        kinds=choices([(kind, reader.say(name)) for kind, name in KINDS.items()], profile.kinds),
        union=choices(union, country),
        countries=choices(others, country),
        clusters=choices(clusters.items(), profile.clusters),
        levels=choices([(level, level) for level in LEVELS], levels),
        currencies=choices([(code, code) for code in offered], (profile.currency,)),
        themes=", ".join(profile.themes),
        amount="" if profile.amount is None else f"{profile.amount.normalize():f}",
        share="" if profile.share is None else str(profile.share),
        days="" if profile.days is None else str(profile.days),
        others=tuple(pair for pair in wanted.pairs() if pair[0] not in mine),
    )


def row(
    call: Call,
    mentions: Collection[str],
    profile: Profile,
    clusters: Mapping[str, str],
    reader: Reader,
) -> Row:
    """The call with its reasons; its page is told the description, so that it can say the same."""
    card = cards.call_card(call, reader)
    address = urls.with_query(card.address, profile.pairs())
    return Row(replace(card, address=address), reasons(call, mentions, profile, clusters, reader))


def reasons(
    call: Call,
    mentions: Collection[str],
    profile: Profile,
    clusters: Mapping[str, str],
    reader: Reader,
) -> tuple[Told, ...]:
    return fit_words.of_call(
        call, profile, reader.language, mentions=mentions, clusters=clusters, now=reader.now
    )


def shelves(
    rows: Sequence[tuple[str, Row]], totals: Mapping[str, int], reader: Reader
) -> tuple[Shelf, ...]:
    """The rows of a page under the titles of their shelves."""
    return tuple(
        Shelf(
            name,
            reader.say(SHELVES[name]),
            reader.say(NOTES.get(name, "")),
            totals.get(name, 0),
            tuple(row for _, row in members),
        )
        for name, members in groupby(rows, key=lambda pair: pair[0])
    )


def _countries(reader: Reader) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The members of the Union and the other countries, by their names."""
    named = sorted(
        ((code, name) for code, name in reader.language.places.items() if _is_country(code)),
        key=lambda pair: pair[1],
    )
    union = [pair for pair in named if pair[0] in places.MEMBERS]
    return union, [pair for pair in named if pair[0] not in places.MEMBERS]


# CLDR has names for more than countries: unions, and the codes that stand for no place.
_NO_COUNTRIES = frozenset(("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"))


def _is_country(code: str) -> bool:
    return places.is_code(code) and code not in _NO_COUNTRIES
