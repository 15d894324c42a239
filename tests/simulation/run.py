"""One seed from its first day to its judgement."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from feedsvc.settings import Settings
from tests.simulation import drama, oracle
from tests.simulation.acts import Stage
from tests.simulation.drama import LENGTH, Storm
from tests.simulation.facts import DAY
from tests.simulation.relay import Moods, Relay
from tests.simulation.scheduler import Locked, Risks
from tests.simulation.service import Service
from tests.simulation.storage import Storage
from tests.simulation.world import World

MOST_STEPS = 20_000  # a history that goes on for ever is a fault of its own
SETTINGS = Settings(
    instance_path=Path("instance"),
    base_url="https://agency.example",
    secret_key="known to every test",
)


@dataclass
class Result:
    """What came out: `complaints` are broken promises."""

    seed: int
    complaints: list[str]
    story: list[str]
    mails: int
    deaths: dict[str, int]
    points: dict[str, int]
    doubled: int


class Simulation:
    """A world with everything in it."""

    def __init__(self, storage: Storage, seed: int) -> None:
        rng = Random(seed)
        self.world = World(rng, drama.beginning(rng))
        self.relay = Relay(self.world)
        self.service = Service(self.world, storage, SETTINGS, self.relay)
        self.storage, self.settings = storage, SETTINGS
        self.stage = Stage(self.world, storage.db, SETTINGS, on_change=self.service.look_soon)
        self.service.hours = self.stage.hours
        self.storms: list[Storm] = []
        self.errors: list[str] = []

    def play(self) -> None:
        """Twelve days of acts and weather, then calm until everything is settled."""
        world = self.world
        ends = world.now + LENGTH
        self.service.hire(world.rng.choice((2, 2, 3, 4)))
        drama.open_stage(self.stage)
        self.storms = drama.storms(self.stage, ends)
        for storm in self.storms:
            world.at(storm.begins, lambda storm=storm: self._begin(storm))
            world.at(storm.ends, lambda storm=storm: self._end(storm))
        for when in drama.acts(self.stage, ends):
            world.at(when, lambda: drama.act(self.stage))
        self._run_until(ends)
        settled = ends
        while settled < (
            last := max(ends, self._last_date()) + DAY
        ):  # the last acts may move dates on
            self._run_until(last)
            settled = last

    def _run_until(self, end: datetime) -> None:
        world, steps = self.world, 0
        while True:
            event, turn = world.next_event(), self.service.next_turn()
            if min(turn, event or turn) > end:
                world.now = end
                return
            if event is not None and event <= turn:
                world.step()
            else:
                world.now = max(world.now, turn)
                self.service.turn()
            steps += 1
            if steps > MOST_STEPS:
                self.errors.append("it never comes to rest")
                return

    def _last_date(self) -> datetime:
        dates = (date.at for call in self.stage.calls for date in call.dates)
        return max(dates, default=self.world.now)

    def _begin(self, storm: Storm) -> None:
        self.world.tell(
            "weather", f"bad: {', '.join(storm.names)}, until {storm.ends:%a %d %b %H:%M}"
        )
        vars(self.service.risks).update(vars(storm.risks))
        vars(self.relay.moods).update(vars(storm.moods))
        if storm.clocks_jump:
            self.service.disagree()
        if storm.all_down:
            for scheduler in self.service.schedulers:
                scheduler.die(
                    "the end of its machine", (storm.ends - self.world.now).total_seconds()
                )

    def _end(self, storm: Storm) -> None:
        self.world.tell("weather", "good again")
        vars(self.service.risks).update(vars(Risks()))
        vars(self.relay.moods).update(vars(Moods()))
        self.service.look_soon()


class _Errors(logging.Handler):
    """The engine logs what it survives: an error that nobody injected is a fault."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, Locked):
            self._found.append(f"{record.getMessage()}: {type(error).__name__}: {error}")


@contextmanager
def _dice(seed: int) -> Iterator[None]:
    """The machine's source of chance is the seed's: uids and tokens are the same in a replay."""
    real, os.urandom = os.urandom, Random(seed).randbytes
    try:
        yield
    finally:
        os.urandom = real


def run(storage: Storage, seed: int) -> Result:
    """Play one seed and judge it. An error that comes through is a complaint, too."""
    storage.clear()
    simulation = Simulation(storage, seed)
    world = simulation.world
    handler = _Errors(simulation.errors)
    logger = logging.getLogger("feedsvc")
    logger.addHandler(handler)
    logger.propagate, before = False, logger.propagate
    try:
        with _dice(seed):
            simulation.play()
            complaints = [*simulation.errors, *oracle.judge(simulation)]
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
        for scheduler in simulation.service.schedulers:
            scheduler.end()
    return Result(
        seed, complaints, world.story, len(simulation.relay.journal),
        dict(world.deaths), dict(world.points), 0,
    )  # fmt: skip
