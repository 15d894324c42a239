"""When each job of the scheduler last came to its end, for those who watch the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.db import insert
from feedsvc.markup import one_line
from feedsvc.reminders.models import JobHeartbeat

OUTCOME_LIMIT = 300


def beat(session: Session, ended: Mapping[str, tuple[datetime, str]]) -> None:
    """Keep, by job, when it ended and what it said."""
    for job, (finished_at, outcome) in ended.items():
        statement = insert(session, JobHeartbeat).values(
            job=job, finished_at=finished_at, outcome=one_line(outcome)[:OUTCOME_LIMIT]
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["job"],
                set_={
                    "finished_at": statement.excluded.finished_at,
                    "outcome": statement.excluded.outcome,
                },
            )
        )


def beats(session: Session) -> Sequence[JobHeartbeat]:
    return session.scalars(select(JobHeartbeat).order_by(JobHeartbeat.job)).all()
