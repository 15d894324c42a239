"""Which entries a list of the desk finds, and how many of them are in each state."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.calls.models import Call, KeyDate, call_funder
from feedsvc.content import queries
from feedsvc.content.desk.asked import MINE, STATES, Asked
from feedsvc.content.models import (
    Cluster,
    Entry,
    Organisation,
    Programme,
    Translation,
    entry_cluster,
)
from feedsvc.search import index


def matching(
    session: Session, kind: str, asked: Asked, *, actor: Actor, now: dt.datetime
) -> ColumnElement[bool]:
    """The condition that an entry is of that kind, is seen by the actor, and meets all conditions."""
    conditions = [Entry.kind == kind, queries.seen_by(actor), *_of_calls(asked, now)]
    if asked.state:
        conditions.append(queries.in_state(asked.state, now))
    if asked.cluster:
        conditions.append(Entry.id.in_(_in_clusters(asked.cluster)))
    if asked.author:
        who = actor.id if asked.author == MINE else int(asked.author)
        conditions.append(Entry.created_by == who)
    if asked.missing:
        conditions.append(~_has_language(asked.missing))
    if asked.updated_within is not None:
        conditions.append(Entry.updated_at > now - dt.timedelta(days=asked.updated_within))
    if asked.q:
        conditions.append(Entry.id.in_(index.matching(session, asked.q, in_title=True)))
    return and_(*conditions)


def counts(
    session: Session, kind: str, asked: Asked, *, actor: Actor, now: dt.datetime
) -> dict[str, int]:
    """How many entries are in each state, of those that meet the other conditions."""
    columns = [func.count().filter(queries.in_state(state, now)) for state in STATES]
    wanted = matching(session, kind, asked.but(state=""), actor=actor, now=now)
    row = session.execute(select(*columns).select_from(Entry.__table__).where(wanted)).one()
    return dict(zip(STATES, row, strict=True))


def _of_calls(asked: Asked, now: dt.datetime) -> list[ColumnElement[bool]]:
    """The conditions that only calls can meet."""
    conditions: list[ColumnElement[bool]] = []
    if asked.funder:
        funded = select(call_funder.c.call_id).join(
            Organisation, Organisation.id == call_funder.c.organisation_id
        )
        conditions.append(Entry.id.in_(funded.where(Organisation.slug.in_(asked.funder))))
    if asked.programme:
        belonging = select(Call.__table__.c.id).join(
            Programme, Programme.id == Call.__table__.c.programme_id
        )
        conditions.append(Entry.id.in_(belonging.where(Programme.slug.in_(asked.programme))))
    if asked.closes_within is not None:
        until = now + dt.timedelta(days=asked.closes_within)
        closing = select(KeyDate.call_id).where(
            KeyDate.is_deadline.is_(True), KeyDate.utc_at > now, KeyDate.utc_at <= until
        )
        conditions.append(Entry.id.in_(closing))
    return conditions


def _in_clusters(slugs: tuple[str, ...]) -> Select[int]:
    return (
        select(entry_cluster.c.entry_id)
        .join(Cluster, Cluster.id == entry_cluster.c.cluster_id)
        .where(Cluster.slug.in_(slugs))
    )


def _has_language(code: str) -> ColumnElement[bool]:
    """Whether there is a title in that language."""
    return (
        select(Translation.id)
        .where(
            Translation.entry_id == Entry.id, Translation.language == code,
            Translation.sort_key != "",
        )
        .exists()
    )  # fmt: skip
