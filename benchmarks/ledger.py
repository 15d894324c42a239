"""The ledger: how soon the page of a call that told 100,000 readers is read, with each filter.

The call is counted ahead, as the scheduler does it. Before a figure is printed, the rows of all
states are compared with those of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy.orm import Session

from benchmarks import content, readers
from benchmarks.readers import Size
from benchmarks.result import Missing, Result, Untrue
from feedsvc import migrations
from feedsvc.calls.models import Call
from feedsvc.db import Database
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import counting, numbers, rounds, walk
from feedsvc.reminders.models import Item, Notice, NoticeItem, Occasion
from feedsvc.settings import Settings
from tests.support import postgres

SIZE, ONCE = Size(100_000, 400), Size(300, 20)
LIMIT_MILLISECONDS = 50
ROUNDS = 5
NOTICED = 8  # one of so many was told of a change as well
DUE = readers.BEGINNING + timedelta(days=1)
AFTER = DUE + timedelta(hours=2)
TEXT = "A line of a mail that is as long as usual lines of mails are, or a little longer.\r\n" * 40


def pages(*, once: bool) -> list[Result]:
    with content.installed() as settings:
        if once:
            return _on(f"sqlite:///{settings.instance_path}/ledger.db", "SQLite", ONCE)
        return [*_on_sqlite(settings), *_on_postgresql()]


def _on_sqlite(settings: Settings) -> list[Result]:
    return _on(f"sqlite:///{settings.instance_path}/ledger.db", "SQLite", SIZE)


def _on_postgresql() -> list[Result]:
    try:
        with postgres.running() as server:
            return _on(server.create("bench"), "PostgreSQL", SIZE)
    except postgres.PostgresUnavailable as reason:
        raise Missing(f"needs PostgreSQL: {reason}") from reason


def _on(url: str, name: str, size: Size) -> list[Result]:
    with _world(url, size) as db:
        began = perf_counter()
        if not counting.keep(db, 1, AFTER, large=size.readers):
            raise Untrue("the call is not large")
        counted = perf_counter() - began
        with db.read() as session:
            rows = _check(session)
            slowest = max(_page(session, group) for group in ("", *walk.GROUPS)) * 1000
    return [
        Result(
            name=f"ledger {name}, {rows:,} rows", figure=slowest, unit="ms, the slowest page",
            anchor="a limit", anchor_figure=LIMIT_MILLISECONDS,
            ratio=LIMIT_MILLISECONDS / slowest, target=1.0,
        ),
        Result(name=f"ledger {name}, counted ahead", figure=counted * 1000, unit="ms"),
    ]  # fmt: skip


def _page(session: Session, group: str) -> float:
    """Seconds for what a page of that state is made from."""
    took = []
    for _ in range(ROUNDS):
        session.expunge_all()
        start = perf_counter()
        walk.page(session, _rounds(session), group=group)
        took.append(perf_counter() - start)
    return median(took)


def _rounds(session: Session) -> Sequence[rounds.Round]:
    return rounds.of(session, 1, numbers.of(session, session.get_one(Call, 1)))


def _check(session: Session) -> int:
    """Each row has one state, and is found by it; how many there are."""
    of_call = _rounds(session)
    planned = sum(one.tally.planned for one in of_call)
    by_state = sum(one.tally.of(words) for one in of_call for words in walk.GROUPS.values())
    rare = sum(one.tally.of(("failed",)) for one in of_call)
    failed = len(walk.page(session, of_call, group="failed", limit=planned).rows)
    if planned != by_state or rare != failed:
        raise Untrue(f"{planned} rows, {by_state} by state; {failed} failed, {rare} counted")
    return planned


@contextmanager
def _world(url: str, size: Size) -> Iterator[Database]:
    db = Database(url)
    migrations.upgrade(db)
    write(db, size)
    yield db
    db.close()


def write(db: Database, size: Size) -> None:
    """A call with one round of reminders for everybody, and a notice for one in eight."""
    readers.write(db, size)
    closes = readers.deadline(1, size)["utc_at"]
    people, noticed = range(1, size.readers + 1), range(1, size.readers + 1, NOTICED)
    readers.put(db, Occasion, [_occasion(closes)])
    readers.put(db, Notice, [{
        "id": 1, "key": "changed:1", "call_id": 1, "kind": "changed", "due_at": DUE,
        "expires_at": closes, "state": "done",
    }])  # fmt: skip
    readers.put(db, OutboxMail, (_mail(n, n, "reminder") for n in people))
    readers.put(db, OutboxMail, (_mail(size.readers + n, n, "changed") for n in noticed))
    readers.put(db, Item, ({
        "id": n, "occasion_id": 1, "subscriber_id": n, "key_date_id": 1, "deadline_at": closes,
        "days": 7, "planned_at": DUE, **_fate(n, n),
    } for n in people))  # fmt: skip
    readers.put(db, NoticeItem, ({
        "notice_id": 1, "subscriber_id": n, "planned_at": DUE, **_fate(n, size.readers + n),
    } for n in noticed))  # fmt: skip


def _occasion(closes: datetime) -> dict[str, Any]:
    return {
        "id": 1, "key_date_id": 1, "call_id": 1, "deadline_at": closes, "days": 7,
        "zone": readers.ZONE, "hour": 8, "due_at": DUE, "followed_by": DUE, "known_at": DUE,
        "state": "done",
    }  # fmt: skip


def _mail(number: int, reader: int, kind: str) -> dict[str, Any]:
    chance = Random(number)
    state, reason = "accepted", f"250 2.0.0 taken as {number}"
    if chance.random() < 0.01:
        state, reason = "bounced", "5.1.1 no such user"
    elif chance.random() < 0.002:
        state, reason = "failed", "550 5.7.1 go away"
    at = DUE + timedelta(milliseconds=36 * reader)
    return {
        "id": number, "recipient_key": readers.uid(6, reader), "kind": kind, "slot_key": "1",
        "address": f"reader{reader}@example.org", "subject": "Closes in 7 days: a call",
        "content": TEXT, "message_id": f"<{number}@example.org>", "state": state,
        "reason": reason, "created_at": DUE, "dated_at": at, "send_after": at,
        "settled_at": at + timedelta(seconds=chance.randint(0, 40)), "attempts": 1,
    }  # fmt: skip


def _fate(number: int, mail: int) -> dict[str, Any]:
    if Random(-number).random() < 0.05:
        return {"state": "void", "reason": "muted", "mail_id": None}
    return {"state": "mailed", "reason": "", "mail_id": mail}
