"""All calls as sets, one for each value that a filter may ask for: to count without the database.

A snapshot belongs to one generation and is never changed; the next one is made of it and of the
rows that changed (`tally_rows`). Times are microseconds, money hundredths. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import and_, or_

from feedsvc.calls import rules
from feedsvc.calls.series import Series
from feedsvc.content import places
from feedsvc.content.filters import Filter
from feedsvc.search.places import Places
from feedsvc.search.stretches import less, of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LINKED = ("cluster", "funder", "programme", "applicant", "geography", "model", "currency")
THINGS = ("cluster", "funder", "programme")  # known by their ids, which no rename changes
MOST_KEPT = 40  # sets of a moment
MARKS = ("cancelled", "suspended", "closed", "unannounced", "all")
DATED = (
    "published", "withdrawn", "opens", "closes", "deadlines", "invited",
    "award_min", "award_max", "rate_min", "cofinancing", "trl_min", "trl_max",
)  # fmt: skip


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Snapshot:
    """The calls of one generation."""

    generation: int = -1
    places: Places = field(default_factory=Places)
    things: frozenset[tuple[str, str, str]] = frozenset()  # facet, id, uid
    slugs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # facet -> id -> slug
    sets: Mapping[tuple[str, str], int] = field(default_factory=dict)  # by facet and value
    series: Mapping[str, Series] = field(default_factory=lambda: dict.fromkeys(DATED, Series()))
    words: dict[tuple[str, bool], int] = field(default_factory=dict)  # found for searches, by text
    kept: dict[Hashable, int] = field(default_factory=dict, compare=False)  # for a while
    _written: dict[str, tuple[int, bytes]] = field(default_factory=dict, compare=False)

    def changed(
        self,
        replaced: Collection[int],
        members: Mapping[tuple[str, str], Sequence[int]],
        series: Mapping[str, Sequence[tuple[int, int]]],
    ) -> Snapshot:
        """The snapshot with some places emptied, and what there is put in."""
        size = self.places.size
        gone = of(replaced, size)
        sets = dict(self.sets)
        for name, found in self.sets.items():
            if found & gone:
                sets[name] = less(found, gone)
        for name, more in members.items():
            sets[name] = sets.get(name, 0) | of(more, size)
        return replace(
            self,
            sets={name: found for name, found in sets.items() if found},
            series={
                name: self.series[name].changed(replaced, series[name], size) for name in DATED
            },
            words={},
            kept={},
            _written={},
        )

    def without(self, things: Collection[tuple[str, str]]) -> Snapshot:
        """The snapshot as no call has these any more; their ids may come to mean others."""
        sets = {name: found for name, found in self.sets.items() if name not in things}
        return replace(self, sets=sets)

    def written(self, calls: int) -> bytes:
        """The bits of a set, to ask for places; those of all public calls are asked for again."""
        last = self._written.get("last")
        if last is None or last[0] is not calls:
            last = self._written["last"] = (
                calls,
                calls.to_bytes(self.places.size // 8 + 1, "little"),
            )
        return last[1]

    def mark(self, name: str) -> int:
        return self.sets.get(("mark", name), 0)

    def values(self, facet: str) -> dict[str, int]:
        """The set of each value of a facet, by the name that addresses have for it."""
        found = {value: bits for (name, value), bits in self.sets.items() if name == facet}
        if facet not in THINGS:
            return found
        slugs = self.slugs[facet]
        return {slugs[value]: bits for value, bits in found.items() if value in slugs}


@dataclass(frozen=True)
class Moment:
    """A snapshot at an instant: what each condition of a filter keeps."""

    held: Snapshot
    now: datetime
    closing_soon_days: int

    def public(self) -> int:
        return self._kept("public", self._public, ("published", self.now), ("withdrawn", self.now))

    def _public(self) -> int:
        here = less(self._until("published", self.now), self._until("withdrawn", self.now))
        return here & self.held.mark("all")

    def _kept(self, name: str, made: Callable[[], int], *times: tuple[str, datetime]) -> int:
        """What depends on these series at these times: made again when one of them has gone on."""
        kept, series = self.held.kept, self.held.series
        key = name, *(series[which].place(micros(at)) for which, at in times)
        if (found := kept.get(key)) is None:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            found = kept[key] = made()
        return found

    def conditions(self, wanted: Filter) -> dict[str, int]:
        """Each condition of the filter, by its name, with the calls that meet it; without words."""
        found = {} if wanted.kind != "news" else {"kind": 0}
        found |= {
            name: self.any_of(name, getattr(wanted, name))
            for name in (*LINKED[:-1], "status")
            if getattr(wanted, name)
        }
        if wanted.currency:
            found["currency"] = self.any_of("currency", [wanted.currency])
        for name in NUMBERED:
            if (number := getattr(wanted, name)) is not None:
                found[name] = self.number(name, number)
        if wanted.published_between:
            first, end = (micros(at) - 1 for at in wanted.published_between)
            found["published"] = self.held.series["published"].between(first, end)
        return found

    def any_of(self, name: str, values: Iterable[str]) -> int:
        """Calls with one of these values."""
        if name == "status":
            return reduce(or_, (self.status(word) for word in values), 0)
        if name == "geography":
            values = places.meeting(tuple(values))
        held = self.held.values(name)
        return reduce(or_, (held.get(value, 0) for value in values), 0)

    def number(self, name: str, number: Decimal | int) -> int:
        """Calls that meet a condition whose value is a number."""
        series, held = self.held.series, self.held
        if name in AMOUNTS:
            return series[AMOUNTS[name]].above(int(number * 100) - 1)
        if name == "closes_within":
            ended = held.mark("cancelled") | held.mark("suspended") | held.mark("closed")
            return less(self._has_deadline(int(number)), ended)
        return series["published"].above(micros(self.now - timedelta(days=int(number))))

    def status(self, word: str) -> int:
        """As `calls.rules.status` has it; `open` holds those that close soon as well."""
        if word == "closing_soon":
            return self.status("open") & self._has_deadline(self.closing_soon_days)
        times = (
            ("opens", self.now),
            ("closes", self.now),
            ("closes", self.now - rules.ARCHIVED_AFTER),
        )
        return self._kept(word, lambda: self._status(word), *times)

    def _status(self, word: str) -> int:
        held = self.held
        cancelled = held.mark("cancelled")
        if word in ("cancelled", "suspended"):
            return cancelled if word == "cancelled" else less(held.mark("suspended"), cancelled)
        running = less(less(held.mark("all"), cancelled), held.mark("suspended"))
        archived = self._until("closes", self.now - rules.ARCHIVED_AFTER)
        if word == "archived":
            return running & archived
        closed = held.mark("closed") | self._until("closes", self.now)
        if word == "closed":
            return less(running & closed, archived)
        opens = held.series["opens"]
        forecast = opens.above(micros(self.now)) | less(held.mark("unannounced"), opens.any())
        unended = less(running, closed)
        return unended & forecast if word == "forecast" else less(unended, forecast)

    def _has_deadline(self, days: int) -> int:
        until = micros(self.now + timedelta(days=days))
        return self.held.series["deadlines"].between(micros(self.now), until)

    def _until(self, name: str, at: datetime) -> int:
        return self.held.series[name].until(micros(at))


AMOUNTS = {"award_max_from": "award_max", "cofinancing_from": "cofinancing"}
NUMBERED = ("award_max_from", "cofinancing_from", "closes_within", "published_within")


def all_of(sets: Iterable[int], start: int) -> int:
    return reduce(and_, sets, start)
