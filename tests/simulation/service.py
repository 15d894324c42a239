"""The schedulers of a site, and when their jobs have something to do.

Real schedulers look every few seconds. Here they look when the database holds something that is due,
when something was changed, and a few times a day; whoever of them then does the work is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from feedsvc import worker
from feedsvc.mail.delivery import deliver_due
from feedsvc.reminders.gate import gate
from feedsvc.settings import Settings
from tests.simulation.facts import LONG_AGO, NEVER
from tests.simulation.relay import Relay
from tests.simulation.scheduler import Errand, Risks, Scheduler
from tests.simulation.storage import Storage
from tests.simulation.world import World

LOOK = timedelta(hours=90)  # at least so often, also when nothing seems to be due
AGAIN = timedelta(minutes=5)  # until somebody else looks, if who looked did not come to the end
SOON, LATER = timedelta(seconds=15), timedelta(hours=1)  # until they look again at what is left
REST = (15, 60, 600, 1200)  # seconds between two turns: what falls due meanwhile is done together
LATE = (0, 0, 2, 15, 600, 1500)  # seconds until a scheduler looks; a busy one looks late
DUE = """
    SELECT 'plan', min(due_at) FROM occasion WHERE state = 'open'
    UNION ALL SELECT 'plan', min(planned_at) FROM reminder_item WHERE state = 'planned'
    UNION ALL SELECT 'plan', min(planned_at) FROM notice_item WHERE state = 'planned'
    UNION ALL SELECT 'plan', min(due_at) FROM notice WHERE state = 'open'
    UNION ALL SELECT 'send', min(send_after) FROM outbox_mail WHERE state = 'queued'
    UNION ALL SELECT 'reap', min(expires_at) FROM outbox_mail WHERE state = 'queued'
    UNION ALL SELECT 'reap', min(lease_until) FROM outbox_mail WHERE state = 'sending'
"""
SKEWS = (0, -90, 300, -3600, 86_400)  # seconds by which machines may be wrong
# What calls others has tests of its own; `send` brings its connections along.
ELSEWHERE = ("push", "check", "send")


def send(errand: Errand, settings: Settings) -> None:
    """What a connection of the worker does, over this errand as its transport."""
    memory, clock = errand.scheduler.memory, errand.running_from(errand.seam.now())
    while deliver_due(
        errand.seam, errand, clock(), gate=gate(settings), memory=memory, clock=clock,
        stopwatch=errand.stopwatch,
    ).claimed:  # fmt: skip
        pass


def _of_worker(job: worker.Job) -> Job:
    return lambda errand, settings: job.run(errand.seam, settings, errand.seam.now())


Job = Callable[[Errand, Settings], object]
# All that the worker does, so that a new job is simulated from its first day on.
JOBS: dict[str, Job] = {
    **{job.name: _of_worker(job) for job in worker.JOBS if job.name not in ELSEWHERE},
    "send": send,
}
AT_A_LOOK = frozenset(JOBS) - {"plan", "send"}


@dataclass
class Service:
    """All schedulers of the site. `next_look` is when somebody looks although nothing is due."""

    world: World
    storage: Storage
    settings: Settings
    relay: Relay
    hours: Callable[[], list[datetime]] = list
    risks: Risks = field(default_factory=Risks)
    schedulers: list[Scheduler] = field(default_factory=list)
    next_look: datetime = NEVER
    _wishes: int = 0
    _rests_until: datetime = LONG_AGO
    _looked: datetime = LONG_AGO
    _hours: list[datetime] = field(default_factory=list)
    _left: list[datetime] = field(default_factory=list)
    _patience: timedelta = SOON

    def hire(self, number: int) -> None:
        self.schedulers = [
            Scheduler(f"scheduler-{n}", self.world, self.storage.db, self.relay, self.risks)
            for n in range(1, number + 1)
        ]
        for scheduler in self.schedulers:  # the first one's clock is right
            scheduler.skew = self.world.rng.choice(SKEWS) if scheduler.name[-1] != "1" else 0
        self.next_look = self.world.now

    def disagree(self) -> None:
        """The clocks of the machines jump."""
        for scheduler in self.schedulers:
            scheduler.skew = self.world.rng.choice(SKEWS)

    def look_soon(self) -> None:
        """Something was changed: a scheduler finds it at its next turn."""
        self._hours = []  # what was changed may be told in other hours
        self._wishes += 1
        self.next_look = min(
            self.next_look, self.world.now + timedelta(seconds=self.world.rng.choice(LATE))
        )

    def next_turn(self) -> datetime:
        """When the schedulers have to work next."""
        self._hours = self._hours or self.hours()
        due = [at for _, at in self._due()]
        left = [at for at in due if at <= self.world.now]
        if left != self._left:  # something moves
            self._left, self._patience = left, SOON
        again = [self._looked + self._patience] if left else []
        ahead = [at for at in due if at > self.world.now]
        return max(self._rests_until, min([self.next_look, *self._hours, *again, *ahead]))

    def turn(self) -> None:
        """Every job that has something to do, by one scheduler or by several at once."""
        world = self.world
        wanted = {job for job, at in self._due() if at <= world.now}
        self._rests_until = world.now + timedelta(seconds=world.rng.choice(REST))
        self._looked, self._patience = world.now, min(2 * self._patience, LATER)
        if world.now >= self.next_look:
            self.next_look = world.now + AGAIN
            wanted |= {"plan", "send"}
            wanted |= {job for job in JOBS if job in AT_A_LOOK and world.chance(0.1)}
        if any(hour <= world.now for hour in self._hours):
            self._hours = self.hours()
            wanted.add("plan")
        if "plan" in wanted and world.chance(0.3):
            wanted.add("send")  # else when a mail is due, which is then seen at once
        for name in (name for name in JOBS if name in wanted):
            for scheduler in self._drawn():
                scheduler.start(name, self._plan if name == "plan" else self._work(name))

    def _work(self, name: str) -> Callable[[Errand], object]:
        return lambda errand: JOBS[name](errand, self.settings)

    def _plan(self, errand: Errand) -> None:
        """Who comes to the end of it has seen all that was wished for when they began."""
        wishes = self._wishes
        self._work("plan")(errand)
        if wishes == self._wishes:
            self.next_look = max(self.next_look, self.world.now + LOOK)

    def _drawn(self) -> Iterable[Scheduler]:
        up = [scheduler for scheduler in self.schedulers if scheduler.is_up]
        if not up:
            return ()
        most = self.world.rng.choice((1, 1, 1, 1, 2, len(up)))
        return self.world.rng.sample(up, min(most, len(up)))

    def _due(self) -> list[tuple[str, datetime]]:
        rows = self.storage.ask(DUE)
        return [(job, datetime.fromisoformat(at).replace(tzinfo=UTC)) for job, at in rows if at]
