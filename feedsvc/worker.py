"""The scheduler: a table of jobs, each safe to run anywhere, twice and at once.

APScheduler is a ticker here and keeps no state: the jobs are in `JOBS`, not in a store, and what is
to be done is read from the database each time. Two schedulers that shared a job store would run
jobs twice; two that share nothing but the database do each mail once.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from types import FrameType

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
    JobExecutionEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from feedsvc import clock, garbage, migrations, watchdog
from feedsvc import settings as configuration
from feedsvc.auth import attempts, sessions
from feedsvc.auth.access import changes as access
from feedsvc.calls import links, struck
from feedsvc.calls.survey import survey
from feedsvc.content.desk import presence, slots
from feedsvc.content.media import copies
from feedsvc.db import Database
from feedsvc.feeds.publish import Publisher
from feedsvc.house import queries as house
from feedsvc.insight import mails as mail_weeks
from feedsvc.insight import polls, searches
from feedsvc.mail import leases, transports
from feedsvc.mail.boxes import BoxAway
from feedsvc.mail.lanes import Lanes
from feedsvc.mail.transports import RelayDown
from feedsvc.reminders import counting, heartbeat, retention, returned
from feedsvc.reminders.gate import gate
from feedsvc.reminders.heartbeat import Process, Turn
from feedsvc.reminders.plan import plan_due
from feedsvc.settings import Settings
from feedsvc.subscriptions import renewal, suppression
from feedsvc.watchdog import Watchdog
from feedsvc.websub import changes as websub
from feedsvc.websub import http, visits
from feedsvc.websub.push import Hub, push_due

log = logging.getLogger(__name__)

BEAT = timedelta(seconds=10)
# A mail server may take ten minutes for one answer (RFC 5321 section 4.5.3.2.6).
CONNECTIONS, CONNECTIONS_LIMIT = "connections", 1200.0  # seconds
DRAIN = 25.0  # seconds to finish what is at hand when told to stop
# Set when the process is told to stop; the sender looks at it between two mails.
STOP = threading.Event()
WATCH = Watchdog()
_LANES: dict[Database, Lanes] = {}  # at most one


@dataclass(frozen=True)
class Job:
    """What to do, how often. `run` returns what it did, for the heartbeat.

    A job that shows nothing for longer than `limit` is stuck, and its process ends. A long one
    shows that it goes on by asking `stopping(name)`.
    """

    name: str
    every: timedelta
    run: Callable[[Database, Settings, datetime], object]
    limit: timedelta = timedelta(minutes=30)


def stopping(job: str) -> Callable[[], bool]:
    """What a long job asks between two steps: whether to stop. Asking shows that it goes on."""

    def told() -> bool:
        WATCH.going_on(job)
        return STOP.is_set()

    return told


def plan(db: Database, settings: Settings, now: datetime) -> str:
    """Decide which reminders are due, and put them into the outbox."""
    return str(plan_due(db, settings, now))


def send(db: Database, settings: Settings, now: datetime) -> str:
    """Deliver what is due until nothing is, or the mail server goes away."""
    lanes = _lanes(db, settings)
    # A turn may end while a connection is still at work: what is watched is them, not the turn.
    WATCH.begin(CONNECTIONS, CONNECTIONS_LIMIT)
    try:
        return f"{lanes.run(now, going_on=stopping(CONNECTIONS))} mails"
    finally:
        if not lanes.is_busy:
            WATCH.end(CONNECTIONS)


def reap(db: Database, _settings: Settings, now: datetime) -> str:
    """Free the mails that dead processes held, and end those whose time has passed."""
    with db.begin() as session:
        return f"{leases.reap(session, now)} mails"


def bounces(db: Database, settings: Settings, now: datetime) -> str:
    """Read what came back, leave alone the addresses that ask for it, free those that waited."""
    with db.begin() as session:
        suppression.lift_ended(session, now)
        returned.judge_refusals(session, settings, now)
    try:
        box = returned.open_box(settings)
        if box is None:
            return "no mailbox is set"
        try:
            read = returned.read_box(db, box, settings, now, stopping=stopping("bounces"))
        finally:
            box.close()
    except BoxAway as fault:
        log.warning("bounces: the mailbox cannot be read: %s", fault)
        return f"the mailbox cannot be read: {fault}"
    return returned.in_words(read)


def push(db: Database, settings: Settings, now: datetime) -> str:
    """Send new versions of feeds to those who subscribed to them at our hub."""
    return f"{push_due(_hub(db, settings), now, stopping=stopping('push'))} calls"


def count(db: Database, _settings: Settings, now: datetime) -> str:
    """Add up who was told what of the calls that many follow, for the page that says it."""
    return f"{counting.count_due(db, now, stopping=STOP.is_set)} calls"


def check(db: Database, settings: Settings, now: datetime) -> str:
    """Look whether the addresses that calls lead to still answer."""
    if not settings.check_links:
        return "not wanted"
    visit = visits.from_settings(settings)
    visited, failed = links.check_due(db, visit, now, stopping=stopping("check"))
    return f"{visited} addresses, {failed} in trouble"


def housekeep(db: Database, settings: Settings, now: datetime) -> str:
    """Delete what has ended and what is not used, and what has been kept long enough.

    Sessions, tries to sign in, tokens and answers to programs, subscriptions of feeds, dates that no
    calendar strikes any more, forms that nobody came back to, addresses that no call has any more,
    numbers of use, files, data of readers. And count the mails of the week, and see what grew.
    """
    with db.begin() as session:
        sessions.purge(session, now=now)
        attempts.purge(session, now=now)
        access.purge(session, now=now)
        websub.purge(session, now=now)
        struck.purge(session, now=now)
        slots.purge(session, now=now)
        presence.purge(session, now=now)
        links.purge(session, now=now)
        polls.purge(session, now.date())
        searches.purge(session, now.date())
        mail_weeks.count(session, now)
    survey(db)
    media = copies.housekeep(
        db, settings.media_path, now, but={settings.logo}, stopping=STOP.is_set
    )
    return f"{retention.forget_due(db, settings, now, stopping=STOP.is_set)}; {media}"


def renew(db: Database, settings: Settings, now: datetime) -> str:
    """Ask silent readers whether they still read, and end what those follow who did not answer."""
    ended = renewal.end_silent(db, settings, now, stopping=STOP.is_set)
    asked = renewal.ask_silent(db, settings, now, stopping=STOP.is_set)
    return f"{asked} readers asked, {ended} ended"


JOBS = (
    Job("plan", timedelta(seconds=15), plan),
    Job("send", timedelta(seconds=2), send),
    Job("reap", timedelta(seconds=30), reap),
    Job("bounces", timedelta(minutes=2), bounces),
    Job("push", timedelta(seconds=5), push),
    Job("count", timedelta(minutes=1), count),
    Job("check", timedelta(minutes=10), check),
    Job("renew", timedelta(hours=1), renew),
    Job("housekeep", timedelta(hours=1), housekeep),
)


class Worker:
    """Runs jobs, and remembers how they ended until the next heartbeat writes it down.

    `now` is the database's time: clocks of machines differ, and all of them share that one.
    """

    def __init__(
        self,
        db: Database,
        settings: Settings,
        now: Callable[[], datetime] | None = None,
        watch: Watchdog = WATCH,
    ) -> None:
        self._db = db
        self._settings = settings
        self._now = now or db.now
        self._watch = watch
        self._turns: dict[str, Turn] = {}
        self._skipped: Counter[str] = Counter()
        self._process: Process | None = None
        self.failed: set[str] = set()

    def run(self, job: Job) -> None:
        """Run one job. Whatever it raises is noted, and the scheduler lives on."""
        self._watch.begin(job.name, job.limit.total_seconds())
        try:
            self._run(job, self._now())
        except Exception:  # the database does not even say what time it is
            log.exception("%s failed", job.name)
            self.failed.add(job.name)
        finally:
            self._watch.end(job.name)

    def beat(self) -> None:
        """Say that this process lives, and how the jobs that ended meanwhile ended."""
        self._watch.tick()
        turns, self._turns = self._turns, {}
        try:
            now = self._now()
            process = self._process = self._process or _this_process(now)
            with self._db.begin() as session:
                heartbeat.beat(session, process, turns, now)
        except Exception:
            for name, turn in turns.items():  # written at the next beat
                self._turns[name] = self._turns[name].after(turn) if name in self._turns else turn
            raise

    def leave(self) -> None:
        """Say that this process ends, if the database still listens."""
        if self._process is None:
            return
        try:
            with self._db.begin() as session:
                heartbeat.leave(session, self._process)
        except Exception:  # then its silence says it
            log.exception("the last heartbeat could not be written")

    def listen(self, event: JobEvent) -> None:
        """What the ticker says of its own: a turn that fell out, a heartbeat that failed."""
        if isinstance(event, JobExecutionEvent):
            log.error("%s: %s", event.job_id, event.exception or "its turn was missed")
        self._skipped[event.job_id] += 1

    def _present_settings(self) -> Settings:
        """With what was decided in the admin until now: it holds for the next mail already."""
        with self._db.read() as session:
            return house.effective(session, self._settings)

    def _run(self, job: Job, now: datetime) -> None:
        began, failed = time.monotonic(), False
        try:
            outcome = str(job.run(self._db, self._present_settings(), now))
            self.failed.discard(job.name)
        except RelayDown as fault:
            log.warning("%s: no mail leaves: %s", job.name, fault)
            outcome = f"no mail leaves: {fault}"
        except Exception as error:  # the next turn of this job may go better
            log.exception("%s failed", job.name)
            outcome, failed = f"failed: {type(error).__name__}", True
            self.failed.add(job.name)
        took = time.monotonic() - began
        turn = Turn(
            now + timedelta(seconds=int(took)), outcome, int(took * 1000),
            failures=int(failed), skipped=self._skipped.pop(job.name, 0),
        )  # fmt: skip
        self._turns[job.name] = turn.after(self._turns.get(job.name))


def run_once(db: Database, settings: Settings, now: datetime) -> set[str]:
    """Run each job once, in the order of the table, at `now`; the names of those that failed."""
    worker = Worker(db, settings, lambda: now)
    with db.begin() as session:
        heartbeat.forget_dead(session, now)
    for job in JOBS:
        worker.run(job)
    worker.beat()
    return worker.failed


def main(arguments: Sequence[str] | None = None) -> None:
    """The process: run jobs until SIGTERM or SIGINT, then finish what is at hand and exit 0."""
    parser = argparse.ArgumentParser(description="Plan reminders and send mail.")
    parser.add_argument("--once", action="store_true", help="run every job once and stop")
    once = parser.parse_args(arguments).once
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # `Worker.listen` says it
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = configuration.load()
    transports.from_settings(settings)  # a mail_url that cannot be used is told now
    db = Database(settings.effective_database_url)
    if not migrations.is_current(db):
        sys.exit("The database has not today's schema: run `feedsvc init` first.")
    if once:
        sys.exit(1 if run_once(db, settings, db.now()) else 0)
    with db.begin() as session:
        heartbeat.forget_dead(session, db.now())
    tick(Worker(db, settings), JOBS)
    for lanes in _LANES.values():
        lanes.close()
    db.close()


def tick(worker: Worker, jobs: Sequence[Job], *, drain: float = DRAIN) -> None:
    """Start the ticker in this thread; an error of its own loop ends the process, to be restarted.

    Returns when the process was told to stop and its jobs have ended. One that has not within
    `drain` seconds, or is stuck before, ends the process at once.
    """
    scheduler = BlockingScheduler(
        executors={"default": ThreadPoolExecutor(len(jobs) + 1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in jobs:
        _add(scheduler, job.name, job.every, partial(worker.run, job))
    _add(scheduler, "heartbeat", BEAT, worker.beat)
    scheduler.add_listener(
        worker.listen, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
    )
    _stop_on_signals(scheduler, drain)
    log.info("the scheduler runs: %s", ", ".join(job.name for job in jobs))
    WATCH.tick()
    WATCH.watch()
    garbage.spare_what_is_there()
    watchdog.tell_systemd("READY=1")
    scheduler.start()
    worker.leave()
    log.info("the scheduler has stopped")


def _add(
    scheduler: BlockingScheduler, name: str, every: timedelta, run: Callable[[], None]
) -> None:
    trigger = IntervalTrigger(seconds=int(every.total_seconds()), timezone=UTC)
    scheduler.add_job(run, trigger, id=name, next_run_time=clock.now())


def _stop_on_signals(scheduler: BlockingScheduler, drain: float) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        if not STOP.is_set():
            STOP.set()
            WATCH.stop_within(drain)
            # In a thread of its own: this one may hold the scheduler's locks right now.
            threading.Thread(target=scheduler.shutdown, name="shutdown").start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _this_process(now: datetime) -> Process:
    return Process(str(uuid.uuid4()), socket.gethostname(), os.getpid(), now)


def _lanes(db: Database, settings: Settings) -> Lanes:
    """One set for the life of the process, whatever is decided meanwhile: it keeps what the
    database could not take."""
    found = _LANES.get(db)
    if found is None:
        _LANES.clear()
        found = _LANES[db] = Lanes(db, settings, gate(settings), stop=STOP)
    found.follow(settings, gate(settings))
    return found


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
