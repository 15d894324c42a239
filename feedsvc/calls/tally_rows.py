"""Bring a tally up to date: read the calls whose version changed, and no others.

The version of an entry goes up with every change that its readers can see, in the transaction that
advances the generation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from feedsvc.calls import queries
from feedsvc.calls.models import Call, CallApplicant, CallPlace, KeyDate, call_funder
from feedsvc.calls.tally import DATED, Places, Snapshot, micros
from feedsvc.content.models import Cluster, Entry, Organisation, Programme, entry_cluster

CALL, ENTRY, DATE = Call.__table__.c, Entry.__table__.c, KeyDate.__table__.c
MOST_NAMED = 400  # calls that a statement names; of more, all are read
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


def refreshed(session: Session, held: Snapshot, generation: int) -> Snapshot:
    """The snapshot of that generation, made of an earlier one."""
    things, slugs = _things(session)
    if held.things - things:
        held = Snapshot()  # an id that is free may be given again, and mean another thing
    rows = select(ENTRY.id, ENTRY.version).where(ENTRY.kind == "call")
    versions = {row[0]: row[1] for row in session.execute(rows)}
    changed = [one for one, version in versions.items() if held.versions.get(one) != version]
    gone = held.versions.keys() - versions.keys()
    if len(gone) + len(changed) > MOST_NAMED:
        held, changed, gone = Snapshot(), list(versions), set()
    places = held.places.with_ids(changed)
    among = changed if len(changed) <= MOST_NAMED else None
    members, series = _read(session, among, versions, places)
    known = replace(
        held,
        generation=generation,
        versions=versions,
        places=places,
        things=things,
        slugs=slugs,
        words={},
    )
    replaced = {places.of(one) for one in (*gone, *changed) if one in held.versions}
    return known.changed(replaced, members, series)


def _read(
    session: Session, among: Sequence[int] | None, known: Collection[int], places: Places
) -> tuple[Members, dict[str, list[Pair]]]:
    """The places of these calls (None: all) by what they have."""
    members: Members = defaultdict(list)
    series: dict[str, list[Pair]] = {name: [] for name in DATED}
    for row in session.execute(_calls(among)):
        _sort_in(row, places.of(row.id), members, series)
    for name, (key, value) in _LINKS.items():
        for call_id, found in session.execute(select(key, value).where(_in(key, among))):
            if call_id in known:  # news have clusters too
                members[name, str(found)].append(places.of(call_id))
    deadlines = select(DATE.call_id, DATE.utc_at).where(
        DATE.is_deadline.is_(True), _in(DATE.call_id, among)
    )
    series["deadlines"] += [
        (micros(at), places.of(call_id)) for call_id, at in session.execute(deadlines)
    ]
    # From its first stage on, a call of two is open to those alone who passed it.
    stages = select(DATE.call_id, func.min(DATE.utc_at)).where(
        DATE.type == "stage_1", DATE.mandatory.is_(True), _in(DATE.call_id, among)
    )
    series["invited"] += [
        (micros(at), places.of(call_id))
        for call_id, at in session.execute(stages.group_by(DATE.call_id))
    ]
    return members, series


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


def _sort_in(
    row: Any,
    place: int,
    members: Members,
    series: dict[str, list[Pair]],
) -> None:
    """Put a call into the sets and series that it belongs to."""
    if row.publish_at is None:
        return
    for name in _marks(row):
        members["mark", name].append(place)
    members["model", row.deadline_model].append(place)
    members["currency", row.currency].append(place)
    if row.programme_id is not None:
        members["programme", str(row.programme_id)].append(place)
    for name, value in _numbers(row):
        if value is not None:
            series[name].append((value, place))


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
