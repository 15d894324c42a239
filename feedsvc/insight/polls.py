"""Which programs ask for feeds, how often, and for how many readers: by day, never by person."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from feedsvc.insight import programs
from feedsvc.insight.models import FeedPoll
from feedsvc.statements import insert

FORMATS = ("atom", "rss", "json", "ics", "csv", "opml")
KEPT = dt.timedelta(days=400)
Poll = tuple[str, str]  # the path of a feed, and what the program says of itself


@dataclass(frozen=True)
class Program:
    """One program over some days. `subscribers`: the most readers it named for one feed."""

    name: str
    polls: int
    subscribers: int
    formats: tuple[str, ...]


def record(session: Session, counts: Mapping[Poll, int], day: dt.date) -> None:
    """Add what a process has counted."""
    polls, most = Counter[tuple[str, str]](), dict[tuple[str, str], int]()
    for (path, agent), number in counts.items():
        key = programs.program(agent), _format(path)
        polls[key] += number
        most[key] = max(most.get(key, 0), programs.subscribers(agent))
    for name, kind in sorted(polls):  # in one order, so that two processes never wait in a circle
        counted = polls[name, kind], most[name, kind]
        _add(
            session,
            FeedPoll(day=day, program=name, format=kind, polls=counted[0], subscribers=counted[1]),
        )


def by_program(session: Session, since: dt.date) -> list[Program]:
    """The programs that asked since that day, those that ask most first."""
    rows = session.execute(
        select(
            FeedPoll.program, FeedPoll.format, func.sum(FeedPoll.polls).label("polls"),
            func.max(FeedPoll.subscribers).label("most"),
        )
        .where(FeedPoll.day >= since)
        .group_by(FeedPoll.program, FeedPoll.format)
        .order_by(FeedPoll.program, FeedPoll.format)
    ).all()  # fmt: skip
    found: dict[str, Program] = {}
    for name, kind, asked, most in rows:
        held = found.get(name, Program(name, 0, 0, ()))
        found[name] = Program(
            name, held.polls + int(asked), max(held.subscribers, most), (*held.formats, kind)
        )
    return sorted(found.values(), key=lambda one: (-one.polls, one.name))


def by_format(session: Session, since: dt.date) -> dict[str, int]:
    """How often each format was asked for since that day, the most popular first."""
    number = func.sum(FeedPoll.polls).label("polls")
    rows = session.execute(
        select(FeedPoll.format, number)
        .where(FeedPoll.day >= since)
        .group_by(FeedPoll.format)
        .order_by(number.desc(), FeedPoll.format)
    )
    return {row.format: int(row.polls) for row in rows}


def by_day(session: Session, since: dt.date) -> dict[dt.date, int]:
    """How often feeds were asked for on each day since that one."""
    rows = session.execute(
        select(FeedPoll.day, func.sum(FeedPoll.polls).label("polls"))
        .where(FeedPoll.day >= since)
        .group_by(FeedPoll.day)
    )
    return {row.day: int(row.polls) for row in rows}


def purge(session: Session, today: dt.date) -> None:
    session.execute(delete(FeedPoll).where(FeedPoll.day < today - KEPT))


def _add(session: Session, counted: FeedPoll) -> None:
    more, most = counted.polls, counted.subscribers
    key = {"day": counted.day, "program": counted.program, "format": counted.format}
    larger = case((FeedPoll.subscribers > most, FeedPoll.subscribers), else_=most)
    session.execute(
        insert(session, FeedPoll)
        .values(**key, polls=more, subscribers=most)
        .on_conflict_do_update(
            index_elements=list(key), set_={"polls": FeedPoll.polls + more, "subscribers": larger}
        )
    )


def _format(path: str) -> str:
    ending = path.rpartition(".")[2]
    return ending if ending in FORMATS else "other"
