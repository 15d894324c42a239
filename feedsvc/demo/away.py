"""Take the demo content away again: what the demo made, and nothing that somebody else did.

Entries carry their source. Clusters, organisations and programmes have none: the audit log, which
nobody can edit, says who made them. One that somebody's own entries use by now stays.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from feedsvc.auth import audit
from feedsvc.auth.models import History, account_cluster
from feedsvc.auth.rules import Actor
from feedsvc.calls.models import Call, call_funder
from feedsvc.content import publication
from feedsvc.content.clusters import delete_cluster
from feedsvc.content.models import Cluster, Entry, Organisation, Programme, entry_cluster
from feedsvc.content.organisations import delete_organisation, delete_programme
from feedsvc.demo.load import DEMO
from feedsvc.demo.missing import SOURCE
from feedsvc.house.changes import SUBJECT, THE_ONE

CREATED = "created"


@dataclass(frozen=True, kw_only=True)
class Content:
    """How much of it there is."""

    news: int = 0
    calls: int = 0
    clusters: int = 0
    organisations: int = 0
    programmes: int = 0

    def __bool__(self) -> bool:
        return any(astuple(self))


def present(session: Session) -> Content:
    """What would be taken away: names that are used by others' entries are not in it."""
    numbers = select(Entry.kind, func.count().label("number")).where(Entry.source == SOURCE)
    kinds = {row.kind: row.number for row in session.execute(numbers.group_by(Entry.kind))}
    return Content(
        news=kinds.get("news", 0),
        calls=kinds.get("call", 0),
        clusters=len(_unused_clusters(session)),
        organisations=len(_unused_organisations(session)),
        programmes=len(_unused_programmes(session)),
    )


def is_there(session: Session) -> bool:
    """Whether there is an entry of it: what is left then may be in use."""
    return bool(session.scalar(select(exists().where(Entry.source == SOURCE))))


def take_away(session: Session, *, actor: Actor, now: datetime) -> Content:
    """Delete it, for good: published pages answer 410. How much it was."""
    entries = session.execute(select(Entry.id, Entry.kind).where(Entry.source == SOURCE)).all()
    for row in entries:
        publication.delete(session, row.id, actor=actor, now=now)
    session.flush()
    programmes, clusters = _unused_programmes(session), _unused_clusters(session)
    for number in programmes:
        delete_programme(session, number, actor=actor, now=now)
    for number in clusters:
        delete_cluster(session, number, actor=actor, now=now)
    session.flush()
    organisations = _unused_organisations(session)
    for number in organisations:
        delete_organisation(session, number, actor=actor, now=now)
    taken = Content(
        news=sum(row.kind == "news" for row in entries),
        calls=sum(row.kind == "call" for row in entries),
        clusters=len(clusters), organisations=len(organisations), programmes=len(programmes),
    )  # fmt: skip
    if taken:
        audit.record(session, SUBJECT, THE_ONE, "removed", {}, actor=actor, now=now)
    return taken


def _unused_clusters(session: Session) -> list[int]:
    """Not those that others' entries belong to, or that an account was given."""
    theirs = (
        select(entry_cluster.c.cluster_id)
        .join(Entry, Entry.id == entry_cluster.c.entry_id)
        .where(_of_others())
    )
    given = select(account_cluster.c.cluster_id)
    return _ids(
        session,
        _made(Cluster, "cluster").where(Cluster.id.not_in(theirs), Cluster.id.not_in(given)),
    )


def _unused_programmes(session: Session) -> list[int]:
    return _ids(session, _made(Programme, "programme").where(Programme.id.not_in(_programmes())))


def _unused_organisations(session: Session) -> list[int]:
    """Not those that others' calls name, nor owners of programmes that stay."""
    funders = (
        select(call_funder.c.organisation_id)
        .join(Entry, Entry.id == call_funder.c.call_id)
        .where(_of_others())
    )
    going = _made(Programme, "programme").where(Programme.id.not_in(_programmes()))
    owners = select(Programme.owner_id).where(
        Programme.owner_id.is_not(None), Programme.id.not_in(going)
    )
    return _ids(
        session,
        _made(Organisation, "organisation").where(
            Organisation.id.not_in(funders), Organisation.id.not_in(owners)
        ),
    )


def _programmes() -> Select[int | None]:
    """Those of others' calls."""
    return select(Call.programme_id).where(Call.programme_id.is_not(None), _of_others())


def _of_others() -> ColumnElement[bool]:
    return Entry.source.is_distinct_from(SOURCE)


def _made(model: type[Cluster] | type[Organisation] | type[Programme], subject: str) -> Select[int]:
    """Those that the demo made: by the last row that says so, as SQLite uses a number again."""
    later = aliased(History)
    made = select(History.subject_id).where(
        History.subject == subject,
        History.act == CREATED,
        History.actor_id.is_(None),
        History.actor_name == DEMO.name,
        ~exists().where(
            and_(
                later.subject == subject,
                later.act == CREATED,
                later.subject_id == History.subject_id,
                later.id > History.id,
            )
        ),
    )
    return select(model.id).where(model.id.in_(made))


def _ids(session: Session, query: Select[int]) -> list[int]:
    return list(session.scalars(query))
