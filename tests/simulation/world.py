"""The virtual world of one seed: its time, its events in order, its dice and its story."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random


@dataclass(frozen=True)
class Moment:
    """A point of the history: `number` orders what happened in the same second."""

    number: int
    at: datetime


@dataclass
class World:
    """Time stands still while something happens, and then jumps to the next event.

    `commits` numbers the transactions of everybody: what was committed before what is the question
    on which most promises turn.
    """

    rng: Random
    now: datetime
    commits: int = 0
    story: list[str] = field(default_factory=list)
    points: Counter[str] = field(default_factory=Counter)  # where a scheduler may die
    deaths: Counter[str] = field(default_factory=Counter)  # where one did
    _events: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: int = 0

    def moment(self) -> Moment:
        return Moment(self.commits, self.now)

    def committed(self) -> Moment:
        self.commits += 1
        return self.moment()

    def tell(self, who: str, what: str) -> None:
        self.story.append(f"{self.now:%a %d %b %H:%M:%S}  {self.commits:>5}  {who:<12} {what}")

    def at(self, when: datetime, act: Callable[[], None]) -> None:
        self._numbers += 1
        heapq.heappush(self._events, (max(when, self.now), self._numbers, act))

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self.at(self.now + timedelta(seconds=int(seconds)), act)

    def next_event(self) -> datetime | None:
        return self._events[0][0] if self._events else None

    def step(self) -> None:
        """Let the next event happen."""
        self.now, _, act = heapq.heappop(self._events)
        act()

    def chance(self, probability: float) -> bool:
        return probability > 0 and self.rng.random() < probability
