"""A scheduler process of the simulation: it lives, is put aside, freezes, dies and starts again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import OperationalError

from feedsvc.db import Database
from feedsvc.mail.delivery import Memory
from feedsvc.mail.rules import Outcome
from feedsvc.mail.transports import RelayDown
from tests.simulation.baton import Turn
from tests.simulation.relay import Group, Handed, Relay
from tests.simulation.storage import Seam
from tests.simulation.world import Moment, World

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE | re.IGNORECASE)
RESTART = (10, 60, 600, 3600)  # seconds until a dead process is started again
ASIDE = (0, 0, 0, 1, 5, 30)  # seconds for which others go first
FREEZE = (1300, 3000, 9000, 30000)  # longer than any lease


class Killed(BaseException):
    """This process is dead: nothing of it runs any more, no `except Exception` and no next query."""


class Locked(OperationalError):
    """What the database says when it does not take a transaction, or when its answer is lost."""

    def __init__(self, what: str) -> None:
        super().__init__(what, None, Exception(what))


@dataclass
class Risks:
    """What may happen at a point, as probabilities."""

    aside: float = 0.08
    death: float = 0
    freeze: float = 0
    locked: float = 0
    unknown: float = 0  # the transaction commits, and its process hears of an error


@dataclass
class Scheduler:
    """A process that its supervisor starts again. `skew` is how wrong its machine's clock is."""

    name: str
    world: World
    db: Database
    relay: Relay
    risks: Risks
    life: int = 1
    is_down: bool = False
    is_frozen: bool = False
    skew: float = 0
    memory: Memory = field(default_factory=Memory)  # what its sender keeps from turn to turn
    turns: dict[str, Errand] = field(default_factory=dict)
    errands: set[Errand] = field(default_factory=set)  # also those of former lives

    @property
    def is_up(self) -> bool:
        return not self.is_down and not self.is_frozen

    def start(self, name: str, job: Callable[[Errand], object]) -> None:
        """Run a job, unless it still runs or the process cannot."""
        if self.is_up and name not in self.turns:
            errand = Errand(self, name, job)
            self.turns[name] = errand
            errand.resume()

    def die(self, where: str, seconds: float | None = None) -> None:
        world = self.world
        wait = world.rng.choice(RESTART) if seconds is None else seconds
        world.deaths[where] += 1
        world.tell(self.name, f"DIES at {where}")
        for errand in self.turns.values():
            errand.breaks("its process died")
            errand.resume_after(0)
        self.turns.clear()
        self.life += 1
        self.memory = Memory()
        self.is_frozen, self.is_down = False, True
        world.after(wait, self._restart)

    def freeze(self) -> None:
        world = self.world
        seconds = world.rng.choice(FREEZE)
        world.tell(self.name, f"FREEZES for {seconds // 60} minutes")
        for errand in self.turns.values():
            errand.breaks("its process was frozen")
        life = self.life
        self.is_frozen = True
        world.after(seconds, lambda: self._thaw(life))

    def end(self) -> None:
        """Nothing is left of it: threads that wait in the middle of something come to their end."""
        self.life += 1
        for errand in list(self.errands):
            errand.resume()

    def _restart(self) -> None:
        self.is_down = False
        self.world.tell(self.name, "starts")

    def _thaw(self, life: int) -> None:
        if self.life == life and self.is_frozen:
            self.is_frozen = False
            self.world.tell(self.name, "thaws")
            for errand in self.turns.values():
                errand.resume_after(0)


class Errand:
    """One turn of a job in one life of a scheduler: the holder of its seam, and its way out."""

    def __init__(self, scheduler: Scheduler, name: str, job: Callable[[Errand], object]) -> None:
        self.scheduler = scheduler
        self.world = scheduler.world
        self.seam = Seam(scheduler.db, self)
        self.group = Group()
        self.gate: Moment = self.world.moment()
        self.error: BaseException | None = None
        self._life = scheduler.life
        self._name = name
        self._job = job
        self._turn = Turn(self._run)
        self._pauses = 0
        self._is_closed = False
        scheduler.errands.add(self)

    def resume(self) -> None:
        """Go on, unless the process is frozen: then its thawing is the time for that."""
        if self._turn.has_ended or (self.scheduler.is_frozen and not self._is_dead):
            return
        self._turn.resume()
        if self._turn.has_ended:
            self.scheduler.errands.discard(self)
            if not self._is_dead:
                self.scheduler.turns.pop(self._name, None)

    def resume_after(self, seconds: float) -> None:
        """Go on then, if it has not gone on before for another reason."""
        pause = self._pauses
        self.world.after(seconds, lambda: self.resume() if self._pauses == pause else None)

    def breaks(self, why: str) -> None:
        """What is handed over around this moment may be handed over by another as well."""
        self.group.broken = self.group.broken or why

    # What a seam asks

    def time(self) -> datetime:
        return self.world.now

    def machine_time(self) -> datetime:
        """What the process's own machine shows, which nothing may rely on."""
        return self.world.now + timedelta(seconds=self.scheduler.skew)

    def running_from(self, start: datetime) -> Callable[[], datetime]:
        """The monotonic clock: it goes on while the process is frozen."""
        began = self.world.now
        return lambda: start + (self.world.now - began)

    def stopwatch(self) -> float:
        return (self.world.now - LONG_AGO).total_seconds()

    def point(self, name: str) -> None:
        risks, world = self.scheduler.risks, self.world
        self._live_on()
        world.points[name] += 1
        if world.chance(risks.death):
            self.scheduler.die(name)
            raise Killed
        if world.chance(risks.freeze):
            self.scheduler.freeze()
            self._pause()
        elif world.chance(risks.aside):
            self._pause(world.rng.choice(ASIDE))

    def before_commit(self, name: str) -> None:
        """In here the write lock is held: nobody else can go first."""
        world = self.world
        self._live_on()
        world.points[name] += 1
        if world.chance(self.scheduler.risks.death):
            self.scheduler.die(name)
            raise Killed
        if world.chance(self.scheduler.risks.locked):
            world.tell(self.scheduler.name, f"database is locked at {name}")
            self.breaks("its answers could not be recorded")
            raise Locked("database is locked")

    def committed(self) -> None:
        self.gate = self.world.committed()
        self.group = Group()
        if self.world.chance(self.scheduler.risks.unknown):
            self.world.tell(self.scheduler.name, "hears of an error, and yet it was committed")
            raise Locked("server closed the connection unexpectedly")

    # The way out: the `Transport` of this errand

    scope = "relay"

    def open(self) -> None:
        self.point("relay: before the connection")
        self._is_closed = False
        if self.scheduler.relay.moods.down:
            raise RelayDown("the relay is down")

    def send(self, address: str, content: bytes, mail_id: int = 0) -> Outcome:
        relay = self.scheduler.relay
        self.point("relay: before the text")
        if self._is_closed:
            raise RelayDown("421 closing")
        stored, word = relay.answer(address)
        if word == "closing":
            self._is_closed, word = True, "deferred"
        handed = self._handed(address, content, word, bool(stored))
        relay.keep(handed)
        if word == "uncertain":
            handed.group.broken = handed.group.broken or "the answer was lost"
        self.world.tell(
            self.scheduler.name,
            f"hands over {handed.message_id[:12]} to {address}: {word}"
            f"{'' if stored or word != 'uncertain' else ' (and it was not stored)'}",
        )
        self.point("relay: after the final dot")
        if self.world.chance(relay.moods.slow):
            self._pause(90)
        return Outcome(word, f"{word} by the relay", ".")

    def close(self) -> None:
        pass

    def _handed(self, address: str, content: bytes, word: str, stored: bool) -> Handed:
        found = MESSAGE_ID.search(content)
        assert found is not None
        return Handed(
            at=self.world.moment(), gate=self.gate, sender=self.scheduler.name,
            address=address, message_id=found[1].decode(),
            digest=hashlib.sha256(content).hexdigest(), content=content,
            word=word, stored=stored, group=self.group,
        )  # fmt: skip

    # How it lives

    @property
    def _is_dead(self) -> bool:
        return self._life != self.scheduler.life

    def _live_on(self) -> None:
        if self._is_dead:
            raise Killed

    def _pause(self, seconds: float | None = None) -> None:
        """Let others go first: for so long, or until the process thaws."""
        self._pauses += 1
        if seconds is not None:
            self.resume_after(seconds)
        self._turn.pause()
        self._live_on()

    def _run(self) -> None:
        try:
            self._job(self)
        except Killed:
            pass
        except (RelayDown, Locked) as fault:
            self.world.tell(self.scheduler.name, f"{self._name}: {fault.args[0]}")
