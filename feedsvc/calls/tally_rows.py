"""Bring a tally up to date: read the calls that changed since its generation, and no others.

The version of an entry goes up with every change that its readers can see, in the transaction that
advances the generation; the database notes by itself which ones these are (`EntryChange`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from feedsvc.calls import queries
from feedsvc.calls.models import Call, CallApplicant, CallPlace, KeyDate, call_funder
from feedsvc.calls.tally import DATED, Snapshot, micros
from feedsvc.content.models import (
    Cluster,
    Entry,
    EntryChange,
    Organisation,
    Programme,
    entry_cluster,
)
from feedsvc.search.places import Places

CALL, ENTRY, DATE = Call.__table__.c, Entry.__table__.c, KeyDate.__table__.c
CHANGE = EntryChange.__table__.c
MOST_NAMED = 400  # entries that a statement names
SHARE = 4  # where more than one call in so many changed, all are read
_MODELS: dict[str, Any] = {"cluster": Cluster, "funder": Organisation, "programme": Programme}
_LINKS = {
    "cluster": (entry_cluster.c.entry_id, entry_cluster.c.cluster_id),
    "funder": (call_funder.c.call_id, call_funder.c.organisation_id),
    "applicant": (CallApplicant.__table__.c.call_id, CallApplicant.__table__.c.applicant),
    "geography": (CallPlace.__table__.c.call_id, CallPlace.__table__.c.place),
}
_SERIES = {
    "publish_at": "published", "withdrawn_at": "withdrawn", "opens_at": "opens", "closes_at": "closes",
}  # fmt: skip
Pair = tuple[int, int]
Members = defaultdict[tuple[str, str], list[int]]


@dataclass(frozen=True)
class Rows:
    """What was read: the places of calls by what they have, and by the values of each series."""

    members: Members = field(default_factory=lambda: defaultdict(list))
    series: dict[str, list[Pair]] = field(default_factory=lambda: {name: [] for name in DATED})


def refreshed(session: Session, held: Snapshot, generation: int) -> Snapshot:
    """The snapshot of that generation, made of an earlier one."""
    things, slugs = _things(session)
    changed = _changed_since(session, held)
    parts: list[Sequence[int] | None] = [None]
    if changed is None:
        held, changed = Snapshot(), ()
    else:
        held = held.without({thing[:2] for thing in held.things - things})
        parts = [changed[at : at + MOST_NAMED] for at in range(0, len(changed), MOST_NAMED)]
    calls = [_calls_among(session, part) for part in parts]
    places = held.places.with_ids(chain.from_iterable(calls))
    rows = Rows()
    for part, known in zip(parts, calls, strict=True):
        _read(session, part, known, places, rows)
    fresh = replace(
        held, generation=generation, places=places, things=things, slugs=slugs, words={}
    )
    replaced = {places.of(one) for one in changed if places.has_room(one)}
    return fresh.changed(replaced, rows.members, rows.series)


def _changed_since(session: Session, held: Snapshot) -> Sequence[int] | None:
    """The entries that changed after a snapshot was made; None if all calls are to be read."""
    if held.generation < 0:
        return None
    most = held.mark("all").bit_count() // SHARE + MOST_NAMED
    rows = select(CHANGE.entry_id).where(CHANGE.generation > held.generation).limit(most + 1)
    found = [row[0] for row in session.execute(rows)]
    return found if len(found) <= most else None


def _calls_among(session: Session, among: Sequence[int] | None) -> set[int]:
    rows = session.execute(select(ENTRY.id).where(ENTRY.kind == "call", _in(ENTRY.id, among)))
    return {row[0] for row in rows}


def _read(
    session: Session,
    among: Sequence[int] | None,
    calls: Collection[int],
    places: Places,
    rows: Rows,
) -> None:
    """Sort these calls (None: all) into the rows."""
    for row in session.execute(_calls(among)):
        _sort_in(row, places.of(row.id), rows)
    for name, (key, value) in _LINKS.items():
        for call_id, found in session.execute(select(key, value).where(_in(key, among))):
            if call_id in calls:  # news have clusters too
                rows.members[name, str(found)].append(places.of(call_id))
    deadlines = select(DATE.call_id, DATE.utc_at).where(
        DATE.is_deadline.is_(True), _in(DATE.call_id, among)
    )
    # From its first stage on, a call of two is open to those alone who passed it.
    stages = (
        select(DATE.call_id, func.min(DATE.utc_at))
        .where(DATE.type == "stage_1", DATE.mandatory.is_(True), _in(DATE.call_id, among))
        .group_by(DATE.call_id)
    )
    for name, dates in (("deadlines", deadlines), ("invited", stages)):
        rows.series[name] += [
            (micros(at), places.of(call_id)) for call_id, at in session.execute(dates)
        ]


def _calls(among: Sequence[int] | None) -> Any:
    return (
        select(
            ENTRY.id, ENTRY.publish_at, ENTRY.withdrawn_at, CALL.opens_at, CALL.closes_at,
            CALL.cancelled_at, CALL.suspended_at, CALL.close_reason, CALL.deadline_model,
            CALL.currency, CALL.award_max, CALL.programme_id,
            queries.highest_rate().label("cofinancing"),
            func.coalesce(CALL.cofinancing_min, CALL.cofinancing_max).label("rate_min"),
            CALL.award_min, CALL.trl_min, CALL.trl_max,
        )
        .join(Call.__table__, CALL.id == ENTRY.id)
        .where(_in(ENTRY.id, among))
    )  # fmt: skip


def _in(key: ColumnElement[int], among: Sequence[int] | None) -> ColumnElement[bool]:
    return true() if among is None else key.in_(among)


def _sort_in(row: Any, place: int, rows: Rows) -> None:
    """Put a call into the sets and series that it belongs to."""
    if row.publish_at is None:
        return
    for name in _marks(row):
        rows.members["mark", name].append(place)
    rows.members["model", row.deadline_model].append(place)
    rows.members["currency", row.currency].append(place)
    if row.programme_id is not None:
        rows.members["programme", str(row.programme_id)].append(place)
    for name, value in _numbers(row):
        if value is not None:
            rows.series[name].append((value, place))


def _numbers(row: Any) -> Iterator[tuple[str, int | None]]:
    """What has a value: instants in microseconds, money and percent in hundredths."""
    for name, instant in _SERIES.items():
        at = getattr(row, name)
        yield instant, None if at is None else micros(at)
    for name in ("award_min", "award_max", "rate_min", "cofinancing"):
        amount = getattr(row, name)
        yield name, None if amount is None else int(amount * 100)
    for name in ("trl_min", "trl_max"):
        yield name, getattr(row, name)


def _marks(row: Any) -> Iterator[str]:
    yield "all"
    if row.cancelled_at is not None:
        yield "cancelled"
    if row.suspended_at is not None:
        yield "suspended"
    if row.close_reason:
        yield "closed"
    if row.deadline_model == "to_be_announced":
        yield "unannounced"


def _things(session: Session) -> tuple[frozenset[tuple[str, str, str]], dict[str, dict[str, str]]]:
    """What calls may be linked to: which each id names, and by what slug."""
    rows = {
        name: session.execute(select(model.id, model.uid, model.slug)).all()
        for name, model in _MODELS.items()
    }
    things = frozenset((name, str(row.id), row.uid) for name in rows for row in rows[name])
    return things, {name: {str(row.id): row.slug for row in rows[name]} for name in rows}
