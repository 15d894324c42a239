"""The conditions of a list in words: chips that take one away, and what can be added."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from feedsvc.auth import queries as accounts
from feedsvc.auth.rules import AUTHOR, CLUSTER_EDITOR, Actor
from feedsvc.content.desk.asked import MINE, SEVERAL, Asked
from feedsvc.i18n import N_, Language
from feedsvc.web.admin.listing import called

Names = Mapping[str, Mapping[str, str]]  # condition -> value -> what it is called
WITHIN = (1, 7, 30, 90)  # days that are offered
TITLES = {
    "cluster": N_("Cluster"),
    "funder": N_("Funder"),
    "programme": N_("Programme"),
    "author": N_("Written by"),
    "missing": N_("Language missing"),
    "closes_within": N_("Next deadline"),
    "updated_within": N_("Last edit"),
}


@dataclass(frozen=True)
class Chip:
    """A condition in words, and the address of the list without it."""

    label: str
    address: str


@dataclass(frozen=True)
class Choice:
    """A condition that can be chosen: its values with their names, and the one that is chosen.

    Of one that takes `several` the values are those that can be added.
    """

    name: str
    title: str
    values: Mapping[str, str]
    chosen: str
    several: bool


def names(
    session: Session,
    kind: str,
    actor: Actor,
    said: Language,
    codes: Sequence[str],
    *,
    generation: int,
) -> Names:
    """What every value of every condition is called, of those that the actor can choose."""
    known = called.names(session, generation)
    clusters = {
        slug: name
        for number, slug, name in known.clusters
        if actor.role != CLUSTER_EDITOR or number in actor.clusters
    }
    found: dict[str, Mapping[str, str]] = {"cluster": clusters}
    if kind == "call":
        found["funder"] = known.funders
        found["programme"] = known.programmes
        found["closes_within"] = {
            str(days): said.ngettext("within %(n)s day", "within %(n)s days", days)
            for days in WITHIN
        }
    if actor.role != AUTHOR:  # they see nobody else's
        found["author"] = {MINE: said.gettext(N_("you")), **accounts.names(session)}
    found["missing"] = {code: said.called(code) for code in codes} if len(codes) > 1 else {}
    found["updated_within"] = {
        str(days): said.ngettext("in the last %(n)s day", "in the last %(n)s days", days)
        for days in WITHIN
    }
    return found


def chips(
    asked: Asked, named: Names, address: Callable[[Asked], str], said: Language
) -> list[Chip]:
    """One for each condition but the state, which has a row of its own."""
    several = [(name, value) for name in SEVERAL for value in getattr(asked, name)]
    found = [
        Chip(_label(name, value, named, said), address(asked.without(name, value)))
        for name, value in several
    ]
    for name in ("author", "missing", "closes_within", "updated_within"):
        value = getattr(asked, name)
        if value != getattr(Asked, name):
            label = _label(name, str(value), named, said)
            found.append(Chip(label, address(asked.without(name))))
    if asked.q:
        found.append(
            Chip(said.gettext(N_("“%(words)s”"), words=asked.q), address(asked.without("q")))
        )
    return found


def offered(asked: Asked, named: Names, said: Language) -> list[Choice]:
    """What can be chosen, in the order in which the form shows it."""
    return [_choice(name, asked, named[name], said) for name in TITLES if named.get(name)]


def _choice(name: str, asked: Asked, values: Mapping[str, str], said: Language) -> Choice:
    title = said.gettext(TITLES[name])
    if name in SEVERAL:
        left = {
            value: words for value, words in values.items() if value not in getattr(asked, name)
        }
        return Choice(name, title, left, "", several=True)
    chosen = getattr(asked, name)
    text = "" if chosen == getattr(Asked, name) else str(chosen)
    if text and text not in values:  # typed into the address
        values = {**values, text: _value(name, text, values, said)}
    return Choice(name, title, values, text, several=False)


def _label(name: str, value: str, named: Names, said: Language) -> str:
    words = _value(name, value, named.get(name, {}), said)
    return said.gettext(N_("%(name)s: %(value)s"), name=said.gettext(TITLES[name]), value=words)


def _value(name: str, value: str, values: Mapping[str, str], said: Language) -> str:
    if value in values:
        return values[value]
    if name == "closes_within":
        return said.ngettext("within %(n)s day", "within %(n)s days", int(value))
    if name == "updated_within":
        return said.ngettext("in the last %(n)s day", "in the last %(n)s days", int(value))
    return value
