"""Which entries a list of the desk finds, and how many of them are in each state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, select
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
    entry_cluster,
)
from feedsvc.search import index
from feedsvc.statements import among

MOST = 1_000  # entries that are counted
FEW = 2_000  # entries that are sooner put in order than found in it


def matching(
    session: Session, kind: str, asked: Asked, *, actor: Actor, now: dt.datetime
) -> ColumnElement[bool]:
    """The condition that an entry is of that kind, is seen by the actor, and meets all conditions."""
    return in_state(anywhere(session, kind, asked, actor=actor, now=now), asked, now)


def in_state(anywhere: ColumnElement[bool], asked: Asked, now: dt.datetime) -> ColumnElement[bool]:
    """With the state that is asked for."""
    return and_(anywhere, queries.in_state(asked.state, now)) if asked.state else anywhere


def anywhere(
    session: Session, kind: str, asked: Asked, *, actor: Actor, now: dt.datetime
) -> ColumnElement[bool]:
    """The same in whatever state."""
    conditions = [Entry.kind == kind, queries.seen_by(actor), *_of_calls(session, asked, now)]
    if asked.cluster:
        ids = select(entry_cluster.c.entry_id).where(
            entry_cluster.c.cluster_id.in_(
                select(Cluster.id).where(Cluster.slug.in_(asked.cluster))
            )
        )
        each = ids.where(entry_cluster.c.entry_id == Entry.id).exists()
        conditions.append(_among(session, ids, each))
    if asked.author:
        who = actor.id if asked.author == MINE else int(asked.author)
        conditions.append(Entry.created_by == who)
    if asked.missing:
        conditions.append(Entry.languages.not_like(f"% {asked.missing} %"))
    if asked.updated_within is not None:
        conditions.append(Entry.updated_at > now - dt.timedelta(days=asked.updated_within))
    if asked.q:
        conditions.append(_among(session, index.matching(session, asked.q, in_title=True)))
    return and_(*conditions)


@dataclass(frozen=True)
class Counts:
    """How many entries match, and how many there are in each state.

    Beyond MOST nobody counts on: then there are `more`. The states have no numbers where those that
    meet the other conditions are too many. `few` are all that match where they had to be found to
    be counted: a page of them need not be looked for among all entries.
    """

    total: int
    by_state: Mapping[str, int]
    more: bool = False
    few: tuple[int, ...] | None = field(default=None, compare=False)

    @property
    def many(self) -> bool:
        """Whether a page is sooner found along the index of its order than put in order."""
        return self.more or self.total > MOST

    def narrowed(
        self, anywhere: ColumnElement[bool], asked: Asked, now: dt.datetime
    ) -> ColumnElement[bool]:
        """The condition that an entry is wanted, said in the way in which a page of so many is quickly found."""
        if self.few is not None:
            return among(Entry.id, self.few)
        if self.many and asked.state == "withdrawn":
            # A time that is calculated can be looked up in no index: that of the order is read.
            taken_away = func.coalesce(Entry.withdrawn_at, Entry.withdrawn_at)
            return and_(anywhere, taken_away <= now)
        return in_state(anywhere, asked, now)


def counts(
    session: Session,
    asked: Asked,
    anywhere: ColumnElement[bool],
    *,
    now: dt.datetime,
    most: int = MOST,
) -> Counts:
    """Of those that meet the other conditions (`anywhere`), each state is counted."""
    ids = _by_state(session, anywhere, now, most)
    if sum(map(len, ids.values())) <= most:
        found = ids.get(asked.state, ()) if asked.state else tuple(chain(*ids.values()))
        numbers = {state: len(ids.get(state, ())) for state in STATES}
        return Counts(len(found), numbers, few=found)
    if not asked.state:
        return Counts(most, {}, more=True)
    found = _by_state(session, in_state(anywhere, asked, now), now, most).get(asked.state, ())
    if len(found) > most:
        return Counts(most, {}, more=True)
    return Counts(len(found), {}, few=found)


def _by_state(
    session: Session, wanted: ColumnElement[bool], now: dt.datetime, most: int
) -> dict[str, tuple[int, ...]]:
    """By their states so many of them and one more, whichever these are."""
    some = select(Entry.id, queries.state(now).label("state")).where(wanted).limit(most + 1)
    found = some.subquery().c
    ids = func.aggregate_strings(cast(found.id, String), " ")
    rows = session.execute(select(found.state, ids).group_by(found.state))
    return {state: tuple(map(int, numbers.split())) for state, numbers in rows}


def of_all(session: Session, kind: str, now: dt.datetime) -> dict[str, int]:
    """Of all entries of a kind, by state. Each number is that of a stretch of an index: no row is looked at.

    What was withdrawn was public before, so that the public ones are the difference.
    """
    of_kind, number = Entry.kind == kind, func.count()
    unseen = dict(
        session.execute(
            select(Entry.review, number)
            .where(of_kind, Entry.publish_at.is_(None))
            .group_by(Entry.review)
        ).all()
    )
    conditions = (
        Entry.publish_at <= now, queries.in_state("scheduled", now),
        queries.in_state("withdrawn", now),
    )  # fmt: skip
    columns = [select(number).where(of_kind, one).scalar_subquery() for one in conditions]
    seen, scheduled, withdrawn = session.execute(select(*columns)).one()
    return {
        **{state: unseen.get(review, 0) for state, review in queries.UNSEEN.items()},
        "scheduled": scheduled,
        "published": seen - withdrawn,
        "withdrawn": withdrawn,
    }


def _of_calls(session: Session, asked: Asked, now: dt.datetime) -> list[ColumnElement[bool]]:
    """The conditions that only calls can meet."""
    conditions: list[ColumnElement[bool]] = []
    if asked.funder:
        funded = select(call_funder.c.call_id).join(
            Organisation, Organisation.id == call_funder.c.organisation_id
        )
        conditions.append(_among(session, funded.where(Organisation.slug.in_(asked.funder))))
    if asked.programme:
        belonging = select(Call.__table__.c.id).join(
            Programme, Programme.id == Call.__table__.c.programme_id
        )
        conditions.append(_among(session, belonging.where(Programme.slug.in_(asked.programme))))
    if asked.closes_within is not None:
        until = now + dt.timedelta(days=asked.closes_within)
        closing = select(KeyDate.call_id).where(
            KeyDate.is_deadline.is_(True), KeyDate.utc_at > now, KeyDate.utc_at <= until
        )
        conditions.append(_among(session, closing))
    return conditions


def _among(
    session: Session, ids: Select[Any], each: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """The condition that an entry is one of these; `each` says the same of one entry.

    SQLite would look up each of them and then put them in order, which is right for a few. Of many
    it has to find the first page along the index of the order: it does not begin with the ids of
    which it is not told that they are ids
    (https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_).
    """
    if session.get_bind().dialect.name == "sqlite":
        some = ids.limit(FEW + 1).subquery()
        if (session.scalar(select(func.count()).select_from(some)) or 0) > FEW:
            return (Entry.id + 0).in_(ids) if each is None else each
    return Entry.id.in_(ids)
