"""Which schedulers are at work, and how each job fared, for those who watch the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedsvc.markup import one_line
from feedsvc.reminders.models import JobHeartbeat, SchedulerProcess
from feedsvc.statements import insert

OUTCOME_LIMIT = 300
HOST_LIMIT = 100
REMEMBERED = timedelta(days=1)  # a process that died without a word


@dataclass(frozen=True)
class Process:
    """A scheduler: one process on one machine."""

    uid: str
    host: str
    pid: int
    started_at: datetime


@dataclass(frozen=True)
class Turn:
    """The last turn of a job that is not written yet, and how many there were."""

    finished_at: datetime
    outcome: str
    milliseconds: int = 0
    runs: int = 1
    failures: int = 0
    skipped: int = 0

    def after(self, earlier: Turn | None) -> Turn:
        """This one, counting those before it."""
        if earlier is None:
            return self
        return replace(
            self,
            runs=self.runs + earlier.runs,
            failures=self.failures + earlier.failures,
            skipped=self.skipped + earlier.skipped,
        )


def beat(session: Session, process: Process, turns: Mapping[str, Turn], now: datetime) -> None:
    """Say that the process lives, and keep how its jobs fared."""
    alive = insert(session, SchedulerProcess).values(
        uid=process.uid,
        host=one_line(process.host)[:HOST_LIMIT],
        pid=process.pid,
        started_at=process.started_at,
        beat_at=now,
    )
    session.execute(alive.on_conflict_do_update(index_elements=["uid"], set_={"beat_at": now}))
    for job in sorted(turns):  # always in the same order: two processes never wait for each other
        _note(session, job, turns[job])


def leave(session: Session, process: Process) -> None:
    """The process ends: it is not at work any more."""
    session.execute(delete(SchedulerProcess).where(SchedulerProcess.uid == process.uid))


def forget_dead(session: Session, now: datetime) -> None:
    """Drop the processes that have not been heard of for a day."""
    session.execute(delete(SchedulerProcess).where(SchedulerProcess.beat_at <= now - REMEMBERED))


def beats(session: Session) -> Sequence[JobHeartbeat]:
    return session.scalars(select(JobHeartbeat).order_by(JobHeartbeat.job)).all()


def processes(session: Session) -> Sequence[SchedulerProcess]:
    """The schedulers, the one that was heard last first."""
    return session.scalars(
        select(SchedulerProcess).order_by(SchedulerProcess.beat_at.desc(), SchedulerProcess.uid)
    ).all()


def _note(session: Session, job: str, turn: Turn) -> None:
    statement = insert(session, JobHeartbeat).values(
        job=job,
        finished_at=turn.finished_at,
        outcome=one_line(turn.outcome)[:OUTCOME_LIMIT],
        milliseconds=turn.milliseconds,
        runs=turn.runs,
        failures=turn.failures,
        skipped=turn.skipped,
    )
    new = statement.excluded
    counted = {name: getattr(JobHeartbeat, name) + new[name]
               for name in ("runs", "failures", "skipped")}  # fmt: skip
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["job"],
            set_={"finished_at": new.finished_at, "outcome": new.outcome, "milliseconds": new.milliseconds,
                  **counted},
        )
    )  # fmt: skip
