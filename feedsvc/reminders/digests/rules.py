"""What a reader's digest holds: what is new, and what changed, since it was last told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

NEW, CHANGED = "new", "changed"
MOST_SHOWN = 50  # entries in one mail; more are counted, and linked as a list
# A transaction may become visible later than the time that it carries. So each digest looks back a
# little; what the reader knows already is left out by name.
OVERLAP = timedelta(hours=1)


@dataclass(frozen=True)
class Happened:
    """What came of an entry lately: when it appeared, and its changes by id and time, in order.

    `over`: a call that can no longer be applied for. It is not announced, but its changes are told.
    """

    entry_id: int
    appeared_at: datetime | None
    events: tuple[tuple[int, datetime], ...] = ()
    over: bool = False

    @property
    def last_at(self) -> datetime:
        """When something of it was last to be told."""
        instants = [at for _, at in self.events]
        return max([*instants, *([self.appeared_at] if self.appeared_at else [])])

    @property
    def last_event(self) -> int:
        return max((number for number, _ in self.events), default=0)


@dataclass(frozen=True)
class Part:
    """A subscription as a digest sees it: what its filter finds, from when until when.

    `begun_at` is when it was confirmed, or the end of a pause: nothing before that is told.
    """

    found: Sequence[Happened]
    since: datetime
    begun_at: datetime
    until: datetime


@dataclass(frozen=True)
class Known:
    """What the reader was told before: by entry the last event, by call the events in notices.

    `muted` are the calls of which they want to hear nothing.
    """

    told: Mapping[int, int] = field(default_factory=dict)
    noticed: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    muted: frozenset[int] = frozenset()

    def with_told(self, last_events: Mapping[int, int]) -> Known:
        """The same, once these entries were told as well."""
        return replace(self, told={**self.told, **last_events})

    def event(self, entry_id: int, number: int) -> bool:
        """Whether the reader knows of that event."""
        if number <= self.told.get(entry_id, -1):
            return True
        return any(first <= number <= last for first, last in self.noticed.get(entry_id, ()))


@dataclass(frozen=True)
class Content:
    """The ids of new entries, and by entry those of the events that changed it."""

    new: frozenset[int] = frozenset()
    changed: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.new or self.changed)

    @property
    def entries(self) -> frozenset[int]:
        return self.new | self.changed.keys()


def content(parts: Iterable[Part], known: Known) -> Content:
    """Each entry once, however many of the parts find it; what is new is not also changed."""
    new: set[int] = set()
    changed: dict[int, set[int]] = {}
    for part in parts:
        after = max(part.since - OVERLAP, part.begun_at)
        for one in part.found:
            if one.entry_id in known.muted:
                continue
            appeared = one.appeared_at is not None and after < one.appeared_at <= part.until
            if appeared and one.entry_id not in known.told:
                new |= set() if one.over else {one.entry_id}
                continue
            events = _untold(one, after, part.until, known)
            if events:
                changed.setdefault(one.entry_id, set()).update(events)
    return Content(
        frozenset(new),
        {entry: tuple(sorted(events)) for entry, events in changed.items() if entry not in new},
    )


def shares(counts: Sequence[int], most: int = MOST_SHOWN) -> list[int]:
    """How many of each list are shown: all if there is room, else none is crowded out by another."""
    shown = [0] * len(counts)
    for place, index in enumerate(sorted(range(len(counts)), key=counts.__getitem__)):
        room = most - sum(shown)
        shown[index] = min(counts[index], room // (len(counts) - place))
    return shown


def _untold(one: Happened, after: datetime, until: datetime, known: Known) -> list[int]:
    return [
        number
        for number, at in one.events
        if after < at <= until and not known.event(one.entry_id, number)
    ]
