"""The scheduler: a table of jobs, each safe to run anywhere, twice and at once.

APScheduler is a ticker here and keeps no state: the jobs are in `JOBS`, not in a store, and what is
to be done is read from the database each time. Two schedulers that shared a job store would run
jobs twice; two that share nothing but the database do each mail once.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from feedsvc import clock, migrations
from feedsvc import settings as configuration
from feedsvc.auth import sessions
from feedsvc.calls import struck
from feedsvc.db import Database
from feedsvc.feeds.publish import Publisher
from feedsvc.mail import leases, transports
from feedsvc.mail.lanes import Lanes
from feedsvc.mail.transports import RelayDown
from feedsvc.reminders import heartbeat
from feedsvc.reminders.gate import gate
from feedsvc.reminders.plan import plan_due
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes as subscriptions
from feedsvc.websub import changes as websub
from feedsvc.websub import http
from feedsvc.websub.push import Hub, push_due

log = logging.getLogger(__name__)

BEAT = timedelta(seconds=10)
# Set when the process is told to stop; the sender looks at it between two mails.
STOP = threading.Event()


@dataclass(frozen=True)
class Job:
    """What to do, how often. `run` returns what it did, for the heartbeat."""

    name: str
    every: timedelta
    run: Callable[[Database, Settings, datetime], object]


def plan(db: Database, settings: Settings, now: datetime) -> str:
    """Decide which reminders are due, and put them into the outbox."""
    return str(plan_due(db, settings, now))


def send(db: Database, settings: Settings, now: datetime) -> str:
    """Deliver what is due until nothing is, or the mail server goes away."""
    return f"{_lanes(db, settings).run(now)} mails"


def reap(db: Database, _settings: Settings, now: datetime) -> str:
    """Free the mails that dead processes held, and end those whose time has passed."""
    with db.begin() as session:
        return f"{leases.reap(session, now)} mails"


def push(db: Database, settings: Settings, now: datetime) -> str:
    """Send new versions of feeds to those who subscribed to them at our hub."""
    return f"{push_due(_hub(db, settings), now, stopping=STOP.is_set)} calls"


def housekeep(db: Database, _settings: Settings, now: datetime) -> str:
    """Delete what has ended and what is not used.

    Sessions, subscriptions of feeds, dates that no calendar strikes any more, addresses of readers.
    """
    with db.begin() as session:
        sessions.purge(session, now=now)
        websub.purge(session, now=now)
        struck.purge(session, now=now)
        return f"{subscriptions.purge(session, now=now)} addresses deleted"


JOBS = (
    Job("plan", timedelta(seconds=15), plan),
    Job("send", timedelta(seconds=2), send),
    Job("reap", timedelta(seconds=30), reap),
    Job("push", timedelta(seconds=5), push),
    Job("housekeep", timedelta(hours=1), housekeep),
)


class Worker:
    """Runs jobs, and remembers how they ended until the next heartbeat writes it down."""

    def __init__(
        self, db: Database, settings: Settings, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock or db.now
        self._ended: dict[str, tuple[datetime, str]] = {}
        self.failed: set[str] = set()

    def run(self, job: Job) -> None:
        """Run one job. Whatever it raises is noted, and the scheduler lives on."""
        now = self._clock()
        try:
            outcome = str(job.run(self._db, self._settings, now))
            self.failed.discard(job.name)
        except RelayDown as fault:
            log.warning("%s: no mail leaves: %s", job.name, fault)
            outcome = f"no mail leaves: {fault}"
        except Exception as error:  # the next turn of this job may go better
            log.exception("%s failed", job.name)
            outcome = f"failed: {type(error).__name__}"
            self.failed.add(job.name)
        self._ended[job.name] = (self._clock(), outcome)

    def beat(self) -> None:
        """Write down how the jobs that ended meanwhile ended."""
        ended, self._ended = self._ended, {}
        with self._db.begin() as session:
            heartbeat.beat(session, ended)


def run_once(db: Database, settings: Settings, now: datetime) -> set[str]:
    """Run each job once, in the order of the table, at `now`; the names of those that failed."""
    worker = Worker(db, settings, lambda: now)
    for job in JOBS:
        worker.run(job)
    worker.beat()
    return worker.failed


def main(arguments: Sequence[str] | None = None) -> None:
    """The process: run jobs until SIGTERM or SIGINT, then finish the mail in hand and exit 0."""
    parser = argparse.ArgumentParser(description="Plan reminders and send mail.")
    parser.add_argument("--once", action="store_true", help="run every job once and stop")
    once = parser.parse_args(arguments).once
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = configuration.load()
    transports.from_settings(settings)  # a mail_url that cannot be used is told now
    db = Database(settings.effective_database_url)
    if not migrations.is_current(db):
        sys.exit("The database has not today's schema: run `feedsvc init` first.")
    if once:
        sys.exit(1 if run_once(db, settings, db.now()) else 0)
    _tick(Worker(db, settings))
    db.close()


def _tick(worker: Worker) -> None:
    """Start the ticker in this thread; an error of its own loop ends the process, to be restarted."""
    scheduler = BlockingScheduler(
        executors={"default": ThreadPoolExecutor(len(JOBS) + 1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in JOBS:
        _add(scheduler, job.every, partial(worker.run, job))
    _add(scheduler, BEAT, worker.beat)
    _stop_on_signals(scheduler)
    log.info("the scheduler runs: %s", ", ".join(job.name for job in JOBS))
    scheduler.start()
    log.info("the scheduler has stopped")


def _add(scheduler: BlockingScheduler, every: timedelta, run: Callable[[], None]) -> None:
    trigger = IntervalTrigger(seconds=int(every.total_seconds()), timezone=UTC)
    scheduler.add_job(run, trigger, next_run_time=clock.now())


def _stop_on_signals(scheduler: BlockingScheduler) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        if not STOP.is_set():
            STOP.set()
            # In a thread of its own: this one may hold the scheduler's locks right now.
            threading.Thread(target=scheduler.shutdown, name="shutdown").start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


@lru_cache(maxsize=1)
def _lanes(db: Database, settings: Settings) -> Lanes:
    """One set for the life of the process: it keeps what the database could not take."""
    return Lanes(db, settings, gate(settings), stop=STOP)


@lru_cache(maxsize=1)
def _hub(db: Database, settings: Settings) -> Hub:
    """One for the life of the process: it keeps the feeds that it has made."""
    return Hub(
        db=db,
        settings=settings,
        publisher=Publisher(settings),
        caller=http.from_settings(settings),
        hub_caller=http.from_settings(settings, private=True),  # the operator's own choice
    )
