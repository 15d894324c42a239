"""Does the service keep its promise right now? Facts from the database, and a verdict on each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from feedsvc.content import generation
from feedsvc.mail import figures
from feedsvc.mail.figures import Late
from feedsvc.reminders import heartbeat
from feedsvc.reminders.models import Notice, Occasion
from feedsvc.settings import Settings

DATABASE, SCHEDULER, PLAN, MAIL, RELAY = "database", "scheduler", "plan", "mail", "relay"
CHECKS = (DATABASE, SCHEDULER, PLAN, MAIL, RELAY)


@dataclass(frozen=True)
class Check:
    """One question and its answer, in words that name nothing private: anybody may read them."""

    name: str
    well: bool
    words: str

    def __str__(self) -> str:
        return f"{'ok    ' if self.well else 'NOT OK'}  {self.name}: {self.words}"


def checks(session: Session, settings: Settings, now: datetime) -> list[Check]:
    """All of CHECKS, in their order."""
    before = now - timedelta(minutes=settings.late_after)
    stamp = generation.current(session)
    return [
        Check(DATABASE, True, f"it answers, generation {stamp.value}"),
        _scheduler(session, settings, now),
        _in_time(PLAN, "reminders and notices to be planned", overdue_plans(session, before), now),
        _in_time(MAIL, "mails", figures.late(session, before), now),
        _relay(session),
    ]


def silence(session: Session, now: datetime) -> tuple[int, timedelta | None]:
    """How many schedulers are known, and how long the last of them has been silent."""
    known = heartbeat.processes(session)
    return len(known), now - known[0].beat_at if known else None


def overdue_plans(session: Session, before: datetime) -> Late:
    """What should have been planned by then: ix_occasion_due, ix_notice_due."""
    due = union_all(
        *(
            select(model.due_at.label("at")).where(model.state == "open", model.due_at <= before)
            for model in (Occasion, Notice)
        )
    ).subquery()
    number, since = session.execute(select(func.count(), func.min(due.c.at))).one()
    return Late(number, since)


def _scheduler(session: Session, settings: Settings, now: datetime) -> Check:
    number, silent = silence(session, now)
    if silent is None:
        return Check(SCHEDULER, False, "none is at work; start one with `feedsvc schedule`")
    words = f"{number} known, the last sign of life {_span(silent)} ago"
    return Check(SCHEDULER, silent <= timedelta(minutes=settings.silent_after), words)


def _relay(session: Session) -> Check:
    """Never red by itself: it explains why mail is late, if it is."""
    shut = [state for state in figures.relays(session).values() if state != "closed"]
    words = (
        "the mail server cannot be used now, and is tried again"
        if shut
        else "nothing is known against it"
    )
    return Check(RELAY, True, words)


def _in_time(name: str, what: str, late: Late, now: datetime) -> Check:
    if late.since is None:
        return Check(name, True, f"no {what} are late")
    words = f"{late.number} {what} are late, the first by {_span(now - late.since)}"
    return Check(name, False, words)


def _span(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{seconds // 60} minutes" if seconds < 7200 else f"{seconds // 3600} hours"
