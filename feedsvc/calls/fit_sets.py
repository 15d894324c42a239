"""What `fit` says of one call, said of all of them at once: sets of calls for each answer. Pure.

Every question parts the calls into those that answer yes, partly and no; the others do not say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import and_, or_

from feedsvc.calls import fit
from feedsvc.calls.tally import Moment, Snapshot, micros
from feedsvc.calls.tally_pages import NEVER
from feedsvc.content import places
from feedsvc.content.profiles import Profile

# What an answer adds to a rank: no more than nine questions are asked.
A_NO, A_YES, A_PARTLY = 100, 10, 1
LOWEST = 99
EVERY = -1  # the set of all calls, those included that are not known yet


@dataclass(frozen=True)
class Parted:
    """The calls that answer a question with yes, partly and no."""

    yes: int = 0
    partly: int = 0
    no: int = 0


@dataclass(frozen=True)
class Group:
    """Calls of one shelf that fit alike; of groups, that with the lower rank comes first."""

    shelf: str
    rank: int
    calls: int


def not_ruled_out(held: Snapshot, profile: Profile, mentioned: int) -> int:
    """The calls that `fit.rules_out` does not; `mentioned` are those with one of the themes."""
    return ~reduce(or_, (parted.no for parted in _deciding(held, profile, mentioned).values()), 0)


def answers(at: Moment, profile: Profile, mentioned: int) -> Mapping[str, Parted]:
    """How the calls answer the questions that the profile asks, `when` included."""
    found = _deciding(at.held, profile, mentioned)
    if profile.amount is not None:
        found["money"] = _money(at.held, int(profile.amount * 100), profile.currency)
    if profile.share is not None:
        found["share"] = _share(at.held, profile.share)
    if profile.levels:
        found["phase"] = _phase(at.held, profile.levels)
    return found | {"when": Parted(no=over(at) | _late(at, profile.days))}


def over(at: Moment) -> int:
    """The calls for which nobody can begin an application any more."""
    ended = reduce(or_, (at.status(word) for word in fit.ENDED), 0)
    invited = at.held.series["invited"].until(micros(at.now))
    return ended | invited & at.held.sets.get(("model", "two_stage"), 0)


def _deciding(held: Snapshot, profile: Profile, mentioned: int) -> dict[str, Parted]:
    found: dict[str, Parted] = {}
    if profile.kinds:
        found["who"] = _who(held, profile)
    if profile.country:
        yes = _any_of(held, "geography", places.meeting((profile.country,)))
        found["where"] = Parted(yes, no=_named(held, "geography") & ~yes)
    if profile.clusters or profile.themes:
        yes = _any_of(held, "cluster", profile.clusters) | mentioned
        found["field"] = Parted(
            yes, no=(_named(held, "cluster") if profile.clusters else EVERY) & ~yes
        )
    return found


def _who(held: Snapshot, profile: Profile) -> Parted:
    yes = _any_of(held, "applicant", fit.kinds_met(profile.kinds))
    partly = _any_of(held, "applicant", (fit.OTHER,)) & ~yes
    return Parted(yes, partly, _named(held, "applicant") & ~yes & ~partly)


def _money(held: Snapshot, cents: int, currency: str) -> Parted:
    same = held.sets.get(("currency", currency), 0)
    too_little = _at_least(held, "award_min", cents + 1)
    capped = same & ~too_little & held.series["award_max"].any()
    enough = _at_least(held, "award_max", cents)
    return Parted(capped & enough, capped & ~enough, same & too_little)


def _share(held: Snapshot, own: int) -> Parted:
    paid = (100 - own) * 100  # as much has to be paid at least, in hundredths of a percent
    yes, some = _at_least(held, "rate_min", paid), _at_least(held, "cofinancing", paid)
    return Parted(yes, some & ~yes, held.series["cofinancing"].any() & ~some)


def _phase(held: Snapshot, levels: Iterable[int]) -> Parted:
    low, high = held.series["trl_min"], held.series["trl_max"]
    named = low.any() | high.any()
    covering = [
        named & (low.until(level) | ~low.any()) & (~high.any() | ~high.until(level - 1))
        for level in levels
    ]
    all_of_them, some = reduce(and_, covering), reduce(or_, covering)
    return Parted(all_of_them, some & ~all_of_them, named & ~some)


def _late(at: Moment, needed: int | None) -> int:
    """Calls whose deadline comes before the days that are needed have passed."""
    if needed is None:
        return 0
    deadlines = at.held.series["deadlines"]
    early = micros(at.now + timedelta(days=needed)) - 1
    again = at.held.sets.get(("model", "multiple_cut_off"), 0) & deadlines.between(early, NEVER)
    return deadlines.between(micros(at.now), early) & ~again


def _named(held: Snapshot, facet: str) -> int:
    """The calls that say anything to a facet."""
    return reduce(or_, (found for (name, _), found in held.sets.items() if name == facet), 0)


def _any_of(held: Snapshot, facet: str, values: Iterable[str]) -> int:
    known = held.values(facet)
    return reduce(or_, (known.get(value, 0) for value in values), 0)


def _at_least(held: Snapshot, name: str, value: int) -> int:
    series = held.series[name]
    return series.any() & ~series.until(value - 1)


def groups(at: Moment, calls: int, profile: Profile, mentioned: int) -> list[Group]:
    """These calls in groups that fit alike, the best first. How badly one misses orders nothing."""
    parted = answers(at, profile, mentioned)
    found: list[Group] = []
    for number, (name, shelved) in enumerate(_shelves(at, calls, parted).items()):
        ranked = {LOWEST: shelved} if name in fit.REFUSED else _ranked(shelved, parted)
        groups = sorted((rank, members) for rank, members in ranked.items() if members)
        found += [Group(name, number * 1000 + rank, members) for rank, members in groups]
    return found


def _shelves(at: Moment, calls: int, parted: Mapping[str, Parted]) -> dict[str, int]:
    """The calls by `fit.shelf`, in that order."""
    asked = [one for name, one in parted.items() if name != "when"]
    noes = {name: one.no for name, one in parted.items()}
    ended, says = over(at), reduce(or_, (one.yes | one.partly for one in asked), 0)
    missed = reduce(or_, (noes.get(name, 0) for name in fit.DECIDING), 0)
    hindered = reduce(or_, noes.values(), 0)
    possible = calls & ~ended & ~missed
    little = possible & ~hindered & ~says if asked else 0
    return {
        fit.FITS: possible & ~hindered & ~little,
        fit.WITH_OBSTACLE: possible & hindered,
        fit.SAYS_LITTLE: little,
        fit.MISSES: calls & ~ended & missed,
        fit.OVER: calls & ended,
    }


def _ranked(calls: int, parted: Mapping[str, Parted]) -> dict[int, int]:
    """The calls by rank: the fewer noes the lower, then the more yeses, then the more partlies.

    There is time, or there is not: that is no merit of the call, and `when` counts as a no only.
    """
    found = {LOWEST: calls}
    for name, one in parted.items():
        steps = [(one.no, A_NO)]
        steps += [(one.yes, -A_YES), (one.partly, -A_PARTLY)] if name != "when" else []
        split: dict[int, int] = {}
        for rank, members in found.items():
            for said, step in (*steps, (~(one.no | one.yes | one.partly), 0)):
                if part := members & said:
                    split[rank + step] = split.get(rank + step, 0) | part
        found = split
    return found
