"""What really is: calls and readers as the world changed them, kept apart from the engine's tables.

The oracle judges by these. What a deadline means and when a reader is to be told is computed here
anew, from the words of docs/mail.md, and never by the engine's own rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.simulation.world import Moment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTICE = 12 * HOUR  # what is left at least after a reminder in time
USELESS = HOUR  # nobody is told this close to the deadline
DEBOUNCE = timedelta(minutes=10)  # an editor who moves a date may move it again
LONG_AGO, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
NIGHT, MORNING = time(20), time(7)


def zone(name: str) -> tzinfo:
    return timezone(-12 * HOUR) if name == "AoE" else ZoneInfo(name)


def by_day(at: datetime, reader_zone: str) -> datetime:
    """That time, or the end of the reader's night that it is in."""
    local = at.astimezone(zone(reader_zone))
    if MORNING <= local.time() < NIGHT:
        return at
    day = local.date() + (DAY if local.time() >= NIGHT else timedelta())
    return datetime.combine(day, MORNING, zone(reader_zone)).astimezone(UTC)


@dataclass(frozen=True)
class Written:
    """A deadline as an editor writes it, or an opening. Without a time it ends with its day."""

    day: date
    time: time | None
    zone: str
    opens: bool = False

    @property
    def at(self) -> datetime:
        if self.time is None:
            local = datetime.combine(self.day + DAY, time(), zone(self.zone))
        else:
            local = datetime.combine(self.day, self.time, zone(self.zone))
        return local.astimezone(UTC)

    @property
    def exists(self) -> bool:
        """Whether clocks there show that time on that day: in spring an hour is left out."""
        return self.time is None or self.at.astimezone(zone(self.zone)).time() == self.time

    def due(self, days: int, place: Place) -> datetime:
        """The beginning of the hour in which readers there are told, so many days before."""
        clock = self.time or time(23, 59, 59)
        told = datetime.combine(self.day - days * DAY, clock, zone(self.zone))
        there = zone(place.zone)
        day = told.astimezone(there).date()
        notice = timedelta() if self.opens else NOTICE  # nobody has to hurry for an opening
        while True:
            slot = datetime.combine(day, time(place.hour), there).astimezone(UTC)
            if slot + HOUR + notice <= self.at:
                return slot
            day -= DAY

    def known(self, at: datetime, reader_zone: str) -> datetime:
        """When readers are told who could not be told in time: not at night, if it can wait.

        Whoever moves a date may move it again: that is waited for.
        """
        at += DEBOUNCE
        morning = by_day(at, reader_zone)
        return at if self.at - morning < NOTICE else morning

    def __str__(self) -> str:
        clock = f"{self.time:%H:%M}" if self.time else "end of day"
        return f"{'opens ' if self.opens else ''}{self.day:%-d %b} {clock} {self.zone}"


class Place(NamedTuple):
    """Where a reader lives, and the hour in which they want to be told."""

    zone: str
    hour: int


@dataclass(frozen=True)
class Standing:
    """The deadlines of a call that readers are to hear of, from one moment on."""

    since: Moment
    dates: tuple[Written, ...]


@dataclass
class Call:
    """A call, and every state in which the public could see it."""

    id: int
    title: str
    dates: list[Written]  # an opening comes last
    public_from: datetime | None = None
    withdrawn: bool = False
    cancelled: bool = False
    history: list[Standing] = field(default_factory=list)

    @property
    def deadlines(self) -> list[Written]:
        return [date for date in self.dates if not date.opens]

    def record(self, moment: Moment) -> None:
        """Note what stands from now on; a call that is scheduled stands from its hour on."""
        dates = () if self.withdrawn or self.cancelled else tuple(self.dates)
        if self.public_from is None:
            dates = ()
        elif self.public_from > moment.at:
            moment = Moment(moment.number, self.public_from)
        self.history.append(Standing(moment, dates))

    def standing(self, moment: Moment) -> tuple[Written, ...]:
        """What stood when that many transactions had been committed, at that time."""
        for state in reversed(self.history):
            if state.since.number <= moment.number:
                return state.dates if state.since.at <= moment.at else ()
        return ()

    def spells(self) -> Iterator[tuple[Written, datetime, datetime]]:
        """Each deadline with the times between which it stood without a break."""
        began: dict[Written, datetime] = {}
        for state in self.history:
            for gone in [one for one in began if one not in state.dates]:
                yield gone, began.pop(gone), state.since.at
            for one in state.dates:
                began.setdefault(one, state.since.at)
        for one, since in began.items():
            yield one, since, NEVER


@dataclass
class Follow:
    """A confirmed subscription with its lead times, while it was so. `call` None is every call."""

    call: Call | None
    days: tuple[int, ...]
    since: Moment
    until: Moment | None = None

    def covers(self, call: Call) -> bool:
        return self.call is None or self.call is call

    def leads(self, date: Written) -> tuple[int, ...]:
        """An opening is told the day before, whatever was chosen."""
        return (1,) if date.opens else self.days

    def holds(self, moment: Moment) -> bool:
        begun = self.since.number <= moment.number
        return begun and (self.until is None or self.until.number > moment.number)


@dataclass
class Silence:
    """A call that is muted, or everything (`call` None) that is paused until it `ends`."""

    call: Call | None
    since: Moment
    ends: datetime = NEVER
    until: Moment | None = None

    def covers(self, call: Call) -> bool:
        return self.call is None or self.call is call

    def holds(self, moment: Moment) -> bool:
        begun = self.since.number <= moment.number and moment.at < self.ends
        return begun and (self.until is None or self.until.number > moment.number)

    def touches(self, begins: datetime, ends: datetime) -> bool:
        over = min(self.ends, self.until.at if self.until else NEVER)
        return self.since.at <= ends and over >= begins


@dataclass
class Reader:
    """An address. A reader who was forgotten and comes back is another `life` of it.

    `places` are where they have lived, the present one last.
    """

    address: str
    places: list[Place]
    language: str
    uid: str = ""
    follows: list[Follow] = field(default_factory=list)
    lives: list[Moment] = field(default_factory=list)
    asked: list[Moment] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.places[-1]

    @property
    def has_moved(self) -> bool:
        return len(set(self.places)) > 1

    def due(
        self, date: Written, days: int, which: Callable[[Iterable[datetime]], datetime] = max
    ) -> datetime:
        """Where a reader has lived in several places, the first (min) or the last of their hours."""
        return which(date.due(days, place) for place in self.places)

    def morning(self, at: datetime) -> datetime:
        """When it is day again, wherever the reader has lived."""
        return max(by_day(at, place.zone) for place in self.places)

    def following(self, call: Call) -> list[Follow]:
        return [one for one in self.follows if one.covers(call)]

    def may_hear(self, call: Call, moment: Moment) -> bool:
        return any(one.holds(moment) for one in self.following(call))

    def is_silent(self, call: Call, moment: Moment) -> bool:
        return any(one.covers(call) and one.holds(moment) for one in self.silences)

    def was_silent(self, call: Call, begins: datetime, ends: datetime) -> bool:
        """Whether they did not want to hear of it at any time in between."""
        return any(one.covers(call) and one.touches(begins, ends) for one in self.silences)
