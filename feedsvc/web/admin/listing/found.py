"""Which entries a list of the desk finds, and how many of them are in each state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, select, true
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
FEW = 2_500  # entries that are sooner put in order than found in it


@dataclass(frozen=True)
class Said:
    """A condition in two ways: for who looks for those that meet it, and for who looks at one entry
    after the other along the index of an order.
    """

    found: ColumnElement[bool]
    along: ColumnElement[bool]


def matching(
    session: Session, kind: str, asked: Asked, *, actor: Actor, now: dt.datetime
) -> ColumnElement[bool]:
    """The condition that an entry is of that kind, is seen by the actor, and meets all conditions."""
    return in_state(anywhere(session, kind, asked, actor=actor, now=now).found, asked, now)


def in_state(anywhere: ColumnElement[bool], asked: Asked, now: dt.datetime) -> ColumnElement[bool]:
    """With the state that is asked for."""
    return and_(anywhere, queries.in_state(asked.state, now)) if asked.state else anywhere


def anywhere(session: Session, kind: str, asked: Asked, *, actor: Actor, now: dt.datetime) -> Said:
    """The same in whatever state."""
    same = [Entry.kind == kind, queries.seen_by(actor)]
    if asked.author:
        who = actor.id if asked.author == MINE else int(asked.author)
        same.append(Entry.created_by == who)
    if asked.missing:
        same.append(Entry.languages.not_like(f"% {asked.missing} %"))
    if asked.updated_within is not None:
        same.append(Entry.updated_at > now - dt.timedelta(days=asked.updated_within))
    some = [*_of_calls(session, asked, now)]
    if asked.cluster:
        some.append(_in_clusters(session, asked.cluster))
    if asked.q:
        some.append(_with_words(session, asked.q))
    return Said(
        and_(*same, *(one.found for one in some)), and_(*same, *(one.along for one in some))
    )


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

    def of(self, state: str) -> Counts:
        """All of that state, where each was counted."""
        return replace(self, total=self.by_state[state])

    def narrowed(
        self, anywhere: Callable[[], Said], asked: Asked, now: dt.datetime
    ) -> ColumnElement[bool]:
        """The condition that an entry is wanted, said in the way in which a page of so many is quickly found."""
        if self.few is not None:
            return among(Entry.id, self.few)
        if self.many and asked.state == "withdrawn":
            return and_(anywhere().along, _calculated(Entry.withdrawn_at) <= now)
        return _among_others(anywhere().along, asked, now)


def counts(
    session: Session, asked: Asked, anywhere: Said, *, now: dt.datetime, most: int = MOST
) -> Counts:
    """Of those that meet the other conditions (`anywhere`), each state is counted."""
    ids = _by_state(session, anywhere.found, now, most)
    if sum(map(len, ids.values())) <= most:
        found = ids.get(asked.state, ()) if asked.state else tuple(chain(*ids.values()))
        numbers = {state: len(ids.get(state, ())) for state in STATES}
        return Counts(len(found), numbers, few=found)
    if not asked.state:
        return Counts(most, {}, more=True)
    wanted = _among_others(anywhere.found, asked, now)
    found = _by_state(session, wanted, now, most).get(asked.state, ())
    if len(found) > most:
        return Counts(most, {}, more=True)
    return Counts(len(found), {}, few=found)


def _among_others(
    anywhere: ColumnElement[bool], asked: Asked, now: dt.datetime
) -> ColumnElement[bool]:
    """`in_state` of entries that are found otherwise: most are published, so that looking for those that
    are takes longer than to see of each.
    """
    if asked.state != "published":
        return in_state(anywhere, asked, now)
    return and_(anywhere, queries.stays(now), _calculated(Entry.publish_at) <= now)


def _calculated(time: Any) -> ColumnElement[dt.datetime]:
    """A time that can be looked up in no index, so that another one is read."""
    return func.coalesce(time, time)


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


def _in_clusters(session: Session, slugs: Sequence[str]) -> Said:
    """Clusters are few: PostgreSQL knows how many entries are in each, if it is told which ones."""
    of = entry_cluster.c
    numbers = session.scalars(select(Cluster.id).where(Cluster.slug.in_(slugs))).all()
    ids = select(of.entry_id).where(of.cluster_id.in_(numbers))
    if not _on_sqlite(session):
        return _both(Entry.id.in_(ids))
    return _among(session, ids, ids.where(of.entry_id == Entry.id).exists())


def _of_calls(session: Session, asked: Asked, now: dt.datetime) -> Iterator[Said]:
    """The conditions that only calls can meet."""
    if asked.funder:
        funded = select(call_funder.c.call_id).join(
            Organisation, Organisation.id == call_funder.c.organisation_id
        )
        yield _among(session, funded.where(Organisation.slug.in_(asked.funder)))
    if asked.programme:
        belonging = select(Call.__table__.c.id).join(
            Programme, Programme.id == Call.__table__.c.programme_id
        )
        yield _among(session, belonging.where(Programme.slug.in_(asked.programme)))
    if asked.closes_within is not None:
        closing = select(KeyDate.call_id).where(KeyDate.is_deadline.is_(True))
        ids = closing.where(KeyDate.utc_at > now, KeyDate.utc_at <= asked.until(now))
        said = _among(session, ids)
        yield Said(said.found, true()) if asked.ends_in_order else said


def _with_words(session: Session, q: str) -> Said:
    """PostgreSQL counts the words itself: to look for them takes longer than what it saves.

    But it takes them for few, and would put all that hold them in order.
    """
    ids = index.matching(session, q, in_title=True)
    if _on_sqlite(session):
        return _among(session, ids)
    return Said(Entry.id.in_(ids), index.matches(session, q, Entry.id, in_title=True))


def _among(session: Session, ids: Select[Any], each: ColumnElement[bool] | None = None) -> Said:
    """The condition that an entry is one of these; `each` says the same of one entry.

    Of a few their numbers are said, so that the database knows how many they are. Of many SQLite
    has to find the first page along the index of the order: it does not begin with the ids of which
    it is not told that they are ids
    (https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_).
    PostgreSQL too would rather read a whole index than look for some thousand numbers in its order.
    """
    some = ids.limit(FEW + 1).subquery()
    said = session.scalar(select(func.aggregate_strings(cast(some.c[0], String), " ")))
    known = [int(number) for number in (said or "").split()]
    no_id = Entry.id + 0
    if len(known) <= FEW:
        numbers = among(Entry.id, known)
        return _both(numbers) if _on_sqlite(session) else Said(numbers, among(no_id, known))
    if not _on_sqlite(session):
        return _both(Entry.id.in_(ids))
    return _both(no_id.in_(ids) if each is None else each)


def _both(condition: ColumnElement[bool]) -> Said:
    return Said(condition, condition)


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
