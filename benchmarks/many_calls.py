"""Many calls made of the real ones: their texts, money and links, with dates of their own.

The real file is imported once as the importer does it; copies are written as rows. One in ten is open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from benchmarks.result import Missing
from feedsvc.calls.models import Call, CallApplicant, CallPlace, KeyDate, call_funder
from feedsvc.content import entries, generation
from feedsvc.content.models import Entry, Translation, entry_cluster
from feedsvc.db import Database
from feedsvc.imports.calls import import_calls
from feedsvc.search import rules
from feedsvc.settings import Settings

FILE = Path(os.environ.get("BENCH_CALLS", "../shared/data/calls.jsonl"))
STEP = 10_000_000  # between the ids of a call and of its copy
OPEN = 10  # one in so many
AT_ONCE = 2_000


Texts = dict[int, dict[str, str]]
_PUT = text("INSERT INTO entry_search (rowid, title, body) VALUES (:id, :title, :body)")


@dataclass(frozen=True)
class Copied:
    """Which calls, by id with their place; what is added to their ids."""

    shift: int
    places: Mapping[int, int]
    now: datetime


def write(db: Database, settings: Settings, number: int, now: datetime) -> int:
    """Fill an empty database with that many calls; how many there are then."""
    if not FILE.exists():
        raise Missing(f"needs {FILE}, or BENCH_CALLS=another file of calls")
    first = settings.instance_path / "first.jsonl"
    with FILE.open(encoding="utf-8") as lines:
        some = [line for line, _ in zip(lines, range(number), strict=False)]
    first.write_text("".join(some), encoding="utf-8")
    import_calls(db, first, settings=settings, now=now)
    with db.begin() as session:
        ids = list(session.scalars(select(Call.id).order_by(Call.id)))
        _spread(session, ids, now)
        texts = _texts(session, ids) if number > len(ids) else {}
        copied = len(ids)
        while copied < number:
            some_ids = ids[: number - copied]
            for start in range(0, len(some_ids), AT_ONCE):
                some = some_ids[start : start + AT_ONCE]
                _copy(session, some, copied // len(ids) * STEP, texts, now)
            copied += len(some_ids)
        generation.advance(session, now)
        if db.url.get_backend_name() == "postgresql":
            session.execute(text("ANALYZE"))
        return session.scalar(select(func.count()).select_from(Call)) or 0


def _spread(session: Session, ids: list[int], now: datetime) -> None:
    """Give the imported calls dates as the copies have them."""
    entry, call, date = (model.__table__ for model in (Entry, Call, KeyDate))
    rows = [
        {
            "one": call_id,
            "closes": _closes(place, 0, now),
            "published": now - timedelta(days=5, minutes=place),
        }
        for place, call_id in enumerate(ids)
    ]
    closes, one = bindparam("closes"), bindparam("one")
    for change in (
        update(date).where(date.c.call_id == one, date.c.is_deadline).values(utc_at=closes),
        update(call)
        .where(call.c.id == one, call.c.closes_at.is_not(None))
        .values(closes_at=closes),
        update(call).where(call.c.id == one).values(opens_at=None),
        update(entry).where(entry.c.id == one).values(publish_at=bindparam("published")),
    ):
        session.connection().execute(change, rows)


def _closes(place: int, shift: int, now: datetime) -> datetime:
    number = place * 7919 + shift // STEP * 104_729
    ahead = number % OPEN == 0
    days = 1 + number % 180 if ahead else -1 - number % 1500
    return (now + timedelta(days=days, minutes=number % 1440)).replace(microsecond=0)


def _texts(session: Session, ids: list[int]) -> Texts:
    """What the index of SQLite holds of each call: it cannot be asked for it."""
    found: Texts = {}
    for call in session.scalars(select(Call).where(Call.id.in_(ids))):
        title, body = (" ".join(map(str, part)) for part in rules.places(*entries.searched(call)))
        found[call.id] = {"title": title, "body": body}
    session.expunge_all()
    return found


def _copy(session: Session, ids: list[int], shift: int, texts: Texts, now: datetime) -> None:
    tables: tuple[tuple[Any, str], ...] = (
        (Entry.__table__, "id"), (Call.__table__, "id"), (Translation.__table__, "entry_id"),
        (KeyDate.__table__, "call_id"), (entry_cluster, "entry_id"), (call_funder, "call_id"),
        (CallApplicant.__table__, "call_id"), (CallPlace.__table__, "call_id"),
    )  # fmt: skip
    copied = Copied(shift, {call_id: place for place, call_id in enumerate(ids)}, now)
    for table, key in tables:
        rows = list(_rows(session, table, key, copied))
        if rows:
            session.execute(table.insert(), rows)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text(
                "INSERT INTO entry_search SELECT entry_id + :shift, document FROM entry_search"
                " WHERE entry_id = ANY(:ids)"
            ),
            {"shift": shift, "ids": ids},
        )
        return
    session.execute(_PUT, [{**texts[one], "id": one + shift} for one in ids])


def _rows(session: Session, table: Table, key: str, copied: Copied) -> Iterator[dict[str, Any]]:
    now, shift, places = copied.now, copied.shift, copied.places
    for row in session.execute(select(table).where(table.c[key].in_(list(places)))).mappings():
        copy = dict(row)
        place = places[copy[key]]
        copy[key] += shift
        if key != "id" and "id" in copy:
            copy["id"] += shift
        for name in ("uid", "source_id", "slug"):
            if copy.get(name):
                copy[name] = f"{copy[name][:20]}-{shift // STEP}-{copy.get('id', copy[key])}"[-36:]
        if "closes_at" in copy and copy["closes_at"] is not None:
            copy["closes_at"] = _closes(place, shift, now)
        if copy.get("is_deadline"):
            copy["utc_at"] = _closes(place, shift, now)
        if "publish_at" in copy:
            copy["publish_at"] = now - timedelta(days=5, minutes=place + shift // STEP * 5000)
        yield copy
