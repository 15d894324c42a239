"""The time zones on offer in a form: one for each place, by continent, named by its city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

from feedsvc.i18n import N_, Language

AREAS = {
    "Africa": N_("Africa"),
    "America": N_("America"),
    "Antarctica": N_("Antarctica"),
    "Arctic": N_("Arctic"),
    "Asia": N_("Asia"),
    "Atlantic": N_("Atlantic"),
    "Australia": N_("Australia"),
    "Europe": N_("Europe"),
    "Indian": N_("Indian Ocean"),
    "Pacific": N_("Pacific"),
}


@dataclass(frozen=True)
class Area:
    """A continent or ocean, and its zones: IANA names, each with its city."""

    name: str
    zones: tuple[tuple[str, str], ...]


def areas(language: Language, chosen: str) -> Sequence[Area]:
    """What to choose from. A chosen zone that has no place in the list stands before it."""
    offered = _areas(language)
    if chosen in known():
        return offered
    return (Area(language.gettext("Other"), ((chosen, chosen),)), *offered)


@lru_cache
def known() -> frozenset[str]:
    """One name for each place (zone.tab): the database has many more that mean the same."""
    lines = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8").splitlines()
    names = (line.split("\t")[2] for line in lines if line and not line.startswith("#"))
    return frozenset(name for name in names if name.partition("/")[0] in AREAS)


@lru_cache
def _areas(language: Language) -> tuple[Area, ...]:
    by_area = groupby(sorted(known()), key=lambda name: name.partition("/")[0])
    found = [
        Area(
            language.gettext(AREAS[area]),
            tuple(
                sorted(((name, language.city(name)) for name in names), key=lambda pair: pair[1])
            ),
        )
        for area, names in by_area
    ]
    # The continent of most readers first.
    return tuple(
        sorted(found, key=lambda area: (area.name != language.gettext("Europe"), area.name))
    )
