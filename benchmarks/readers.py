"""Readers and calls by the thousand, written as rows: who follows what is drawn, always the same.

A call has a sector, a funder, a programme and two kinds of applicant. A reader has three
subscriptions: a narrow filter (all four), a wide one (sector and applicant) or a whole sector, and
a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from random import Random
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert

from feedsvc.calls import dates
from feedsvc.calls.models import Call, CallApplicant, KeyDate, call_funder
from feedsvc.content.filters import APPLICANTS
from feedsvc.content.models import (
    Cluster,
    Entry,
    Organisation,
    Programme,
    Translation,
    entry_cluster,
)
from feedsvc.db import Base, Database
from feedsvc.subscriptions import rules
from feedsvc.subscriptions.models import (
    FilterKey,
    StoredFilter,
    Subscriber,
    Subscription,
    SubscriptionOffset,
)

BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONE = "Europe/Luxembourg"
ELSEWHERE = ("Europe/Lisbon", "Europe/Athens", "America/New_York", "Asia/Tokyo")
LEAD_TIMES = (14, 7, 1)
SECTORS, FUNDERS, PROGRAMMES = 7, 20, 10
BATCH = 20_000


@dataclass(frozen=True)
class Size:
    """How many there are, and over how many days the deadlines of the calls lie."""

    readers: int
    calls: int
    days: int = 90


def write(db: Database, size: Size) -> None:
    """Fill an empty database."""
    _things(db)
    _calls(db, size)
    filters = _filters(db)
    _readers(db, size, filters)


def _things(db: Database) -> None:
    put(db, Cluster, ({"id": n, "uid": uid(1, n), "slug": f"s{n}", "colour": "#000000"}
                      for n in range(1, SECTORS + 1)))  # fmt: skip
    put(db, Organisation, ({"id": n, "uid": uid(2, n), "slug": f"f{n}"}
                           for n in range(1, FUNDERS + 1)))  # fmt: skip
    put(db, Programme, ({"id": n, "uid": uid(3, n), "slug": f"p{n}", "name": f"Programme {n}"}
                        for n in range(1, PROGRAMMES + 1)))  # fmt: skip


def _calls(db: Database, size: Size) -> None:
    ids = range(1, size.calls + 1)
    put(db, Entry, ({
        "id": n, "uid": uid(4, n), "kind": "call", "publish_at": BEGINNING,
        "created_at": BEGINNING, "updated_at": BEGINNING,
    } for n in ids))  # fmt: skip
    put(db, Call, ({"id": n, "deadline_model": "single_stage", "programme_id": _drawn(n)[2]}
                    for n in ids))  # fmt: skip
    put(db, Translation, ({
        "entry_id": n, "kind": "call", "language": "en", "slug": f"call-{n}", "title": f"Call {n}",
    } for n in ids))  # fmt: skip
    put(db, KeyDate, (deadline(n, size) for n in ids))
    put(db, entry_cluster, ({"entry_id": n, "cluster_id": _drawn(n)[0]} for n in ids))
    put(db, call_funder, ({"call_id": n, "organisation_id": _drawn(n)[1]} for n in ids))
    put(db, CallApplicant, ({"call_id": n, "applicant": one} for n in ids for one in _drawn(n)[3]))


def _drawn(call: int) -> tuple[int, int, int, Sequence[str]]:
    """Sector, funder, programme and applicants of a call."""
    chance = Random(call)
    return (
        chance.randint(1, SECTORS), chance.randint(1, FUNDERS), chance.randint(1, PROGRAMMES),
        chance.sample(sorted(APPLICANTS), 2),
    )  # fmt: skip


def deadline(call: int, size: Size) -> dict[str, Any]:
    day = date(2026, 3, 10) + timedelta(days=call % size.days)
    at = dates.instant(day, time(17), ZONE, kind="submission", precision="minute")
    return {
        "id": call, "uid": uid(5, call), "call_id": call, "type": "submission",
        "local_date": day, "local_time": time(17), "zone": ZONE, "precision": "minute",
        "is_deadline": True, "utc_at": at, "updated_at": BEGINNING,
    }  # fmt: skip


def _filters(db: Database) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Ids of the narrow filters, the wide ones, and those of a whole sector."""
    sectors, funders = range(1, SECTORS + 1), range(1, FUNDERS + 1)
    narrow = [
        {"cluster": [str(s)], "funder": [str(f)], "programme": [str(p)], "applicant": [a]}
        for s, f, p, a in product(sectors, funders, range(1, PROGRAMMES + 1), sorted(APPLICANTS))
    ]
    wide = [
        {"cluster": [str(s)], "applicant": [a]} for s, a in product(sectors, sorted(APPLICANTS))
    ]
    whole = [{"cluster": [str(s)]} for s in sectors]
    found = [*narrow, *wide, *whole]
    numbers = range(1, len(found) + 1)
    put(db, StoredFilter, ({"id": n, "digest": str(n), "query": ""} for n in numbers))
    put(db, FilterKey, ({"filter_id": n, "key": key}
                         for n, one in zip(numbers, found, strict=True)
                         for key in rules.filter_keys(one)))  # fmt: skip
    first, second = len(narrow), len(narrow) + len(wide)
    return numbers[:first], numbers[first:second], numbers[second:]


def _readers(
    db: Database, size: Size, filters: tuple[Sequence[int], Sequence[int], Sequence[int]]
) -> None:
    ids = range(1, size.readers + 1)
    put(db, Subscriber, (_reader(n) for n in ids))
    put(db, Subscription, (row for n in ids for row in _followed(n, size, filters)))
    put(db, SubscriptionOffset, ({"subscription_id": n, "days": days}
                                 for n in range(1, 3 * size.readers + 1)
                                 for days in LEAD_TIMES))  # fmt: skip


def _reader(number: int) -> dict[str, Any]:
    """Four of five live in one zone, and nearly all of them are told at eight."""
    chance = Random(number)
    here = chance.random() < 0.8
    return {
        "id": number, "uid": uid(6, number), "email": f"reader{number}@example.org",
        "language": "en", "zone": ZONE if here else chance.choice(ELSEWHERE),
        "hour": 8 if chance.random() < 0.9 else chance.randint(6, 18),
        "created_at": BEGINNING, "confirmed_at": BEGINNING,
    }  # fmt: skip


def _followed(
    number: int, size: Size, filters: tuple[Sequence[int], Sequence[int], Sequence[int]]
) -> Iterator[dict[str, Any]]:
    chance = Random(-number)
    narrow, wide, whole = filters
    broad = whole if chance.random() < 0.1 else wide
    subjects = [
        (chance.choice(narrow), None), (chance.choice(broad), None),
        (None, chance.randint(1, size.calls)),
    ]  # fmt: skip
    for place, (filter_id, entry_id) in enumerate(subjects):
        row = 3 * (number - 1) + place + 1
        yield {
            "id": row, "uid": uid(7, row), "subscriber_id": number, "filter_id": filter_id,
            "entry_id": entry_id, "created_at": BEGINNING, "confirmed_at": BEGINNING,
        }  # fmt: skip


def put(db: Database, where: type[Base] | Table, rows: Iterable[dict[str, Any]]) -> None:
    into = where if isinstance(where, Table) else cast("Table", where.__table__)
    waiting: list[dict[str, Any]] = []
    with db.begin() as session:
        for row in rows:
            waiting.append(row)
            if len(waiting) == BATCH:
                session.connection().execute(insert(into), waiting)
                waiting = []
        if waiting:
            session.connection().execute(insert(into), waiting)


def uid(kind: int, number: int) -> str:
    return str(UUID(int=(kind << 64) + number))
