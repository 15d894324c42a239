"""A desk that is full: calls in every state, in one to three languages, with deadlines and clusters.

The rows are written by the database at once; chance is seeded, so that every run has the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from random import Random
from typing import Any

from sqlalchemy import Table, insert, text
from sqlalchemy.orm import Session

from benchmarks import databases
from feedsvc.auth.rules import SYSTEM
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import clusters, sorting
from feedsvc.content.models import Entry, Translation, entry_cluster
from feedsvc.db import Database
from feedsvc.search import rules

SECTORS = ("CleanTech", "Creative", "Health", "ICT", "Materials", "Mobility", "Wood")
SUBJECTS = ("heat", "water", "batteries", "hydrogen", "timber", "sensors", "recycling", "satellites",
            "nursing", "steel", "soil", "ports", "schools", "glass", "bridges", "noise")  # fmt: skip
ACTS = (
    "Reuse of",
    "Pilots for",
    "Research on",
    "Training in",
    "Demonstrations of",
    "Standards for",
)
NOW = datetime.fromisoformat("2026-04-10T09:00:00+00:00")
ZONE = "Europe/Luxembourg"
# Of a hundred: what nobody has seen, what is to come, what is public, what was taken away.
DRAFTS, REVIEWS, REFUSED, SCHEDULED, WITHDRAWN = 12, 3, 1, 4, 10
PORTION = 5_000
INDEX = {
    "sqlite": text("INSERT INTO entry_search (rowid, title, body) VALUES (:id, :title, '')"),
    "postgresql": text(
        "INSERT INTO entry_search (entry_id, document)"
        " VALUES (:id, setweight(to_tsvector('simple', :title), 'A'))"
    ),
}


def write(db: Database, number: int, now: datetime) -> None:
    """That many calls, and the seven clusters that they belong to."""
    with db.begin() as session:
        for name in SECTORS:
            edit = clusters.ClusterEdit(texts={"en": clusters.NameEdit(name)})
            clusters.create_cluster(session, edit, actor=SYSTEM, now=now)
        entries = _entries(number, now)
        while some := list(islice(entries, PORTION)):
            _put(session, some, now)
    databases.settle(db)


def _entries(number: int, now: datetime) -> Iterator[dict[str, Any]]:
    for row in range(1, number + 1):
        chance = Random(row)
        yield {
            "id": row, "uid": f"00000000-0000-4000-8000-{row:012}", "kind": "call",
            "created_at": now, "updated_at": now - timedelta(minutes=chance.randrange(2_000_000)),
            "created_by": chance.randint(2, 30), "languages": f" {' '.join(sorted(_codes(row)))} ", **_state(chance, now),
        }  # fmt: skip


def _state(chance: Random, now: datetime) -> dict[str, Any]:
    lot = chance.randrange(100)
    past = now - timedelta(minutes=chance.randrange(1, 2_000_000))
    limits = (
        (DRAFTS, {"review": ""}), (REVIEWS, {"review": "asked", "review_at": past}),
        (REFUSED, {"review": "rejected", "review_at": past}),
        (SCHEDULED, {"publish_at": now + timedelta(days=chance.randint(1, 60))}),
        (WITHDRAWN, {"publish_at": past - timedelta(days=9), "withdrawn_at": past}),
    )  # fmt: skip
    empty = {"publish_at": None, "withdrawn_at": None, "review": "", "review_at": None}
    for share, values in limits:
        if lot < share:
            return {**empty, **values}
        lot -= share
    return {**empty, "publish_at": past}


def _put(session: Session, entries: list[dict[str, Any]], now: datetime) -> None:
    texts = {entry["id"]: _texts(entry["id"]) for entry in entries}
    tables: list[tuple[Any, list[dict[str, Any]]]] = [
        (Entry.__table__, entries),
        (Call.__table__, [_call(entry, now) for entry in entries]),
        (Translation.__table__, list(chain.from_iterable(texts.values()))),
        (KeyDate.__table__, [_date(entry, now) for entry in entries]),
        (entry_cluster, [row for entry in entries for row in _clusters(entry["id"])]),
    ]
    for table, rows in tables:
        assert isinstance(table, Table)
        session.execute(insert(table), rows)
    found = [
        {
            "id": number,
            "title": " ".join(word for row in rows for word in rules.tokens(row["title"])),
        }
        for number, rows in texts.items()
    ]
    session.execute(INDEX[session.get_bind().dialect.name], found)


def _texts(number: int) -> list[dict[str, Any]]:
    chance = Random(-number)
    title = (
        f"{chance.choice(ACTS)} {chance.choice(SUBJECTS)} and {chance.choice(SUBJECTS)} {number}"
    )
    return [
        {"entry_id": number, "kind": "call", "language": code, "slug": f"call-{number}",
         "title": title, "sort_key": sorting.key(title), "summary": "Time to act. " * 8,
         "body": "What is paid for, and for whom. " * 8}
        for code in _codes(number)
    ]  # fmt: skip


def _codes(number: int) -> list[str]:
    chance = Random(number * 17)
    french, german = chance.random() < 0.8, chance.random() < 0.6
    return ["en", *(["fr"] if french else []), *(["de"] if german else [])]


def _call(entry: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": entry["id"],
        "deadline_model": "single_stage",
        "closes_at": _closes(entry["id"], now),
    }


def _date(entry: dict[str, Any], now: datetime) -> dict[str, Any]:
    closes = _closes(entry["id"], now)
    return {
        "call_id": entry["id"], "uid": f"00000000-0000-4000-9000-{entry['id']:012}",
        "type": "submission", "local_date": closes.date(), "local_time": closes.time(), "zone": ZONE,
        "precision": "minute", "is_deadline": True, "utc_at": closes, "updated_at": now,
    }  # fmt: skip


def _closes(number: int, now: datetime) -> datetime:
    """One in ten is ahead."""
    days = number * 7919 % 1500 - 1350
    return now + timedelta(days=days, minutes=number % 1440)


def _clusters(number: int) -> list[dict[str, int]]:
    chance = Random(number * 31)
    chosen = chance.sample(range(1, len(SECTORS) + 1), k=chance.choice((1, 1, 2)))
    return [{"entry_id": number, "cluster_id": one} for one in chosen]
